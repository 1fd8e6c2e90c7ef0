import { describe, expect, it } from 'vitest';
import type { Usage } from '#contract/usage';
import type { UpstreamEvent } from '../gateway/upstream-event.ts';
import { type ManualCore, manualCore, said } from '../testing/manual-core.ts';

const usage = (input: number | null, output: number | null): Usage => ({
  input_tokens: input,
  output_tokens: output,
  total_tokens: null,
  cache_read_tokens: null,
  cache_write_tokens: null,
  reasoning_tokens: null,
});
const doneWith = (reported: Usage | null): UpstreamEvent => ({
  type: 'completed',
  output: null,
  finishReason: 'stop',
  usage: reported,
});

async function answer(core: ManualCore, ...events: UpstreamEvent[]): Promise<void> {
  await core.runs.submit({ sessionId: 's', input: 'ask' }, null);
  await core.settle();
  core.calls.at(-1)?.push(...events);
  await core.settle();
}

const told = (core: ManualCore) =>
  core.events.flatMap((event) => {
    if (event.event !== 'usage.updated') return [];
    return [[event.inputTokens, event.outputTokens, event.contextTokens, event.source]];
  });

describe('tokens of a conversation', () => {
  it('[E7-17] [E5-01] add up over its answers, are told before each end, and are there for who comes later', async () => {
    const core = await manualCore();
    await answer(core, said('a'), doneWith(usage(100, 10)));
    await answer(core, said('b'), doneWith(usage(150, 20)));
    expect(told(core)).toEqual([
      [100, 10, 110, 'provider'],
      [250, 30, 170, 'provider'],
    ]);
    expect(core.names().slice(-2)).toEqual(['usage.updated', 'run.completed']);
    const figures = { inputTokens: 250, outputTokens: 30, contextTokens: 170 };
    expect(core.runs.snapshot('s')).toMatchObject(figures);
    const again = await core.reopen();
    expect(again.runs.snapshot('s')).toMatchObject(figures);
  });

  it('[E7-17] what an upstream reports in mid-answer is told while it goes on, once, and not what comes with its end', async () => {
    const core = await manualCore();
    await answer(core, { type: 'usage', usage: usage(100, 1) }, said('a'), said('b'));
    expect(told(core)).toEqual([[100, 1, 101, 'provider']]);
    expect(core.runs.snapshot('s')).toMatchObject({ isWorking: true, inputTokens: 100 });
    core.calls.at(-1)?.push({ type: 'usage', usage: usage(100, 9) }, doneWith(null));
    await core.settle();
    expect(told(core).slice(1)).toEqual([[100, 9, 109, 'provider']]);
  });

  it('[E7-17] without a report the figures are estimates, and one estimate makes the sums estimates', async () => {
    const core = await manualCore();
    await answer(core, said('a'), doneWith(usage(100, 10)));
    await answer(core, said('four words are here'), doneWith(null));
    const [, [input, output, context, source] = []] = told(core);
    expect(source).toBe('estimate');
    expect(input).toBeGreaterThan(100);
    expect(output).toBeGreaterThan(10);
    expect(context).toBeGreaterThan(0);
  });

  it('[E7-17] an agent that asks its model several times tells what it spent, and no context', async () => {
    const core = await manualCore({ style: 'stop-request' });
    await answer(core, said('a'), doneWith(usage(9000, 10)));
    expect(told(core)).toEqual([[9000, 10, null, 'provider']]);
  });

  it('[E7-17] [E8-10] what was taken back stays spent', async () => {
    const core = await manualCore();
    await answer(core, said('a'), doneWith(usage(100, 10)));
    const runId = core.store.messages.newestRunId('s') ?? '';
    await core.runs.rollBack('s', runId);
    expect(core.runs.snapshot('s')).toMatchObject({ messages: [], inputTokens: 100, outputTokens: 10 });
  });
});
