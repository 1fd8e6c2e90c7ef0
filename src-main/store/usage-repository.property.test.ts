import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UsageCall } from '#contract/usage-report';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { openStore, type Store } from './store.ts';
import { addSums, createUsageQueries, type UsageSums } from './usage-queries.ts';

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2026-10-24T00:00:00Z');
const PRICE = { currency: 'USD', from: 'override' as const, entry: 'm', tiers: [] };

const count = fc.option(fc.nat(3_000_000), { nil: null });
const anyCall = fc
  .record({
    model: fc.constantFrom('a', 'b', null),
    credentialId: fc.constantFrom('k1', 'k2', null),
    currency: fc.constantFrom('USD', 'EUR', null),
    source: fc.constantFrom('provider' as const, 'estimate' as const),
    outcome: fc.constantFrom('completed' as const, 'failed' as const, 'stopped' as const, 'refused' as const),
    input: count,
    output: count,
    cacheRead: count,
    reasoning: count,
    cost: fc.option(fc.bigInt({ min: 0n, max: 10n ** 16n }), { nil: null }),
    startedAtMs: fc.integer({ min: START_MS, max: START_MS + 72 * HOUR_MS }),
    session: fc.constantFrom('s1', 's2', null),
  })
  .map((some): Omit<UsageCall, 'id'> => {
    const isRefused = some.outcome === 'refused';
    return {
      runId: null,
      sessionId: some.session,
      profile: 'p',
      model: some.model,
      credentialId: some.credentialId,
      credentialLabel: some.credentialId,
      caller: 'lead_agent',
      purpose: 'chat',
      outcome: some.outcome,
      billable: !isRefused,
      source: some.source,
      inputSource: null,
      outputSource: null,
      inputTokens: some.input,
      outputTokens: some.output,
      cacheReadTokens: some.cacheRead,
      cacheWriteTokens: null,
      cacheWrite5mTokens: null,
      cacheWrite1hTokens: null,
      reasoningTokens: some.reasoning,
      price: some.currency === null ? null : { ...PRICE, currency: some.currency },
      costPicos: some.currency === null || isRefused || some.cost === null ? null : String(some.cost),
      startedAtMs: some.startedAtMs,
      endedAtMs: some.startedAtMs + 1000,
    };
  });

/** The sums as a reader of single rows would make them. */
function sumByHand(calls: readonly UsageCall[]): Omit<UsageSums, 'lineId'> {
  const known = (read: (call: UsageCall) => number | null) => calls.map(read).filter((value) => value !== null);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    requests: calls.length,
    refused: calls.filter((call) => call.outcome === 'refused').length,
    unpriced: calls.filter((call) => call.billable && call.costPicos === null).length,
    inputCalls: known((call) => call.inputTokens).length,
    inputTokens: sum(known((call) => call.inputTokens)),
    outputCalls: known((call) => call.outputTokens).length,
    outputTokens: sum(known((call) => call.outputTokens)),
    cacheReadCalls: known((call) => call.cacheReadTokens).length,
    cacheReadTokens: sum(known((call) => call.cacheReadTokens)),
    cacheReadInputTokens: sum(known((call) => (call.cacheReadTokens === null ? null : call.inputTokens))),
    cacheWriteCalls: 0,
    cacheWriteTokens: 0,
    reasoningCalls: known((call) => call.reasoningTokens).length,
    reasoningTokens: sum(known((call) => call.reasoningTokens)),
    costPicos: calls.reduce((total, call) => total + BigInt(call.costPicos ?? 0), 0n),
  };
}

function allOf(sums: readonly UsageSums[]): Omit<UsageSums, 'lineId'> {
  const { lineId: _lineId, ...rest } = sums.reduce(addSums, { lineId: 0, ...sumByHand([]) });
  return rest;
}

async function withStore(check: (store: Store) => Promise<void>): Promise<void> {
  const store = openStore(dataPaths(tempDir()), { clock: new ManualClock() });
  try {
    await check(store);
  } finally {
    store.close();
  }
}

