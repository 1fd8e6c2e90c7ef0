import { describe, expect, it } from 'vitest';
import { ManualClock } from './clock.ts';
import { waitAtMost } from './wait-at-most.ts';

describe('waiting, and no longer than a limit', () => {
  it('gives what came in time, or what went wrong, and leaves no timer', async () => {
    const clock = new ManualClock();
    expect(await waitAtMost(Promise.resolve(7), clock, 100)).toBe(7);
    await expect(waitAtMost(Promise.reject(new Error('gone')), clock, 100)).rejects.toThrow('gone');
    expect(clock.pending).toBe(0);
  });

  it('is late at the limit and not before it', async () => {
    const clock = new ManualClock();
    const hanging = Promise.withResolvers<number>();
    const waited = waitAtMost(hanging.promise, clock, 100);
    clock.advance(99);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect(await waited).toBe('late');
    expect(clock.pending).toBe(0);
  });
});
