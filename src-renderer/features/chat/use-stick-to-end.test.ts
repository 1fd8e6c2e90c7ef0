import { expect, test } from 'vitest';
import { scrollWish } from './use-stick-to-end.ts';

test.each([
  ['a long step up lets go, whoever took it', { px: -200, fromEndPx: 200, byHand: false }, 'leave'],
  ['the smallest step of a hand lets go', { px: -3, fromEndPx: 3, byHand: true }, 'leave'],
  ['what shrinks at the end lets go of nothing', { px: -30, fromEndPx: 0, byHand: false }, null],
  ['a shrunken end that has grown again is no step of the reader', { px: -20, fromEndPx: 30, byHand: false }, null],
  ['growth alone changes nothing', { px: 0, fromEndPx: 300, byHand: false }, null],
  ['a step down to the end holds it again', { px: 40, fromEndPx: 12, byHand: true }, 'hold'],
  ['a step down that ends above leaves things as they are', { px: 40, fromEndPx: 500, byHand: true }, null],
] as const)('%s', (_name, step, wish) => {
  expect(scrollWish(step)).toBe(wish);
});
