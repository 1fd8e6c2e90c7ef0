import { describe, expect, it } from 'vitest';
import { ManualClock } from './clock.ts';
import { STOP_WITHIN_MS, stopWithin } from './stop-within.ts';

describe('[E8-26] the end of the application', () => {
  it('waits for an orderly one, tells what went wrong, and leaves no timer', async () => {
    const clock = new ManualClock();
    expect(await stopWithin(Promise.resolve(), clock)).toBe('stopped');
    await expect(stopWithin(Promise.reject(new Error('the disk is gone')), clock)).rejects.toThrow('the disk is gone');
    expect(clock.pending).toBe(0);
  });

  it('comes at the limit whatever hangs, and a failure after that is nobody’s', async () => {
    const clock = new ManualClock();
    const hanging = Promise.withResolvers<void>();
    const ended = stopWithin(hanging.promise, clock);
    clock.advance(STOP_WITHIN_MS - 1);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect(await ended).toBe('late');
    hanging.reject(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
