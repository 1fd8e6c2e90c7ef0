import { describe, expect, it } from 'vitest';
import type { UsageCall } from '#contract/usage-report';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { openStore } from '../store/store.ts';
import { createUsageQueries, type UsageQueries } from '../store/usage-queries.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { UsageReports } from './usage-reports.ts';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');

function open() {
  const clock = new ManualClock(NOW_MS);
  const store = openStore(dataPaths(tempDir()), { clock });
  const queries = createUsageQueries(store.db);
  const labels = new Map([['k1', 'Work']]);
  const reports = new UsageReports({
    reads: {
      ask: (method, input) => {
        const answer = queries[method as keyof UsageQueries] as (input: unknown) => never;
        return Promise.resolve(answer(input));
      },
    },
    clock,
    labelOf: (id) => labels.get(id) ?? null,
  });
  let next = 0;
  const book = (some: Partial<UsageCall>) => {
    const call: UsageCall = {
      id: `c${next++}`,
      runId: 'r',
      sessionId: 's',
      profile: 'p',
      model: 'm',
      credentialId: 'k1',
      credentialLabel: 'Old name',
      caller: 'lead_agent',
      purpose: 'chat',
      outcome: 'completed',
      billable: true,
      source: 'provider',
      inputSource: 'provider',
      outputSource: 'provider',
      inputTokens: 100,
      outputTokens: 10,
      cacheReadTokens: null,
      cacheWriteTokens: null,
      cacheWrite5mTokens: null,
      cacheWrite1hTokens: null,
      reasoningTokens: null,
      price: { currency: 'USD', from: 'override', entry: 'm', tiers: [] },
      costPicos: '1000000000000',
      startedAtMs: NOW_MS,
      endedAtMs: NOW_MS,
      ...some,
    };
    return store.committer.commit(() => store.usage.book([call]));
  };
  return { store, reports, labels, book };
}

const eur = { currency: 'EUR', from: 'override' as const, entry: 'm', tiers: [] };
const unpriced = { price: null, costPicos: null };

describe('the cost of answers', () => {
  it('[E7-15] counts every try of a run and none of its summaries, and tells unknown from nothing', async () => {
    const { reports, book, store } = open();
    await book({ runId: 'a' });
    await book({ runId: 'a', costPicos: '500000000000', source: 'estimate', outcome: 'failed' });
    await book({ runId: 'a', purpose: 'summary', caller: 'middleware' });
    await book({ runId: 'a', outcome: 'refused', billable: false, costPicos: null });
    await book({ runId: 'b', ...unpriced });
    await book({ runId: null });
    expect(await reports.ofRuns(['b', 'a', 'nobody'])).toEqual([
      { runId: 'b', cost: { amounts: [], unpricedCalls: 1 } },
      { runId: 'a', cost: { amounts: [{ currency: 'USD', amount: '1.5', estimated: '0.5' }], unpricedCalls: 0 } },
      { runId: 'nobody', cost: { amounts: [], unpricedCalls: 0 } },
    ]);
    store.close();
  });
});

describe('a summary', () => {
  it('[E7-16] says currencies, estimates and unknown prices apart, and never adds them', async () => {
    const { reports, book, store } = open();
    await book({});
    await book({ source: 'estimate', outcome: 'stopped', costPicos: '250000000000' });
    await book({ price: eur, costPicos: '500000000000' });
    await book(unpriced);
    await book({ outcome: 'refused', billable: false, costPicos: null, inputTokens: null, outputTokens: null });
    const { totals } = await reports.summary({ days: 1, timeZone: 'UTC' });
    expect(totals).toEqual({
      inputTokens: 400,
      outputTokens: 40,
      cacheReadTokens: null,
      cacheWriteTokens: null,
      reasoningTokens: null,
      requests: 5,
      refused: 1,
      estimatedRequests: 1,
      estimatedTokens: 110,
      cacheHitRatio: null,
      cost: {
        amounts: [
          { currency: 'USD', amount: '1.25', estimated: '0.25' },
          { currency: 'EUR', amount: '0.5', estimated: '0' },
        ],
        unpricedCalls: 1,
      },
    });
    store.close();
  });

  it('[E7-16] nothing known is null, and a price of 0 is 0', async () => {
    const { reports, book, store } = open();
    await book({ ...unpriced, inputTokens: null, outputTokens: null });
    const one = await reports.summary({ days: 1, timeZone: 'UTC' });
    expect(one.totals).toMatchObject({
      inputTokens: null,
      outputTokens: null,
      cost: { amounts: [], unpricedCalls: 1 },
    });
    await book({ costPicos: '0' });
    const two = await reports.summary({ days: 1, timeZone: 'UTC' });
    expect(two.totals.cost).toEqual({
      amounts: [{ currency: 'USD', amount: '0', estimated: '0' }],
      unpricedCalls: 1,
    });
    store.close();
  });

  it('[E7-16] the cache hit ratio is that of the calls whose provider reported it', async () => {
    const { reports, book, store } = open();
    await book({ inputTokens: 100, cacheReadTokens: 60 });
    await book({ inputTokens: 100, cacheReadTokens: 0 });
    await book({ inputTokens: 9_000_000 });
    expect((await reports.summary({ days: 1 })).totals).toMatchObject({ cacheHitRatio: 0.3, cacheReadTokens: 60 });
    store.close();
  });

  it('[E7-16] days are those of the zone, and the last one is today', async () => {
    const { reports, book, store } = open();
    const daysIn = async (timeZone: string) =>
      (await reports.summary({ days: 3, timeZone })).byDay.map((day) => [day.day, day.requests]);
    await book({ startedAtMs: Date.parse('2026-11-20T18:20:00Z') });
    expect(await daysIn('UTC')).toEqual([
      ['2026-11-19', 0],
      ['2026-11-20', 1],
      ['2026-11-21', 0],
    ]);
    expect(await daysIn('Asia/Kathmandu')).toEqual([
      ['2026-11-19', 0],
      ['2026-11-20', 0],
      ['2026-11-21', 1],
    ]);
    expect((await reports.summary({ days: 1, month: '2026-02', timeZone: 'UTC' })).byDay).toHaveLength(28);
    await expect(daysIn('Mars/Olympus')).rejects.toMatchObject({ code: 'invalid_payload' });
    store.close();
  });

  it('[E7-16] a key has its name of today, and the one it had when it is gone', async () => {
    const { reports, book, labels, store } = open();
    await book({});
    await book({ credentialId: 'k2', credentialLabel: 'Spare' });
    await book({ credentialId: null, credentialLabel: null });
    const names = async () => (await reports.summary({ days: 1 })).byCredential.map((one) => one.label).toSorted();
    expect(await names()).toEqual(['Spare', 'Work', null]);
    labels.clear();
    expect(await names()).toEqual(['Old name', 'Spare', null]);
    store.close();
  });
});