describe('the ledger', () => {
  it('[decision 31] [E7-16] rollup = full sum: of any span of quarter hours, by line, however calls were batched or repeated', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCall, { maxLength: 40 }),
        fc.nat(72 * 4),
        fc.nat(72 * 4),
        fc.array(fc.nat(39), { maxLength: 10 }),
        (drafts, one, other, again) =>
          withStore(async (store) => {
            const calls = drafts.map((draft, index): UsageCall => ({ ...draft, id: `c${index}` }));
            await store.committer.commit(() => store.usage.book(calls));
            const repeated = again.flatMap((index) => calls[index] ?? []);
            await store.committer.commit(() => store.usage.book(repeated));
            const queries = createUsageQueries(store.db);
            const fromMs = START_MS + Math.min(one, other) * 900_000;
            const toMs = START_MS + Math.max(one, other) * 900_000;
            const { lines, sums } = queries.usageBetween({ fromMs, toMs });
            const within = calls.filter((call) => call.startedAtMs >= fromMs && call.startedAtMs < toMs);
            expect(allOf(sums)).toEqual(sumByHand(within));
            for (const line of lines) {
              const own = within.filter(
                (call) =>
                  (call.model ?? '') === line.model &&
                  (call.credentialId ?? '') === line.credentialId &&
                  call.source === line.source &&
                  (call.price?.currency ?? '') === line.currency,
              );
              expect(allOf(sums.filter((one) => one.lineId === line.lineId))).toEqual(sumByHand(own));
            }
            const middleMs = fromMs + Math.floor((toMs - fromMs) / 2 / 900_000) * 900_000;
            const byDay = queries.usageByDay({ bounds: [fromMs, fromMs, middleMs, toMs] });
            expect(allOf(byDay.days.flat())).toEqual(sumByHand(within));
            expect(allOf(byDay.days[1] ?? [])).toEqual(sumByHand(within.filter((call) => call.startedAtMs < middleMs)));
            expect(byDay.sums.toSorted((a, b) => a.lineId - b.lineId)).toEqual(
              sums.toSorted((a, b) => a.lineId - b.lineId),
            );
            const session = calls.filter((call) => call.sessionId === 's1');
            expect(allOf(queries.usageOfSession({ sessionId: 's1' }).sums)).toEqual(sumByHand(session));
          }),
      ),
      { numRuns: 40 },
    );
  });

  it('[E7-15] sums stay exact beyond what a double holds', () =>
    withStore(async (store) => {
      const cost = 9_007_199_254_740_993n;
      const [draft] = fc.sample(anyCall, { numRuns: 1, seed: 1 });
      if (draft === undefined) throw new Error('no draft');
      const calls = Array.from({ length: 3 }, (_, index) => ({
        ...draft,
        id: `c${index}`,
        outcome: 'completed' as const,
        billable: true,
        price: PRICE,
        costPicos: String(cost),
      }));
      await store.committer.commit(() => store.usage.book(calls));
      const { sums } = createUsageQueries(store.db).usageBetween({ fromMs: 0, toMs: START_MS + 96 * HOUR_MS });
      expect(allOf(sums).costPicos).toBe(cost * 3n);
      expect(createUsageQueries(store.db).usageCalls({ limit: 1, beforeNumber: null })[0]?.costPicos).toBe(
        String(cost),
      );
    }));

  it('[E7-15] [decision 31] is append-only: no row is changed or removed, not even by hand', () =>
    withStore(async (store) => {
      const [draft] = fc.sample(anyCall, { numRuns: 1, seed: 2 });
      if (draft === undefined) throw new Error('no draft');
      await store.committer.commit(() => store.usage.book([{ ...draft, id: 'c' }]));
      expect(() => store.db.exec('update usage_calls set cost_picos = 0')).toThrow(/append-only/);
      expect(() => store.db.exec('delete from usage_calls')).toThrow(/append-only/);
    }));

  it('[E7-15] pages and exports hold every call once, in order', async () => {
    const drafts = fc.sample(anyCall, { numRuns: 57, seed: 3 });
    await withStore(async (store) => {
      const calls = drafts.map((draft, index): UsageCall => ({ ...draft, id: `c${index}` }));
      await store.committer.commit(() => store.usage.book(calls));
      const queries = createUsageQueries(store.db);
      const newest: string[] = [];
      for (let before: number | null = null; ; ) {
        const page = queries.usageCalls({ limit: 10, beforeNumber: before });
        newest.push(...page.map((call) => call.id));
        if (page.length < 10) break;
        before = page.at(-1)?.number ?? null;
      }
      expect(newest).toEqual(calls.map((call) => call.id).reverse());
      const exported: number[] = [];
      for (let after = { startedAtMs: START_MS, number: 0 }; ; ) {
        const page = queries.usageCallsBetween({ after, toMs: START_MS + 24 * HOUR_MS, limit: 7 });
        exported.push(...page.map((call) => call.startedAtMs));
        const last = page.at(-1);
        if (page.length < 7 || last === undefined) break;
        after = last;
      }
      const wanted = calls.map((call) => call.startedAtMs).filter((at) => at < START_MS + 24 * HOUR_MS);
      expect(exported).toEqual(wanted.toSorted((a, b) => a - b));
    });
  });
});
