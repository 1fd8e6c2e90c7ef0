import fc from 'fast-check';
import { expect, it } from 'vitest';
import { logTime } from './log-time.ts';

it('[E12] lines of the log bear their time, whichever way the clock goes', () => {
  const steps = fc.array(fc.oneof(fc.integer({ min: -5, max: 1500 }), fc.integer({ min: -(2 ** 40), max: 2 ** 40 })), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(steps, (moves) => {
      let nowMs = 1_700_000_000_000;
      const time = logTime(() => nowMs);
      for (const move of moves) {
        nowMs = Math.abs(nowMs + move);
        expect(time()).toBe(`,"time":"${new Date(nowMs).toISOString()}"`);
      }
    }),
  );
});
