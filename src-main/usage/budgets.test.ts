import { describe, expect, it } from 'vitest';
import type { UsageCall } from '#contract/usage-report';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { openStore } from '../store/store.ts';
import { createUsageQueries } from '../store/usage-queries.ts';
import { countingIds } from '../testing/runs-harness.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { Budgets, spanOf } from './budgets.ts';

const ZONE = 'Europe/Berlin';
const NOON_MS = Date.parse('2026-10-25T12:00:00+01:00');

function open(dir = tempDir()) {
  const clock = new ManualClock(NOON_MS);
  const store = openStore(dataPaths(dir), { clock });
  const queries = createUsageQueries(store.db);
  let asked = 0;
  const budgets = new Budgets({
    store,
    clock,
    newId: countingIds(),
    timeZone: () => ZONE,
    sumsBetween: (fromMs, toMs) => {
      asked++;
      return Promise.resolve(queries.usageBetween({ fromMs, toMs }));
    },
  });
  let next = 0;
  const spend = (dollars: number, at: string, some: Partial<UsageCall> = {}) =>
    store.committer.commit(() =>
      store.usage.book([
        {
          id: `c${next++}`,
          runId: null,
          sessionId: null,
          profile: 'p',
          model: 'm',
          credentialId: null,
          credentialLabel: null,
          caller: 'lead_agent',
          purpose: 'chat',
          outcome: 'completed',
          billable: true,
          source: 'provider',
          inputSource: 'provider',
          outputSource: 'provider',
          inputTokens: 1,
          outputTokens: 1,
          cacheReadTokens: null,
          cacheWriteTokens: null,
          cacheWrite5mTokens: null,
          cacheWrite1hTokens: null,
          reasoningTokens: null,
          price: { currency: 'USD', from: 'override', entry: 'm', tiers: [] },
          costPicos: String(BigInt(Math.round(dollars * 100)) * 10n ** 10n),
          startedAtMs: Date.parse(at),
          endedAtMs: Date.parse(at),
          ...some,
        },
      ]),
    );
  return { store, budgets, spend, asked: () => asked };
}

const daily = { id: null, period: 'day' as const, currency: 'USD', limit: '2', warnShare: 0.8, stops: true };

describe('a budget', () => {
  it('[E7-16] counts the local day, 25 hours of it when the clock is put back', async () => {
    const { budgets, spend, store } = open();
    await budgets.save({ ...daily, stops: false });
    await spend(0.5, '2026-10-24T23:59:00+02:00');
    await spend(0.25, '2026-10-25T00:00:00+02:00');
    await spend(0.25, '2026-10-25T02:30:00+02:00');
    await spend(0.25, '2026-10-25T02:30:00+01:00');
    await spend(0.25, '2026-10-25T23:59:00+01:00');
    await spend(0.5, '2026-10-26T00:00:00+01:00');
    expect(await budgets.states()).toMatchObject([{ spent: '1', share: 0.5, state: 'within' }]);
    expect(spanOf('month', NOON_MS, ZONE)).toEqual({
      fromMs: Date.parse('2026-10-01T00:00:00+02:00'),
      toMs: Date.parse('2026-11-01T00:00:00+01:00'),
    });
    store.close();
  });

  it('[E7-16] warns from its share on and stops new calls at its limit, with a sentence and what to do', async () => {
    const { budgets, spend, store } = open();
    await budgets.save(daily);
    await budgets.assertMayCall();
    await spend(1.6, '2026-10-25T10:00:00Z');
    expect(await budgets.states()).toMatchObject([{ state: 'near' }]);
    await budgets.assertMayCall();
    await spend(0.4, '2026-10-25T10:00:00Z');
    await expect(budgets.assertMayCall()).rejects.toMatchObject({
      code: 'budget_reached',
      message: expect.stringContaining('2 USD for today') as string,
      retry: { kind: 'user-action', action: 'raise-budget' },
    });
    const [reached] = await budgets.states();
    if (reached === undefined) throw new Error('no budget');
    await budgets.save({ ...daily, id: reached.id, limit: '2.01' });
    await budgets.assertMayCall();
    await budgets.save({ ...daily, id: reached.id, stops: false });
    await budgets.assertMayCall();
    store.close();
  });

  it('[E7-16] never sums currencies, and tells of calls without a price', async () => {
    const { budgets, spend, store } = open();
    await budgets.save(daily);
    await spend(50, '2026-10-25T10:00:00Z', { price: { currency: 'EUR', from: 'override', entry: 'm', tiers: [] } });
    await spend(0, '2026-10-25T10:00:00Z', { price: null, costPicos: null });
    expect(await budgets.states()).toMatchObject([{ spent: '0', state: 'within', unpricedCalls: 1 }]);
    await budgets.assertMayCall();
    store.close();
  });

  it('[E7-16] costs a call nothing where none stops, and holds after a restart', async () => {
    const dir = tempDir();
    const first = open(dir);
    await first.budgets.save({ ...daily, stops: false });
    const before = first.asked();
    await first.budgets.assertMayCall();
    expect(first.asked()).toBe(before);
    await first.budgets.save({ ...daily, limit: '0.01' });
    await first.spend(1, '2026-10-25T10:00:00Z');
    first.store.close();
    const again = open(dir);
    await expect(again.budgets.assertMayCall()).rejects.toMatchObject({ code: 'budget_reached' });
    await again.budgets.remove((await again.budgets.states())[1]?.id ?? '');
    await again.budgets.assertMayCall();
    await expect(again.budgets.remove('gone')).rejects.toMatchObject({ code: 'not_found' });
    again.store.close();
  });

  it.each(['', 'much', '0', '-5', '1e3', '1,50'])('[E7-16] refuses a limit of %j', async (limit) => {
    const { budgets, store } = open();
    await expect(budgets.save({ ...daily, limit })).rejects.toMatchObject({ code: 'invalid_payload' });
    store.close();
  });
});
