import { expect, test } from 'vitest';
import { openPool, PROFILE } from '../credentials/testing/open-pool.ts';
import { AbortReason, AppFailure } from '../platform/app-failure.ts';
import { ManualClock } from '../platform/clock.ts';
import { SeededRandom } from '../testing/kill-random.ts';
import type { CallRecord } from './call-record.ts';
import { Gateway } from './gateway.ts';
import { requestOf } from './testing/calls.ts';
import type { UpstreamAdapter, UpstreamContext } from './upstream-adapter.ts';
import type { UpstreamEvent } from './upstream-event.ts';

const REQUESTS = 10_000;
const AT_ONCE = 64;
const LIMIT = 3;

/** Failures as adapters throw them, with what they mean. */
const REFUSALS: (() => Error)[] = [
  () => failure('upstream_auth', { status: 401, failure: 'auth', refused: true }),
  () => failure('quota_exhausted', { status: 402, failure: 'payment_required', refused: true }),
  () => failure('upstream_rate_limited', { status: 429, failure: 'rate_limit', refused: true }),
  () => failure('upstream_rate_limited', { status: 429, failure: 'rate_limit', refused: true, retryAfterMs: 2000 }),
  () => failure('upstream_overloaded', { status: 529, failure: 'overload', refused: true }),
  () => failure('upstream_error', { status: 500, failure: 'upstream_error', refused: false }),
  () => failure('upstream_unreachable', { networkCode: 'ECONNREFUSED' }),
  () => failure('timeout', { deadline: 'headers' }),
  () => new TypeError('a bug of ours'),
];

function failure(code: ConstructorParameters<typeof AppFailure>[0], details: Record<string, unknown>): AppFailure {
  return new AppFailure(code, 'No.', { details });
}

/** An upstream in memory that ends its calls in every way there is, and keeps its own count of those under way. */
function unreliable(random: () => number) {
  const live = new Map<string, number>();
  const peaks = new Map<string, number>();
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
  const enter = ({ target, signal }: UpstreamContext): (() => void) => {
    const key = target.secret ?? '';
    live.set(key, (live.get(key) ?? 0) + 1);
    peaks.set(key, Math.max(peaks.get(key) ?? 0, live.get(key) ?? 0));
    let isOver = false;
    const leave = () => {
      if (isOver) return;
      isOver = true;
      signal.removeEventListener('abort', leave);
      live.set(key, (live.get(key) ?? 0) - 1);
    };
    signal.addEventListener('abort', leave);
    return leave;
  };
  async function* events(signal: AbortSignal, leave: () => void): AsyncGenerator<readonly UpstreamEvent[]> {
    try {
      for (let parts = Math.floor(random() * 4); parts > 0; parts--) {
        await pause();
        if (signal.aborted) {
          yield [{ type: 'cancelled', usage: null }];
          return;
        }
        yield [{ type: 'text', text: 'x' }];
      }
      await pause();
      if (signal.aborted) yield [{ type: 'cancelled', usage: null }];
      else if (random() < 0.3) {
        const thrown = failure('upstream_overloaded', { failure: 'overload', refused: random() < 0.5 });
        yield [{ type: 'failed', error: thrown.toAppError(), usage: null }];
      } else yield [{ type: 'completed', output: null, finishReason: 'stop', usage: null }];
    } finally {
      leave();
    }
  }
  const adapter: UpstreamAdapter = {
    kind: 'openai-chat',
    stopStyle: 'close-socket',
    needsCredential: true,
    chatUrl: () => '',
    async start(_request, context) {
      const leave = enter(context);
      try {
        await pause();
        context.signal.throwIfAborted();
        const refusal = REFUSALS[Math.floor(random() * REFUSALS.length * 2)];
        if (refusal !== undefined) throw refusal();
      } catch (thrown) {
        leave();
        throw thrown;
      }
      return {
        upstreamRunId: null,
        status: 'started',
        model: null,
        events: events(context.signal, leave),
        stop: async () => {
          leave();
          return 'stopped';
        },
      };
    },
  };
  return { adapter, live, peaks };
}

test('[E10-08] [BUG-D1] [BUG-D3] ten thousand requests that end in every way at every moment: no limit is exceeded and every permit comes back', async () => {
  const numbers = new SeededRandom(20_261_121);
  const random = () => numbers.next();
  const clock = new ManualClock();
  const world = await openPool({
    clock,
    sealed: false,
    settings: { credentialMode: 'balanced', credentialQueueLimit: 1000 },
  });
  for (let number = 0; number < 8; number++) await world.add(`k${number}`, { maxInFlight: LIMIT, group: `g${number}` });
  const { adapter, live, peaks } = unreliable(random);
  const records: CallRecord[] = [];
  const gateway = new Gateway({
    profiles: {
      byName: (name) => ({
        id: PROFILE,
        name,
        kind: 'openai-chat',
        baseUrl: 'https://upstream.test',
        defaultModel: 'm',
      }),
    },
    credentials: world.pool,
    settings: () => ({ headersTimeoutMs: 1000, idleTimeoutMs: 1000, totalTimeoutMs: 1000, maxRequestsInFlight: 50 }),
    clock,
    adapterOf: () => adapter,
    random,
    ended: (record) => records.push(record),
  });
  const ways = { completed: 0, failed: 0, cancelled: 0, left: 0, refused: 0, aborted: 0 };

  const request = async (): Promise<void> => {
    const controller = new AbortController();
    if (random() < 0.3) {
      const turns = Math.floor(random() * 12);
      void (async () => {
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
        controller.abort(new AbortReason('user'));
      })();
    }
    try {
      const { run } = await gateway.start('work', requestOf({ sessionId: null }), controller.signal);
      const patience = random() < 0.1 ? 1 : Number.POSITIVE_INFINITY;
      let batches = 0;
      for await (const batch of run.events) {
        const last = batch.at(-1)?.type;
        if (last === 'completed' || last === 'failed' || last === 'cancelled') ways[last]++;
        else if (++batches >= patience) {
          ways.left++;
          break;
        }
        if (random() < 0.02) await run.stop();
      }
    } catch (thrown) {
      if (thrown instanceof AbortReason) ways.aborted++;
      else ways.refused++;
    }
  };
  let left = REQUESTS;
  let isOver = false;
  const lanes = Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) {
        await request();
        // Keys that were switched off would end the test early.
        if (left % 50 === 0) for (const { id } of world.pool.records.list()) await world.pool.records.reset(id);
      }
    }),
  ).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    clock.advance(20);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await lanes;

  for (const key of world.pool.records.list()) expect(key.inFlight).toBe(0);
  expect([...live.values()].every((count) => count === 0)).toBe(true);
  expect(Math.max(...peaks.values())).toBe(LIMIT);
  expect(world.pool.waiting(PROFILE)).toBe(0);
  // Every end was met, many times.
  for (const count of Object.values(ways)) expect(count).toBeGreaterThan(50);
  expect(Object.values(ways).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(REQUESTS);
  // Every call is booked once, to the key that it was made with.
  const successes = records.filter(({ outcome }) => outcome === 'success').length;
  expect(world.pool.records.list().reduce((sum, key) => sum + key.successes, 0)).toBe(successes);
  const last = new Map<string, CallRecord[]>();
  for (const record of records) last.set(record.runId, [...(last.get(record.runId) ?? []), record]);
  for (const calls of last.values()) {
    expect(calls.map(({ attempt }) => attempt)).toEqual(calls.map((_, at) => at + 1));
    expect(calls.filter(({ outcome }) => outcome === 'success').length).toBeLessThanOrEqual(1);
  }
}, 120_000);
