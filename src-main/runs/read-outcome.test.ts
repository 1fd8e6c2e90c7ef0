import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Usage } from '#contract/usage';
import type { UpstreamTerminal } from '../gateway/upstream-event.ts';
import { AbortReason, failureOf } from '../platform/app-failure.ts';
import { type AnswerRead, isNothingLeftRunning, outcomeOfEnd } from './read-outcome.ts';

const NO_FIGURES: Usage = {
  input_tokens: null,
  output_tokens: null,
  total_tokens: null,
  cache_read_tokens: null,
  cache_write_tokens: null,
  reasoning_tokens: null,
};
const USAGE: Usage = { ...NO_FIGURES, input_tokens: 7, output_tokens: 3 };
const LATER: Usage = { ...NO_FIGURES, input_tokens: 7, output_tokens: 5 };
const NOTHING: AnswerRead = { hasText: false, hasTools: false, answer: '', usage: null, unreadable: 0 };
const ERROR = failureOf('upstream_lost', { word: 'ended_without_word' }).toAppError();

const completed = (output: string | null, usage: Usage | null = null): UpstreamTerminal => ({
  type: 'completed',
  output,
  finishReason: 'stop',
  usage,
});

describe('what an upstream’s last word makes of a run', () => {
  it('closing text is the answer where none was streamed, and what was streamed otherwise', () => {
    expect(outcomeOfEnd(completed('whole'), NOTHING, null)).toMatchObject({ output: 'whole', hasText: false });
    const streamed = { ...NOTHING, hasText: true, answer: 'streamed' };
    expect(outcomeOfEnd(completed(null), streamed, null)).toMatchObject({ output: 'streamed', hasText: true });
  });

  test.each([null, '', ' \n'])('an answer of %j, with neither text nor tools, is a failure', (output) => {
    expect(outcomeOfEnd(completed(output, USAGE), NOTHING, null)).toMatchObject({
      kind: 'failed',
      error: { code: 'upstream_empty_answer' },
      usage: USAGE,
    });
  });

  it('an answer that only called tools is none', () => {
    expect(outcomeOfEnd(completed(null), { ...NOTHING, hasTools: true }, null).kind).toBe('completed');
  });

  it('parts that could not be read are counted, and not mentioned where there were none', () => {
    const read = { ...NOTHING, hasText: true };
    expect(outcomeOfEnd(completed(null), { ...read, unreadable: 2 }, null)).toMatchObject({ unreadable: 2 });
    expect(outcomeOfEnd(completed(null), read, null)).not.toHaveProperty('unreadable');
  });

  it('figures of the end go before those of the way, whatever ended it', () => {
    const ends: UpstreamTerminal[] = [
      completed('x', LATER),
      { type: 'failed', error: ERROR, usage: LATER },
      { type: 'cancelled', usage: LATER },
    ];
    for (const end of ends) {
      for (const stop of [null, { isSynced: true }]) {
        expect(outcomeOfEnd(end, { ...NOTHING, usage: USAGE }, stop).usage).toBe(LATER);
        expect(outcomeOfEnd({ ...end, usage: null }, { ...NOTHING, usage: USAGE }, stop).usage).toBe(USAGE);
      }
    }
  });

  it('[E4-02] after a stop every end is stopped, and as certain as the stop was', () => {
    const end = fc.constantFrom<UpstreamTerminal>(
      completed(null),
      completed('x'),
      { type: 'failed', error: ERROR, usage: null },
      { type: 'cancelled', usage: null },
    );
    fc.assert(
      fc.property(end, fc.boolean(), fc.boolean(), fc.boolean(), (each, hasText, hasTools, isSynced) => {
        const outcome = outcomeOfEnd(each, { ...NOTHING, hasText, hasTools }, { isSynced });
        const output = each.type === 'completed' && !hasText ? each.output : null;
        expect(outcome).toEqual({ kind: 'stopped', synced: isSynced, usage: null, output });
      }),
    );
  });
});

describe('[E4-02] whether anything still runs, after a stopped run threw', () => {
  const status = (code: number) =>
    failureOf('upstream_rejected', { word: 'ended_without_word' }, { details: { status: code } });
  const table: [string, Parameters<typeof isNothingLeftRunning>[0], unknown, boolean][] = [
    ['nobody was called', null, new AbortReason('grace-over'), true],
    ['it died with its connection', 'close-socket', new AbortReason('grace-over'), true],
    ['the upstream said that it is gone', 'stop-request', new AbortReason('user'), true],
    ['the grace was over', 'stop-request', new AbortReason('grace-over'), false],
    ['the process ends', 'stop-request', new AbortReason('shutdown'), false],
    ['the request was refused', 'stop-request', status(404), true],
    ['a refusal is the last status that says so', 'stop-request', status(499), true],
    ['the upstream broke', 'stop-request', status(500), false],
    ['it moved away', 'stop-request', status(399), false],
    ['nobody knows why', 'stop-request', new Error('broken'), false],
  ];
  test.each(table)('%s', (_about, style, thrown, isOver) => {
    expect(isNothingLeftRunning(style, thrown)).toBe(isOver);
  });
});
