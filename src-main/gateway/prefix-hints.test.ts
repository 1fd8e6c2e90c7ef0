import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '#contract/settings';
import { compareFingerprints, fingerprintOf, minTokensOf, type PrefixSource } from './prefix-fingerprint.ts';
import { PrefixHints } from './prefix-hints.ts';
import type { UpstreamRequest } from './upstream-adapter.ts';

const NOW_MS = 1_800_000_000_000;
const source = (fields: Partial<PrefixSource> = {}): PrefixSource => ({
  model: 'm',
  toolChoice: 'auto',
  tools: [{ name: 'read', parameters: { type: 'object' } }],
  system: 'Be brief.',
  messages: [
    { role: 'user', content: 'one' },
    { role: 'assistant', content: 'two' },
    { role: 'user', content: 'three' },
  ],
  ...fields,
});
const count = (text: string) => text.length;
const compare = (before: PrefixSource, now: PrefixSource, minTokens = 0) =>
  compareFingerprints(fingerprintOf(before, count), fingerprintOf(now, count), minTokens);

describe('[E10-29] where a prompt changed', () => {
  test.each<[string, Partial<PrefixSource>, string, number | null]>([
    ['another model', { model: 'n' }, 'model', null],
    ['another choice of tools', { toolChoice: 'none' }, 'tool_choice', null],
    ['another tool', { tools: [{ name: 'write' }] }, 'tools', null],
    ['other instructions', { system: 'Be long.' }, 'system', null],
    [
      'another first message',
      { messages: [{ role: 'user', content: 'ONE' }, ...source().messages.slice(1)] },
      'message',
      1,
    ],
    [
      'another last message',
      { messages: [...source().messages.slice(0, 2), { role: 'user', content: 'no' }] },
      'message',
      3,
    ],
  ])('%s is named, and nothing behind it counts as shared', (_, fields, part, number) => {
    const { state, changed, sharedTokens } = compare(source(), source(fields));
    expect([state, changed]).toEqual(['changed', { part, number }]);
    const before = fingerprintOf(source(), count).breakpoints;
    const at = before.findIndex((each) => each.part === part && each.number === number);
    expect(sharedTokens).toBe(at < 1 ? 0 : before[at - 1]?.tokens);
  });

  test('another choice of tools is another prelude', () => {
    const prelude = (toolChoice: unknown) => fingerprintOf(source({ toolChoice }), count).prelude;
    expect(prelude('auto')).not.toBe(prelude('none'));
    expect(prelude({ type: 'tool', name: 'a' })).toBe(prelude({ name: 'a', type: 'tool' }));
  });

  test('a longer conversation shares all of the earlier one; markers of a cache are no content', () => {
    const longer = source({ messages: [...source().messages, { role: 'assistant', content: 'four' }] });
    expect(compare(source(), longer)).toMatchObject({
      state: 'same',
      sharedTokens: fingerprintOf(source(), count).totalTokens,
    });
    const marked = source({
      messages: source().messages.map((message) => ({
        ...(message as object),
        cache_control: { type: 'ephemeral', ttl: '1h' },
      })),
    });
    expect(compare(source(), marked)).toMatchObject({ state: 'same' });
  });

  test('parts cannot run into each other: what moves over a border is a change', () => {
    const texts = fc.array(fc.string(), { maxLength: 5 });
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const of = (messages: string[]) => fingerprintOf(source({ messages }), count);
        const isSame = JSON.stringify(a) === JSON.stringify(b);
        expect(of(a).breakpoints.at(-1)?.digest === of(b).breakpoints.at(-1)?.digest).toBe(isSame);
      }),
    );
  });

  test('below the shortest prefix nothing is shared', () => {
    const total = fingerprintOf(source(), count).totalTokens;
    expect(compare(source(), source(), total + 1)).toEqual({ state: 'short', sharedTokens: 0, changed: null });
    const other = source({ messages: [{ role: 'user', content: 'x' }] });
    expect(compare(source(), other, fingerprintOf(other, count).totalTokens).sharedTokens).toBe(0);
    expect([
      minTokensOf('claude-opus-4'),
      minTokensOf('claude-haiku-4'),
      minTokensOf('gpt-5'),
      minTokensOf(null),
    ]).toEqual([4096, 4096, 1024, 1024]);
  });
});

