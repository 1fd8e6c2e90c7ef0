import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UsageCall } from '#contract/usage-report';
import { type JournalEntry, journalLine, readJournals } from './journal-lines.ts';
import { anyCall } from './testing/any-call.ts';

const entry = (kind: 'open' | 'ended', call: UsageCall): JournalEntry => ({ kind, call });
const text = (...entries: JournalEntry[]) => entries.map(journalLine).join('');
const call = (id: string): UsageCall => ({ ...fc.sample(anyCall, { numRuns: 1, seed: 7 })[0], id }) as UsageCall;

describe('lines of the journal', () => {
  it('[decision 31] carry every field of every call, whatever stands in its names', () => {
    fc.assert(
      fc.property(anyCall, fc.constantFrom('open' as const, 'ended' as const), (one, kind) => {
        const { owed, unreadable } = readJournals([text(entry(kind, one))]);
        expect(unreadable).toBe(0);
        expect(owed).toEqual([{ kind, call: { ...one, clientId: one.clientId ?? null } }]);
      }),
    );
  });

  it('[decision 31] an end is the last word, in whichever file it stands', () => {
    const draft = call('a');
    const ended = { ...draft, outputTokens: 5 };
    for (const texts of [
      [text(entry('open', draft), entry('ended', ended))],
      [text(entry('ended', ended)), text(entry('open', draft))],
      [text(entry('open', draft)), text(entry('ended', ended))],
    ]) {
      expect(readJournals(texts).owed).toMatchObject([{ kind: 'ended', call: { id: 'a', outputTokens: 5 } }]);
    }
  });

  it('what never left is not owed, and what ended is, also where it was dropped before', () => {
    const open = entry('open', call('a'));
    expect(readJournals([text(open, { kind: 'dropped', id: 'a' })]).owed).toEqual([]);
    expect(readJournals([text({ kind: 'dropped', id: 'a' }, entry('ended', call('a')))]).owed).toHaveLength(1);
  });

  it('a line that broke off, or is of another version, costs its neighbours nothing', () => {
    const good = text(entry('ended', call('a')));
    for (const bad of [
      good.slice(0, good.length / 2),
      '[2,"e",[],null]',
      '[1,"e",["a"],null]',
      '{}',
      'null',
      '\0\0\0',
    ]) {
      const { owed, unreadable } = readJournals([`${bad}\n${text(entry('ended', call('b')))}`]);
      expect(unreadable, bad).toBe(1);
      expect(owed.map((each) => each.call.id)).toEqual(['b']);
    }
  });
});
