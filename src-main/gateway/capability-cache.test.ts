import { describe, expect, test } from 'vitest';
import { AbortReason, AppFailure } from '../platform/app-failure.ts';
import { ManualClock } from '../platform/clock.ts';
import { deferred } from '../platform/deferred.ts';
import { CapabilityCache } from './capability-cache.ts';
import { readCapabilities } from './providers/hermes/read-capabilities.ts';
import { rejectionOf } from './testing/calls.ts';
import type { UpstreamCapabilities } from './upstream-adapter.ts';

const STEER = readCapabilities({ features: { run_steer: true } }) as UpstreamCapabilities;
const CLARIFY = readCapabilities({ features: { run_clarify: true } }) as UpstreamCapabilities;
const signal = () => new AbortController().signal;

function setUp() {
  const clock = new ManualClock();
  const cache = new CapabilityCache(clock);
  const answers: (UpstreamCapabilities | null | Error)[] = [];
  let asked = 0;
  const probe = async () => {
    asked++;
    const answer = answers.shift();
    if (answer === undefined || answer instanceof Error) throw answer ?? new AppFailure('timeout', 'No answer.');
    return answer;
  };
  return { clock, cache, answers, get: () => cache.get('k', probe, signal()), asked: () => asked };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('[E9-03] what an upstream can do', () => {
  test('is asked once in five minutes', async () => {
    const { clock, answers, get, asked } = setUp();
    answers.push(STEER);
    expect(await get()).toEqual(STEER);
    clock.advance(299_999);
    expect(await get()).toEqual(STEER);
    expect(asked()).toBe(1);
  });

  test('is asked again behind an answer that has grown old, which is given out at once', async () => {
    const { clock, answers, get, asked } = setUp();
    answers.push(STEER, CLARIFY);
    await get();
    clock.advance(300_000);
    expect(await get()).toEqual(STEER);
    await settled();
    expect(await get()).toEqual(CLARIFY);
    expect(asked()).toBe(2);
  });

  test('is null after a failure, and asked again after 30 s', async () => {
    const { clock, answers, get, asked } = setUp();
    answers.push(new AppFailure('timeout', 'Late.'), STEER);
    expect(await get()).toBeNull();
    clock.advance(29_999);
    expect(await get()).toBeNull();
    expect(asked()).toBe(1);
    clock.advance(1);
    await get();
    await settled();
    expect(await get()).toEqual(STEER);
  });

  test('stays known when a later question fails', async () => {
    const { clock, answers, get } = setUp();
    answers.push(STEER, new Error('broken'));
    await get();
    clock.advance(300_000);
    await get();
    await settled();
    expect(await get()).toEqual(STEER);
  });

  test('is one question for all who ask at the same time, and each address has its own', async () => {
    const cache = new CapabilityCache(new ManualClock());
    const gate = deferred<UpstreamCapabilities | null>();
    let asked = 0;
    const probe = () => {
      asked++;
      return gate.promise;
    };
    const both = [cache.get('k', probe, signal()), cache.get('k', probe, signal()), cache.get('l', probe, signal())];
    gate.resolve(STEER);
    expect(await Promise.all(both)).toEqual([STEER, STEER, STEER]);
    expect(asked).toBe(2);
  });

  test('[E2-22] an abort ends the wait at once, and the question goes on for the others', async () => {
    const cache = new CapabilityCache(new ManualClock());
    const gate = deferred<UpstreamCapabilities | null>();
    const controller = new AbortController();
    const leaving = rejectionOf(cache.get('k', () => gate.promise, controller.signal));
    const staying = cache.get('k', () => gate.promise, signal());
    const reason = new AbortReason('user');
    controller.abort(reason);
    expect(await leaving).toBe(reason);
    gate.resolve(STEER);
    expect(await staying).toEqual(STEER);
  });

  test('closing ends a question under way', async () => {
    const cache = new CapabilityCache(new ManualClock());
    const asking = cache.get(
      'k',
      (probing) => new Promise((_, reject) => probing.addEventListener('abort', () => reject(new Error('closed')))),
      signal(),
    );
    cache.close();
    expect(await asking).toBeNull();
  });
});
