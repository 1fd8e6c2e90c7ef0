import { describe, expect, it } from 'vitest';
import type { SpendCap, UsageCall } from '#contract/usage-report';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { openStore } from '../store/store.ts';
import { createUsageQueries } from '../store/usage-queries.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { ClientCaps, readCap } from './client-caps.ts';

const ZONE = 'Europe/Berlin';

function open(cap: SpendCap | null) {
  const clock = new ManualClock(Date.parse('2026-10-25T12:00:00+01:00'));
  const store = openStore(dataPaths(tempDir()), { clock });
  const queries = createUsageQueries(store.db);
  const caps = new ClientCaps({
    clientOf: (id) => (id === 'c1' || id === 'c2' ? { name: `program ${id}`, cap } : null),
    clock,
    timeZone: () => ZONE,
    sumsOf: (clientId, fromMs, toMs) => Promise.resolve(queries.usageOfClient({ clientId, fromMs, toMs })),
  });
  let next = 0;
  const spend = (
    clientId: string | null,
    costPicos: bigint | null,
    some: { currency?: string; at?: string; outcome?: UsageCall['outcome']; billable?: boolean } = {},
  ) => {
    const startedAtMs = Date.parse(some.at ?? '2026-10-25T11:00:00+01:00');
    const call: UsageCall = {
      id: `call-${next++}`,
      runId: null,
      sessionId: null,
      clientId,
      profile: 'p',
      model: 'm',
      credentialId: null,
      credentialLabel: null,
      caller: 'lead_agent',
      purpose: 'chat',
      outcome: some.outcome ?? 'completed',
      billable: some.billable ?? true,
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
      price:
        costPicos === null
          ? null
          : { currency: some.currency ?? 'USD', from: 'override' as const, entry: 'm', tiers: [] },
      costPicos: costPicos === null ? null : String(costPicos),
      startedAtMs,
      endedAtMs: startedAtMs,
    };
    return store.committer.commit(() => store.usage.book([call]));
  };
  return { caps, spend, clock };
}

const DOLLAR = 10n ** 12n;
const DAY: SpendCap = { period: 'day', currency: 'USD', limit: '2' };

describe('a program’s cap', () => {
  it('[E8-22] counts what was spent on its behalf alone, warns near the end, and refuses at the limit by name', async () => {
    const { caps, spend } = open(DAY);
    await spend('c2', 50n * DOLLAR);
    await spend(null, 50n * DOLLAR);
    expect(await caps.assertMaySpend('c1')).toMatchObject({ state: 'within', spent: '0' });
    await spend('c1', 1_600_000_000_000n);
    expect(await caps.assertMaySpend('c1')).toMatchObject({ state: 'near', spent: '1.6', share: 0.8 });
    // To the last pico: one less than the limit still goes.
    await spend('c1', 399_999_999_999n);
    expect(await caps.assertMaySpend('c1')).toMatchObject({ state: 'near' });
    await spend('c1', 1n);
    await expect(caps.assertMaySpend('c1')).rejects.toMatchObject({
      code: 'budget_reached',
      message: expect.stringContaining('“program c1” has spent its 2 USD for today') as string,
    });
    // A person is stopped by budgets only.
    expect(await caps.assertMaySpend(null)).toBeNull();
  });

  it('[E8-22] is honest about currencies and prices: others are not added, and are told beside it', async () => {
    const { caps, spend } = open(DAY);
    await spend('c1', 99n * DOLLAR, { currency: 'EUR' });
    await spend('c1', null);
    await spend('c1', null, { outcome: 'refused', billable: false });
    await spend('c1', DOLLAR);
    expect(await caps.stateOf('c1')).toMatchObject({
      spent: '1',
      state: 'within',
      foreignCalls: 1,
      unpricedCalls: 1,
    });
  });

  it('[E8-22] begins anew with the day of this machine, also on one of 25 hours', async () => {
    const { caps, spend, clock } = open(DAY);
    await spend('c1', 2n * DOLLAR, { at: '2026-10-25T00:00:00+02:00' });
    await expect(caps.assertMaySpend('c1')).rejects.toMatchObject({ code: 'budget_reached' });
    clock.advance(Date.parse('2026-10-26T00:00:00+01:00') - clock.now());
    expect(await caps.assertMaySpend('c1')).toMatchObject({ spent: '0' });
  });

  it('is none where nobody set one, and is stored as an amount only', async () => {
    const { caps } = open(null);
    expect(await caps.assertMaySpend('c1')).toBeNull();
    expect(await caps.assertMaySpend('nobody')).toBeNull();
    expect(readCap({ ...DAY, limit: '2.50' })).toEqual({ ...DAY, limit: '2.5' });
    for (const limit of ['0', '-1', 'much', '1e3']) expect(() => readCap({ ...DAY, limit }), limit).toThrow(limit);
  });

  it('[E8-22] lets calls go on side by side as far as they are expected to stay within, and one alone always', async () => {
    const { caps, spend } = open(DAY);
    const full = { code: 'queue_full', retry: { kind: 'after', waitMs: 5000 } };
    // Nothing is known of what a call costs: eight.
    const first = await Promise.all(Array.from({ length: 8 }, async () => caps.enter('c1')));
    await expect(caps.enter('c1')).rejects.toMatchObject(full);
    const other = await caps.enter('c2');
    for (const leave of [...first, other]) leave();
    // Half of it is gone in five calls: five more, and not all of a burst.
    for (let call = 0; call < 5; call++) await spend('c1', DOLLAR / 5n);
    const burst = await Promise.allSettled(Array.from({ length: 30 }, async () => caps.enter('c1')));
    expect(burst.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    for (const one of burst) if (one.status === 'fulfilled') one.value();
    await spend('c1', (9n * DOLLAR) / 10n);
    const alone = await caps.enter('c1');
    await expect(caps.enter('c1')).rejects.toMatchObject(full);
    alone();
    (await caps.enter('c1'))();
    // At the limit the books say so, in their own words.
    await spend('c1', DOLLAR);
    await Promise.all(Array.from({ length: 2 }, async () => caps.enter('c1')));
  });

  it('holds up nobody without a cap', async () => {
    const { caps } = open(null);
    await Promise.all(Array.from({ length: 100 }, async (_one, at) => caps.enter(at % 2 === 0 ? 'c1' : null)));
  });
});