const request = (fields: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  runId: 'r',
  sessionId: 's',
  model: 'm',
  instructions: 'word '.repeat(2000),
  history: [],
  input: { content: 'hello' },
  parameters: {},
  ...fields,
});
const record = { profile: 'work', profileId: 'p', model: 'm', startedAtMs: NOW_MS };

describe('[E10-29] hints', () => {
  const open = () => {
    const settings = { ...DEFAULT_SETTINGS, prefixHintsEnabled: true };
    return { settings, hints: new PrefixHints(() => settings) };
  };
  const states = (hints: PrefixHints) => hints.list().map(({ state }) => state);

  test('each names itself an estimate; a prefix is compared within its time only', () => {
    const { settings, hints } = open();
    hints.answered(request(), record);
    hints.answered(request(), { ...record, startedAtMs: NOW_MS + 300_000 });
    hints.answered(request({ instructions: 'other '.repeat(2000) }), { ...record, startedAtMs: NOW_MS + 300_001 });
    hints.answered(request(), { ...record, startedAtMs: NOW_MS + 700_000 });
    expect(states(hints)).toEqual(['expired', 'changed', 'same', 'first']);
    expect(hints.list().every(({ isEstimate }) => isEstimate)).toBe(true);
    // An hour holds at once.
    settings.prefixTtlMs = 3_600_000;
    hints.answered(request(), { ...record, startedAtMs: NOW_MS + 1_400_000 });
    expect(states(hints)[0]).toBe('same');
  });

  test('[BUG-D12] conversations are told apart by their own id and provider, and by nothing else in a request', () => {
    const { hints } = open();
    hints.answered(request(), record);
    hints.answered(request({ sessionId: 't' }), record);
    hints.answered(request(), { ...record, profileId: 'q' });
    expect(states(hints)).toEqual(['first', 'first', 'first']);
    hints.answered(request({ runId: 'another', provider: 'somebody' }), record);
    expect(states(hints)[0]).toBe('same');
    hints.answered(request({ sessionId: null }), record);
    expect(hints.list()).toHaveLength(4);
  });

  test('what is remembered is bounded, the least recently used goes first; off forgets all at once', () => {
    const { settings, hints } = open();
    settings.prefixCapacity = 2;
    for (const sessionId of ['a', 'b', 'a', 'c']) hints.answered(request({ sessionId }), record);
    hints.answered(request({ sessionId: 'a' }), record);
    hints.answered(request({ sessionId: 'b' }), record);
    expect(states(hints).slice(0, 2)).toEqual(['first', 'same']);
    settings.prefixHintsEnabled = false;
    hints.settingsChanged();
    expect(hints.list()).toEqual([]);
    hints.answered(request(), record);
    expect(hints.list()).toEqual([]);
  });
});

test('[E10-28] [E10-29] there is no way from an estimate of a prefix to a figure of usage: nobody but its own page reads it', () => {
  const root = join(import.meta.dirname, '..');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  const naming = files.filter((name) =>
    /prefix-(hints|fingerprint)\.ts'|PrefixHint\b/.test(readFileSync(join(root, name), 'utf8')),
  );
  expect(naming.sort()).toEqual([
    'compose.ts',
    'gateway/prefix-fingerprint.ts',
    'gateway/prefix-hints.ts',
    'ipc/handlers/prefix-handlers.ts',
    'wiring/compose-handlers.ts',
  ]);
  // And it reads no usage: neither its types nor the ledger.
  for (const name of ['prefix-fingerprint.ts', 'prefix-hints.ts']) {
    const text = readFileSync(join(import.meta.dirname, name), 'utf8').replaceAll(/\/\*\*[^]*?\*\/|\/\/.*/g, '');
    expect(text).not.toMatch(/#contract\/usage|\.\.\/usage|\busage:|\.usage\b/);
  }
  const named = (file: string) => readFileSync(join(root, file), 'utf8').match(/prefixHints\b[^;\n]*/g);
  expect(named('compose.ts')).toEqual([
    expect.stringContaining('= new PrefixHints('),
    expect.stringContaining('.answered('),
    'prefixHints,',
    expect.stringContaining('.settingsChanged('),
  ]);
  // What the page may ask for is handed on to its own handlers and to nothing else.
  expect(named('wiring/compose-handlers.ts')).toEqual([
    'prefixHints: PrefixHints',
    expect.stringMatching(/^prefixHints, .*\} = parts$/),
    'prefixHints),',
  ]);
});
