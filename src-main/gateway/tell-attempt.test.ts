import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeUpstream } from '../../e2e/fake-upstream/fake-upstream.ts';
import { answer, rateLimited, text } from '../../e2e/fake-upstream/script.ts';
import { AbortReason, AppFailure } from '../platform/app-failure.ts';
import { ManualClock } from '../platform/clock.ts';
import { deferred } from '../platform/deferred.ts';
import { Gateway } from './gateway.ts';
import type { AttemptNotices } from './tell-attempt.ts';
import { requestOf, SECRET } from './testing/calls.ts';
import { fixedLease } from './testing/fixed-lease.ts';

let fake: FakeUpstream;
beforeEach(async () => {
  fake = await FakeUpstream.start();
});
afterEach(() => fake.close());

/** Starts a run and keeps what its caller hears of its requests. */
function start(clock: ManualClock, signal: AbortSignal, notices: AttemptNotices) {
  const gateway = new Gateway({
    profiles: { byName: (name) => ({ id: 'p', name, kind: 'openai-chat', baseUrl: fake.url, defaultModel: 'm1' }) },
    credentials: {
      lease: () => Promise.resolve(fixedLease('c1', SECRET, () => undefined)),
    },
    settings: () => ({ headersTimeoutMs: 1e9, idleTimeoutMs: 1e9, totalTimeoutMs: 1e9 }),
    clock,
    random: () => 0.5,
  });
  return gateway.start('work', { ...requestOf(), model: null }, signal, notices);
}

async function until(clock: ManualClock, isTrue: () => boolean): Promise<void> {
  for (let round = 0; round < 2000 && !isTrue(); round++) {
    clock.advance(50);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(isTrue()).toBe(true);
}

describe('each request of a start', () => {
  it('[decision 31] is told before it leaves, with its key and model, and again when it was not accepted', async () => {
    fake.next(rateLimited('0'));
    fake.next([text('fine')]);
    const clock = new ManualClock();
    const told: unknown[] = [];
    let isStarted = false;
    const started = start(clock, new AbortController().signal, {
      sending: (attempt) => {
        told.push(['sending', attempt.attempt, attempt.credentialId, attempt.model, fake.requests.length]);
        return Promise.resolve();
      },
      notAccepted: (attempt, thrown) =>
        told.push(['refused', attempt.attempt, thrown instanceof AppFailure ? thrown.code : thrown]),
    }).then((call) => {
      isStarted = true;
      return call;
    });
    await until(clock, () => isStarted);
    expect(told).toEqual([
      ['sending', 1, 'c1', 'm1', 0],
      ['refused', 1, 'upstream_rate_limited'],
      ['sending', 2, 'c1', 'm1', 1],
    ]);
    await (await started).run.stop();
  });

  it('[decision 31] the last one that is refused is told, too', async () => {
    fake.next(answer(401, { error: { message: 'no' } }));
    const told: unknown[] = [];
    const started = start(new ManualClock(), new AbortController().signal, {
      notAccepted: (_attempt, thrown) => told.push(thrown instanceof AppFailure ? thrown.details?.['status'] : thrown),
    });
    await expect(started).rejects.toMatchObject({ code: 'upstream_auth' });
    expect(told).toEqual([401]);
  });

  it('[decision 31] [E4-01] a stop while it is being written down keeps it from leaving, and says so', async () => {
    const controller = new AbortController();
    const written = deferred<void>();
    const told: unknown[] = [];
    const started = start(new ManualClock(), controller.signal, {
      sending: () => written.promise,
      notAccepted: (_attempt, thrown) => told.push(thrown),
    });
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new AbortReason('user'));
    written.resolve();
    await expect(started).rejects.toMatchObject({ kind: 'user' });
    expect(told).toEqual([null]);
    expect(fake.requests).toEqual([]);
  });
});
