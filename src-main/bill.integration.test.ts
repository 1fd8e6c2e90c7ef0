import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isTerminalEvent } from '#contract/events';
import { formatDecimal, PICO_PLACES } from '#contract/money';
import type { PriceSnapshot } from '#contract/usage-report';
import { openPool } from './credentials/testing/open-pool.ts';
import { Gateway } from './gateway/gateway.ts';
import { ManualClock } from './platform/clock.ts';
import { createUsageQueries } from './store/usage-queries.ts';
import { countingIds, openRunsHarness } from './testing/runs-harness.ts';
import { tempDir } from './testing/temp-dir.ts';

const PROVIDER = fileURLToPath(new URL('../e2e/fake-upstream/billing-provider.ts', import.meta.url));
const CALLS = 1000;
const AT_ONCE = 16;
const PATIENCE_MS = 60_000;
const KEYS = 4;
/** Keys rest for as long as settings allow at least, so that most calls find one. */
const REST_MS = 1000;
/** A millionth of a cent is 10,000 picos of a dollar. */
const PICOS = 10_000n;

interface Bill {
  bill: {
    reported: number;
    unreported: number;
    byModel: Record<string, number>;
    byKey: Record<string, number>;
  };
  seen: { requests: number; billed: number; unreported: number; refused: number; moved: number };
}

