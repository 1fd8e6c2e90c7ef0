import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { PriceSnapshot } from '#contract/usage-report';
import { AppFailure } from '../platform/app-failure.ts';
import { createUsageQueries } from '../store/usage-queries.ts';
import { done, type ManualCore, manualCore, said } from '../testing/manual-core.ts';
import type { ContextPorts } from './context-meter.ts';

const price: PriceSnapshot = {
  currency: 'USD',
  from: 'override',
  entry: '*',
  tiers: [
    {
      aboveTokens: 0,
      input: 1,
      output: 10,
      cacheRead: null,
      cacheWrite: null,
      cacheWrite1h: null,
      reasoning: null,
      request: null,
    },
  ],
};
const usage = (input: number, output: number) => ({
  input_tokens: input,
  output_tokens: output,
  total_tokens: input + output,
  cache_read_tokens: null,
  cache_write_tokens: null,
  reasoning_tokens: null,
});
const priced = { priceOf: () => price };
const booked = (core: ManualCore) =>
  createUsageQueries(core.store.db).usageCalls({ limit: 100, beforeNumber: null }).reverse();
const openCalls = (core: ManualCore) =>
  core.store.db.prepare('select count(*) from usage_open_calls').pluck().get() as number;

async function begin(core: ManualCore, input = 'a'): Promise<void> {
  await core.runs.submit({ sessionId: 's', input, model: 'm' }, null);
  await core.settle();
}

