import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsInView } from './row-window.ts';

describe('the rows that are drawn', () => {
  it('[E8-28] hold every row that can be seen, few others, and never one that is not there', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -200_000, max: 5_000 }),
        fc.integer({ min: 100, max: 2_000 }),
        fc.integer({ min: 20, max: 66 }),
        fc.integer({ min: 0, max: 5_000 }),
        (top, view, row, count) => {
          const { from, to } = rowsInView(top, view, row, count);
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(count);
          expect(from).toBeLessThanOrEqual(to);
          for (let index = 0; index < count; index++) {
            const start = top + index * row;
            if (start + row > 0 && start < view) expect(index >= from && index < to).toBe(true);
          }
          expect(to - from).toBeLessThanOrEqual(view / row + 2 + 2 * 20 + 2 * 10);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('[E8-28] stay the same while the reader scrolls a little', () => {
    const at = (top: number) => rowsInView(top, 600, 28, 5000);
    const ranges = Array.from({ length: 200 }, (_, step) => JSON.stringify(at(-10_000 - step)));
    expect(new Set(ranges).size).toBeLessThanOrEqual(3);
  });
});
