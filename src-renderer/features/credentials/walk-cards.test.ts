import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cardAfter, type Walk, walkOf } from './walk-cards.ts';

const WALKS: Walk[] = ['back', 'on', 'up', 'down', 'first', 'last'];

test('[E10-23] arrows lead through three columns as the eye does', () => {
  // 0 1 2 / 3 4 5 / 6 7
  const go = (walk: Walk, at: number) => cardAfter(walk, at, 8, 3);
  expect([go('on', 2), go('back', 3), go('down', 1), go('up', 7)]).toEqual([3, 2, 4, 4]);
  // Below the last full card of a column stands nothing: the end of the shorter row is next. At an edge nothing moves.
  expect([go('down', 5), go('down', 6), go('up', 2), go('back', 0), go('on', 7)]).toEqual([7, 6, 2, 0, 7]);
  expect([go('first', 5), go('last', 1)]).toEqual([0, 7]);
});

test('[E10-23] a step never leaves the cards, and every card is reached by walking on', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 4 }), fc.nat(), (count, columns, seed) => {
      for (const walk of WALKS) {
        const to = cardAfter(walk, seed % count, count, columns);
        expect(to).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThan(count);
      }
      let at = 0;
      for (let steps = 1; steps < count; steps++) at = cardAfter('on', at, count, columns);
      expect(at).toBe(count - 1);
    }),
  );
});

test('[E10-23] keys with a modifier are left to whoever they belong to', () => {
  const plain = { altKey: false, ctrlKey: false, metaKey: false };
  expect(walkOf({ ...plain, key: 'ArrowDown' })).toBe('down');
  expect(walkOf({ ...plain, key: 'ArrowLeft', altKey: true })).toBeNull();
  expect(walkOf({ ...plain, key: 'a' })).toBeNull();
});