describe('the calls of a run', () => {
  it('[E7-15] [decision 31] are one row each, booked with the end of the run', async () => {
    const core = await manualCore(priced);
    await begin(core);
    core.calls[0]?.push(said('Hello'), { ...done, usage: usage(100, 5) } as typeof done);
    await core.settle();
    const [run] = core.store.runs.list('s', 1);
    expect(booked(core)).toMatchObject([
      {
        runId: run?.id,
        sessionId: 's',
        profile: 'demo',
        model: 'm',
        caller: 'lead_agent',
        purpose: 'chat',
        outcome: 'completed',
        source: 'provider',
        inputTokens: 100,
        outputTokens: 5,
        cacheReadTokens: null,
        costPicos: '150',
      },
    ]);
    expect(openCalls(core)).toBe(0);
  });

  it('[BUG-C12] [E8-22] a failed one is counted, with what it had said', async () => {
    const core = await manualCore(priced);
    await begin(core);
    const error = { code: 'upstream_lost' as const, message: 'cut', retry: { kind: 'no' as const } };
    core.calls[0]?.push(said('x'.repeat(40)), { type: 'failed', error, usage: null });
    await core.settle();
    expect(booked(core)).toMatchObject([{ outcome: 'failed', source: 'estimate', outputTokens: 10 }]);
  });

  it('[BUG-C12] [E8-22] a stopped one is counted, estimated where the provider said nothing', async () => {
    const core = await manualCore(priced);
    await begin(core);
    core.calls[0]?.push(said('x'.repeat(40)), { type: 'usage', usage: usage(70, 1) });
    await core.settle();
    void core.runs.abort('s');
    await core.settle();
    core.clock.advance(50);
    await core.settle();
    expect(booked(core)).toMatchObject([
      {
        outcome: 'stopped',
        source: 'estimate',
        inputSource: 'provider',
        outputSource: 'estimate',
        inputTokens: 70,
        outputTokens: 10,
      },
    ]);
  });

  it('[decision 31] an error in place of an answer is a request and no bill; after a word of it, it is billed', async () => {
    const core = await manualCore(priced);
    const error = { code: 'upstream_overloaded' as const, message: 'busy', retry: { kind: 'no' as const } };
    await begin(core);
    core.calls[0]?.push({ type: 'failed', error, usage: null });
    await core.settle();
    await begin(core, 'b');
    core.calls[1]?.push(said('A word.'), { type: 'failed', error, usage: null });
    await core.settle();
    expect(booked(core)).toMatchObject([
      { outcome: 'refused', billable: false, costPicos: null },
      { outcome: 'failed', billable: true, source: 'estimate' },
    ]);
  });

  it('[E7-15] what was spent outlives a rollback and the conversation', async () => {
    const core = await manualCore(priced);
    await begin(core);
    core.calls[0]?.push(said('Hello'), { ...done, usage: usage(100, 5) } as typeof done);
    await core.settle();
    const before = booked(core);
    await core.runs.rollBack('s', core.store.runs.list('s', 1)[0]?.id ?? '');
    expect(booked(core)).toEqual(before);
    await core.runs.deleteSession('s');
    expect(booked(core)).toEqual(before);
    const { sums } = createUsageQueries(core.store.db).usageOfSession({ sessionId: 's' });
    expect(sums.map((one) => one.costPicos)).toEqual([150n]);
  });

  it('[E7-15] a process that is killed in the middle leaves one row, with what is stored of the answer', async () => {
    const core = await manualCore(priced);
    await begin(core);
    core.calls[0]?.push(said('x'.repeat(400)));
    await core.settle();
    core.clock.advance(50);
    await core.settle();
    const [run] = core.store.runs.list('s', 1);
    expect(openCalls(core)).toBe(1);
    const again = await core.reopen();
    await again.settle();
    expect(booked(again)).toMatchObject([{ runId: run?.id, outcome: 'lost', source: 'estimate', outputTokens: 100 }]);
    expect(openCalls(again)).toBe(0);
    const third = await again.reopen();
    await third.settle();
    expect(booked(third)).toHaveLength(1);
  });

  it('[E7-15] [E5-06] a run that is taken up again is booked once, at its end', async () => {
    const core = await manualCore({ ...priced, style: 'stop-request' });
    await begin(core);
    core.calls[0]?.push(said('Hello'));
    await core.settle();
    const again = await core.reopen();
    await again.settle();
    expect(booked(again)).toEqual([]);
    again.attached[0]?.push({ ...done, usage: usage(100, 5) } as typeof done);
    await again.settle();
    expect(booked(again)).toMatchObject([{ outcome: 'completed', source: 'provider', costPicos: '150' }]);
    expect(openCalls(again)).toBe(0);
  });

  it.each([
    ['with its upstream’s last word', usage(100, 5), 'provider', 5],
    ['estimated when there is none', null, 'estimate', 10],
  ])('[E7-15] [E4-04] a stop that was not confirmed is booked once, %s', async (_how, word, source, output) => {
    const core = await manualCore({ ...priced, style: 'stop-request' });
    await begin(core);
    core.calls[0]?.push(said('x'.repeat(40)));
    await core.settle();
    void core.runs.abort('s');
    await core.settle();
    core.clock.advance(50);
    await core.settle();
    core.clock.advance(5000);
    await core.settle();
    expect(core.store.runs.list('s', 1)[0]).toMatchObject({ status: 'interrupted', synced: false });
    expect(booked(core)).toEqual([]);
    core.attached[0]?.push({ type: 'cancelled', usage: word });
    await core.settle();
    expect(booked(core)).toMatchObject([{ outcome: 'stopped', source, outputTokens: output }]);
    expect(openCalls(core)).toBe(0);
  });

  it('[E7-15] a conversation that is deleted while its upstream is still asked keeps its row', async () => {
    const core = await manualCore({ ...priced, style: 'stop-request' });
    await begin(core);
    core.calls[0]?.push(said('x'.repeat(40)));
    await core.settle();
    void core.runs.abort('s');
    await core.settle();
    core.clock.advance(50);
    await core.settle();
    core.clock.advance(5000);
    await core.settle();
    await core.runs.deleteSession('s');
    expect(booked(core)).toMatchObject([{ sessionId: 's', outcome: 'lost', outputTokens: 10 }]);
    expect(openCalls(core)).toBe(0);
  });

  it('[E7-15] a database that was locked or full at the end of a run has one row all the same', async () => {
    const core = await manualCore(priced);
    await begin(core);
    const other = new Database(core.store.db.name);
    other.exec('begin immediate');
    core.calls[0]?.push(said('Hello'), { ...done, usage: usage(100, 5) } as typeof done);
    await core.settle();
    core.clock.advance(50);
    await core.settle();
    core.clock.advance(100);
    await core.settle();
    expect(booked(core)).toEqual([]);
    other.exec('rollback');
    other.close();
    core.clock.advance(1000);
    await core.settle();
    core.clock.advance(1000);
    await core.settle();
    expect(booked(core)).toMatchObject([{ outcome: 'completed', costPicos: '150' }]);
    expect(openCalls(core)).toBe(0);
  });

  it('[decision 31] a run without a conversation has a row with none', async () => {
    const core = await manualCore(priced);
    const oneShot = core.runs.startOneShot({ input: 'once' }, null, () => undefined);
    const ended = oneShot.execute();
    await core.settle();
    core.calls[0]?.push(said('Hello'), { ...done, usage: usage(1, 2) } as typeof done);
    await ended;
    await core.settle();
    expect(booked(core)).toMatchObject([{ runId: oneShot.runId, sessionId: null, costPicos: '21' }]);
  });

  it('[E7-16] where a budget stops calls, none leaves, the run says why, and the queue waits', async () => {
    const refusal = new AppFailure('budget_reached', 'The budget is spent.', {
      retry: { kind: 'user-action', action: 'raise-budget' },
    });
    const core = await manualCore({ assertMayCall: () => Promise.reject(refusal) });
    await begin(core);
    expect(core.calls).toEqual([]);
    expect(core.store.runs.list('s', 1)[0]).toMatchObject({
      status: 'error',
      error: 'The budget is spent.',
      errorInfo: { code: 'budget_reached', retry: { kind: 'user-action', action: 'raise-budget' } },
    });
    expect(booked(core)).toEqual([]);
  });
});