async function startProvider(): Promise<{ url: string; bill: () => Promise<Bill> }> {
  const child = spawn(process.execPath, [PROVIDER], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return { url, bill: async () => (await (await fetch(`${url}/bill`)).json()) as Bill };
}

const tier = (times: number, aboveTokens: number, cents: readonly [number, number, number, number, number]) => {
  const picos = (value: number) => Math.round(value * times * Number(PICOS));
  const [input, output, cacheRead, cacheWrite, cacheWrite1h] = cents;
  return {
    aboveTokens,
    input: picos(input),
    output: picos(output),
    cacheRead: picos(cacheRead),
    cacheWrite: picos(cacheWrite),
    cacheWrite1h: picos(cacheWrite1h),
    reasoning: null,
    request: null,
  };
};

const profileRow = (name: string) => ({
  id: name,
  name,
  kind: name === 'anthropic' ? ('anthropic' as const) : ('openai-chat' as const),
  base_url: '',
  default_model: null,
  context_length: null,
  created_at_ms: 0,
  updated_at_ms: 0,
});

/** The provider's price list, as its customers have it. */
const PRICES: Record<string, PriceSnapshot> = {
  small: { currency: 'USD', from: 'override', entry: 'small', tiers: [tier(1, 0, [15, 60, 7.5, 15, 15])] },
  large: {
    currency: 'USD',
    from: 'override',
    entry: 'large',
    tiers: [tier(1, 0, [300, 1500, 30, 375, 600]), tier(2, 200_000, [300, 1500, 30, 375, 600])],
  },
};

const order = fc.record({
  profile: fc.constantFrom('openai', 'anthropic'),
  model: fc.constantFrom('small', 'large'),
  mode: fc.constantFrom(
    'answer',
    'answer',
    'answer',
    'silent',
    'busy',
    'fail',
    'refuse',
    'error',
    'poor',
    'cut',
    'stall',
  ),
  refusals: fc.constantFrom(0, 0, 0, 1, 2),
  input: fc.oneof(fc.nat(5000), fc.integer({ min: 199_990, max: 200_010 }), fc.nat(1_000_000)),
  output: fc.nat(8000),
  read: fc.nat(100),
  write: fc.nat(100),
  long: fc.nat(100),
});

describe('the bill', () => {
  it('[decision 31] [E7-15] of a provider that keeps its own equals the ledger to the cent, over 1,000 calls with retries, failures, failovers and stops', async () => {
    const provider = await startProvider();
    const clock = new ManualClock(Date.parse('2026-11-21T10:00:00Z'));
    const settings = { headersTimeoutMs: 1e9, idleTimeoutMs: 1e9, totalTimeoutMs: 1e9, maxConcurrentRuns: 0 };
    const keys = await openPool({
      clock,
      sealed: false,
      settings: {
        credentialMode: 'balanced',
        credentialQueueLimit: CALLS,
        rateLimitCooldownMs: REST_MS,
        timeoutCooldownMs: REST_MS,
        upstreamErrorCooldownMs: REST_MS,
        overageCooldownMs: REST_MS,
        suspiciousCooldownMs: REST_MS,
      },
    });
    onTestFinished(() => keys.store.close());
    const secretOf = new Map<string, string>();
    for (const name of ['openai', 'anthropic']) {
      keys.store.profiles.insert(profileRow(name));
      for (let number = 0; number < KEYS; number++) {
        const secret = `sk-${name}-${number}-0123456789abcdef`;
        const added = await keys.pool.records.create({
          profileId: name,
          origin: new URL(provider.url).origin,
          label: `${name} ${number}`,
          secret,
          maxInFlight: AT_ONCE,
        });
        secretOf.set(added.id, secret);
      }
    }
    const gateway = new Gateway({
      profiles: {
        byName: (name) => ({
          id: name,
          name,
          kind: name === 'anthropic' ? 'anthropic' : 'openai-chat',
          baseUrl: `${provider.url}/${name}`,
          defaultModel: null,
        }),
      },
      credentials: keys.pool,
      settings: () => ({ ...keys.settings, ...settings }),
      clock,
    });
    onTestFinished(() => gateway.close());
    const harness = await openRunsHarness({
      dir: tempDir(),
      upstream: gateway,
      clock,
      nextId: countingIds(),
      settings,
      priceOf: (_profile, model) => PRICES[model ?? ''] ?? null,
    });
    onTestFinished(() => harness.store.close());
    for (const name of ['openai', 'anthropic']) {
      harness.store.profiles.insert(profileRow(name));
    }

    const orders = fc.sample(order, { numRuns: CALLS, seed: 31 });
    let under = 0;
    let next = 0;
    let ended = 0;
    const submit = () => {
      const some = orders[next];
      if (some === undefined) return;
      const { profile, model, mode, refusals, input, output } = some;
      const cacheRead = Math.floor((input * some.read) / 300);
      const cacheWrite = Math.floor((input * some.write) / 300);
      // Chat completions do not tell how long something is kept.
      const cacheWriteLong = profile === 'anthropic' ? Math.floor((cacheWrite * some.long) / 100) : 0;
      const asked = { call: next, mode, refusals, input, output, cacheRead, cacheWrite, cacheWriteLong };
      const sessionId = `s${next}`;
      next++;
      under++;
      void harness.runs.submit({ sessionId, input: JSON.stringify(asked), profile, model }, null);
    };
    harness.log.subscribe((event) => {
      if (event.session_id === null) return;
      const mode = orders[Number(event.session_id.slice(1))]?.mode;
      if (event.event === 'message.delta' && mode === 'stall') void harness.runs.abort(event.session_id);
      if (!isTerminalEvent(event.event)) return;
      under--;
      ended++;
    });
    const untilMs = performance.now() + PATIENCE_MS;
    while (ended < CALLS) {
      if (performance.now() > untilMs) throw new Error(`Only ${ended} of ${CALLS} runs ended.`);
      while (under < AT_ONCE && next < CALLS) submit();
      clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(harness.errors).toEqual([]);

    const { bill, seen } = await provider.bill();
    const queries = createUsageQueries(harness.store.db);
    const calls = queries.usageCalls({ limit: 10_000, beforeNumber: null });
    const picosOf = (rows: typeof calls) => rows.reduce((sum, call) => sum + BigInt(call.costPicos ?? 0), 0n);
    const reported = calls.filter((call) => call.billable && call.source === 'provider');
    const estimated = calls.filter((call) => call.billable && call.source === 'estimate');

    // Every request is a row, and every row was a request.
    expect(calls).toHaveLength(seen.requests);
    expect(calls.filter((call) => call.outcome === 'refused')).toHaveLength(seen.refused);
    expect(reported).toHaveLength(seen.billed);
    expect(estimated).toHaveLength(seen.unreported);
    expect(seen.billed).toBeGreaterThan(250);
    expect(seen.unreported).toBeGreaterThan(150);
    expect(seen.refused).toBeGreaterThan(300);

    // Not only to the cent: to the last unit of the ledger.
    const units = (millionths: number) => BigInt(Math.round(millionths * 2)) * (PICOS / 2n);
    expect(formatDecimal(picosOf(reported), PICO_PLACES)).toBe(formatDecimal(units(bill.reported), PICO_PLACES));
    for (const [model, amount] of Object.entries(bill.byModel)) {
      expect(picosOf(reported.filter((call) => call.model === model))).toBe(units(amount));
    }
    // Each key paid for what was asked with it, also where a call began with another one.
    expect(seen.moved).toBeGreaterThan(100);
    const byKey = Object.fromEntries(
      [...secretOf].map(([id, secret]) => [secret, picosOf(reported.filter((call) => call.credentialId === id))]),
    );
    expect(byKey).toEqual(Object.fromEntries(Object.entries(bill.byKey).map(([key, amount]) => [key, units(amount)])));
    expect(keys.pool.records.list().every(({ inFlight }) => inFlight === 0)).toBe(true);
    const { lines, sums } = queries.usageBetween({ fromMs: 0, toMs: clock.now() + 3_600_000 });
    const providerLines = new Set(lines.filter((line) => line.source === 'provider').map((line) => line.lineId));
    const rolledUp = sums.filter((one) => providerLines.has(one.lineId)).reduce((sum, one) => sum + one.costPicos, 0n);
    expect(rolledUp).toBe(units(bill.reported));

    // Where Anthropic told of the input before the answer was stopped, only the output is estimated: here it is even right.
    const stopped = estimated.filter((call) => call.profile === 'anthropic' && call.outcome === 'stopped');
    expect(stopped.length).toBeGreaterThan(20);
    for (const call of stopped) {
      expect(call).toMatchObject({ inputSource: 'provider', outputSource: 'estimate', outputTokens: 50 });
    }
    expect(harness.store.db.prepare('select count(*) from usage_open_calls').pluck().get()).toBe(0);
  }, 90_000);
});