describe('one conversation', () => {
  it('[E8-22] by model and by caller, unfinished and failed calls included, and what is under way apart', async () => {
    const { reports, book, store } = open();
    await book({});
    await book({ outcome: 'failed', source: 'estimate', model: 'other' });
    await book({ caller: 'middleware', purpose: 'summary' });
    await book({ sessionId: 'elsewhere' });
    const [newest] = (await reports.calls(1, null)).calls;
    if (newest === undefined) throw new Error('no call');
    await store.committer.commit(() => store.usage.open({ ...newest, id: 'open', sessionId: 's', inputTokens: 70 }));
    const usage = await reports.ofSession('s', true);
    expect(usage.totals).toMatchObject({ requests: 3, inputTokens: 300 });
    expect(usage.byModel.map((one) => [one.model, one.requests])).toEqual([
      ['m', 2],
      ['other', 1],
    ]);
    expect(usage.byCaller.map((one) => [one.caller, one.totals.requests])).toEqual([
      ['lead_agent', 2],
      ['middleware', 1],
    ]);
    expect(usage.active).toEqual({ requests: 1, estimatedInputTokens: 70 });
    expect((await reports.ofSession('s', false)).active).toBe(null);
    expect((await reports.ofSession('nobody', false)).totals.requests).toBe(0);
    store.close();
  });
});

describe('single calls', () => {
  it('[E7-15] are paged with a cursor, newest first, without repeats', async () => {
    const { reports, book, store } = open();
    for (let index = 0; index < 7; index++) await book({});
    const seen: string[] = [];
    for (let cursor: string | null = null; ; ) {
      const page: Awaited<ReturnType<typeof reports.calls>> = await reports.calls(3, cursor);
      seen.push(...page.calls.map((call) => call.id));
      cursor = page.nextCursor;
      if (cursor === null) break;
    }
    expect(seen).toEqual(['c6', 'c5', 'c4', 'c3', 'c2', 'c1', 'c0']);
    store.close();
  });

  it('[E7-16] an export in pieces holds each call once, with one head', async () => {
    const { reports, store, book } = open();
    const [draft] = (await book({}), (await reports.calls(1, null)).calls);
    if (draft === undefined) throw new Error('no call');
    const calls = Array.from({ length: 5100 }, (_, index) => ({ ...draft, id: `n${index}` }));
    await store.committer.commit(() => store.usage.book(calls));
    const span = { fromMs: NOW_MS - 1000, toMs: NOW_MS + 1000 };
    const first = await reports.exportCsv(span, null);
    const second = await reports.exportCsv(span, first.nextCursor);
    expect(second.nextCursor).toBe(null);
    const lines = (first.content + second.content).trimEnd().split('\r\n');
    expect(lines).toHaveLength(5102);
    expect(new Set(lines).size).toBe(5102);
    expect(lines[0]).toMatch(/^started,ended,call,/);
    expect((await reports.exportCsv({ fromMs: 0, toMs: 1 }, null)).content.split('\r\n')).toHaveLength(2);
    store.close();
  });
});