describe('the call for a summary', () => {
  const context: ContextPorts = {
    countTokens: (texts) =>
      Promise.resolve(texts.map((text) => text.split(/\s+/).filter((word) => word !== '').length)),
    fileTokens: () => Promise.resolve(0),
    windowOf: () => Promise.resolve({ tokens: 4000, source: 'default' }),
  };
  const words = (count: number, word: string) => Array.from({ length: count }, () => word).join(' ');

  async function summarising(): Promise<ManualCore> {
    const settings = { compressionEnabled: true, compressionTailMessages: 4 };
    const core = await manualCore({ ...priced, context, settings });
    for (let turn = 0; turn < 6; turn++) await core.turn('s', `question ${turn} ${words(150, 'q')}`, words(150, 'a'));
    await core.runs.submit({ sessionId: 's', input: `the next one ${words(400, 'n')}` }, null);
    await core.settle();
    expect(core.runs.snapshot('s').state).toBe('compressing');
    return core;
  }
  const summaries = (core: ManualCore) => booked(core).filter((call) => call.purpose === 'summary');

  it('[decision 31] [E8-22] is a row of its own, made on the side, of the run that needed it', async () => {
    const core = await summarising();
    core.calls.at(-1)?.push(said('They asked.'), { ...done, usage: usage(900, 20) } as typeof done);
    await core.settle();
    core.calls.at(-1)?.push(said('Fine.'), { ...done, usage: usage(50, 2) } as typeof done);
    await core.settle();
    const [run] = core.store.runs.list('s', 1);
    expect(summaries(core)).toMatchObject([
      {
        runId: run?.id,
        sessionId: 's',
        caller: 'middleware',
        outcome: 'completed',
        source: 'provider',
        costPicos: '1100',
      },
    ]);
    expect(booked(core).filter((call) => call.runId === run?.id)).toHaveLength(2);
  });

  it('[decision 31] is booked also when it is of no use, and when it is stopped', async () => {
    const core = await summarising();
    core.calls.at(-1)?.push(said(''), { ...done, usage: usage(900, 0) } as typeof done);
    await core.settle();
    expect(summaries(core)).toMatchObject([{ outcome: 'completed', costPicos: '900' }]);
    const other = await summarising();
    void other.runs.abort('s');
    await other.settle();
    other.clock.advance(50);
    await other.settle();
    expect(summaries(other)).toMatchObject([{ outcome: 'stopped', source: 'estimate' }]);
    expect(openCalls(other)).toBe(0);
  });
});
