import { describe, expect, it } from 'vitest';
import type { HistoryMessage } from '../gateway/upstream-adapter.ts';
import { done, manualCore, said } from '../testing/manual-core.ts';
import type { ManualCall } from '../testing/manual-upstream.ts';
import type { ContextPorts } from './context-meter.ts';

const TURNS = 200;
const WINDOW = 4000;
const THRESHOLD = WINDOW / 2;
const FACTS = 20;

const countWords = (text: string) => text.split(/\s+/).filter((word) => word !== '').length;

/** A token a word, in a window of 4,000. */
const context: ContextPorts = {
  countTokens: (texts) => Promise.resolve(texts.map(countWords)),
  fileTokens: () => Promise.resolve(0),
  windowOf: () => Promise.resolve({ tokens: WINDOW, source: 'known' }),
};

const words = (count: number, word: string) => Array.from({ length: count }, () => word).join(' ');
const fact = (number: number) => `FACT-${number}: valve ${number} opens at ${number * 7} bar.`;
const factsIn = (text: string) => new Set([...text.matchAll(/FACT-(\d+): valve/g)].map((found) => Number(found[1])));

/** Texts that a careless hand would change: blanks, line ends, marks, other scripts, what looks like Markdown. */
const PINNED = new Map([
  [3, '  PINNED “a”:\r\n\ttabs,  two blanks and an end with one. '],
  [63, 'PINNED b: 日本語と 👩🏽‍🚀, e\u0301 is not é; <summary>not a summary</summary>'],
  [125, 'PINNED c:\n\n```sh\nrm -rf "$(pwd)"   # not really\n```\n\n'],
]);

function isSummaryCall({ request }: ManualCall): boolean {
  return request !== null && request.sessionId === null && request.history.length === 0;
}

/** What a faithful summariser writes: every fact that it read, in as few words as that takes. */
function faithful(prompt: string): string {
  const facts = [...factsIn(prompt)].sort((a, b) => a - b).map(fact);
  return ['## Active Task', 'None.', '## Critical Context', ...facts].join('\n');
}

const textOf = (messages: readonly HistoryMessage[]) => messages.map(({ content }) => content).join('\n');

describe('a conversation of 200 turns in a small window', () => {
  it('[E7-01] [E7-04] [E7-06] [E7-08] [BUG-A7] [BUG-A14] forgets no fact, changes no pinned text, asks once a trigger and never asks for too much', async () => {
    const core = await manualCore({ context, settings: { compressionEnabled: true, systemPrompt: '' } });
    const planted = new Map<number, number>();
    const summaries: string[] = [];
    let before: readonly HistoryMessage[] | null = null;
    let summarisedSince = false;
    let requests = 0;

    for (let turn = 1; turn <= TURNS; turn++) {
      const factNumber = turn % (TURNS / FACTS) === 0 ? turn / (TURNS / FACTS) : null;
      if (factNumber !== null) planted.set(factNumber, turn);
      const input =
        PINNED.get(turn) ?? `Turn ${turn}. ${factNumber === null ? '' : fact(factNumber)} ${words(30, 'q')}`;
      await core.runs.submit({ sessionId: 's', input }, null);
      await core.settle();

      for (let asked = 0; isSummaryCall(core.calls.at(-1) as ManualCall); asked++) {
        expect(asked, `turn ${turn}: more than one summary`).toBe(0);
        const prompt = core.calls.at(-1)?.input ?? '';
        summaries.push(prompt);
        core.calls.at(-1)?.push(said(faithful(prompt)), done);
        summarisedSince = true;
        await core.settle();
      }

      const call = core.calls.at(-1);
      const history = call?.request?.history ?? [];
      requests++;
      // Within the budget: everything that is sent, the new message included.
      const tokens = countWords(textOf(history)) + countWords(call?.input ?? '');
      expect(tokens, `turn ${turn}`).toBeLessThanOrEqual(THRESHOLD);
      // Word for word: what is pinned stands in every later request, to the byte.
      for (const [at, text] of PINNED) {
        if (at < turn)
          expect(
            history.filter(({ content }) => content === text),
            `turn ${turn}`,
          ).toHaveLength(1);
      }
      // Every fact of the past is in the request: in its own words or in the summary's.
      const known = factsIn(`${textOf(history)}\n${call?.input ?? ''}`);
      for (const [number, at] of planted) expect(known.has(number), `fact of turn ${at} at turn ${turn}`).toBe(true);
      // Between two summaries the request only grows at its end, so that the provider's cache holds.
      if (before !== null && !summarisedSince) expect(history.slice(0, before.length)).toEqual(before);
      before = history;
      summarisedSince = false;

      call?.push(said(`Answer ${turn}. ${words(30, 'a')}`), done);
      await core.settle();
      if (PINNED.has(turn)) {
        const row = core.store.messages.all('s').findLast(({ role }) => role === 'user');
        await core.runs.compactions.pin('s', row?.id ?? '', true);
      }
    }

    expect(requests).toBe(TURNS);
    expect(planted.size).toBe(FACTS);
    const started = core.names().filter((name) => name === 'compression.started').length;
    const completed = core.events.filter((event) => event.event === 'compression.completed');
    expect(started).toBe(summaries.length);
    expect(completed.map(({ llmCompressed }) => llmCompressed)).toEqual(summaries.map(() => true));
    // Some 62 words a turn against 2,000: a summary every twenty turns or so, not one each turn.
    expect(summaries.length).toBeGreaterThan(5);
    expect(summaries.length).toBeLessThan(TURNS / 8);
    // What a summary once knew reaches every later one.
    let known = new Set<number>();
    for (const prompt of summaries) {
      const now = factsIn(prompt);
      for (const number of known) expect(now.has(number), `fact ${number}`).toBe(true);
      known = now;
    }
    // Pinned texts are sent and never summarised, and nothing was deleted.
    for (const prompt of summaries) expect(prompt).not.toContain('PINNED');
    const rows = core.store.messages.all('s');
    expect(rows).toHaveLength(2 * TURNS);
    for (const [at, text] of PINNED) expect(rows[2 * (at - 1)]?.content).toBe(text);
  }, 60_000);
});
