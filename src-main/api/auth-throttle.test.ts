import { describe, expect, it } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { AuthThrottle } from './auth-throttle.ts';

async function flush(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('wrong keys', () => {
  it('[decision 23] the fourth wrong key of a connection waits, and each further one twice as long', async () => {
    const clock = new ManualClock();
    const throttle = new AuthThrottle(clock);
    const line = {};
    for (let n = 0; n < 3; n++) expect(await throttle.failed(line, `guess ${n}`)).toEqual({ waitMs: 0 });
    for (const waitMs of [250, 500, 1000, 2000, 4000, 8000, 8000]) {
      let answer: unknown = null;
      void throttle.failed(line, `guess after ${waitMs}`).then((said) => {
        answer = said;
      });
      clock.advance(waitMs - 1);
      await flush();
      expect(answer).toBeNull();
      clock.advance(1);
      await flush();
      expect(answer).toEqual({ waitMs });
    }
  });

  it('[decision 23] a key that failed before is slow on a new connection as well, another one is not', async () => {
    const clock = new ManualClock();
    const throttle = new AuthThrottle(clock);
    for (let n = 0; n < 3; n++) await throttle.failed({}, 'the same');
    let slow: unknown = null;
    void throttle.failed({}, 'the same').then((said) => {
      slow = said;
    });
    expect(await throttle.failed({}, 'another')).toEqual({ waitMs: 0 });
    await flush();
    expect(slow).toBeNull();
  });

  it('[decision 23] answers that wait are bounded: beyond 64 they are refused at once', async () => {
    const throttle = new AuthThrottle(new ManualClock());
    const line = {};
    for (let n = 0; n < 3; n++) await throttle.failed(line, null);
    for (let n = 0; n < 64; n++) void throttle.failed(line, null);
    expect(await throttle.failed(line, null)).toBe('refused');
    expect(throttle.failures).toBe(68);
  });

  it('[decision 23] beside a right key the same wrong one is free for good, and others wait as those that come alone', async () => {
    const clock = new ManualClock();
    const throttle = new AuthThrottle(clock);
    const line = {};
    for (let n = 0; n < 20; n++) expect(await throttle.failedBeside(line, 'of another service')).toEqual({ waitMs: 0 });
    for (let n = 0; n < 2; n++) expect(await throttle.failedBeside(line, `guess ${n}`)).toEqual({ waitMs: 0 });
    let slow: unknown = null;
    void throttle.failedBeside(line, 'a third guess').then((said) => {
      slow = said;
    });
    await flush();
    expect(slow).toBeNull();
    clock.advance(250);
    await flush();
    expect(slow).toEqual({ waitMs: 250 });
    expect(await throttle.failedBeside({}, 'of another service')).toEqual({ waitMs: 0 });
  });
});
