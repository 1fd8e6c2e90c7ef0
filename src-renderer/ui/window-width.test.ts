import { expect, it } from 'vitest';
import { widthsAbove } from './window-width.ts';

it.each([
  [1280, 100, []],
  [1080, 100, []],
  [1079, 100, ['full']],
  [839, 100, ['full', 'wide']],
  [480, 100, ['full', 'wide', 'word']],
  // Half as large again: a window of 1,280 px holds what 853 px hold otherwise.
  [1280, 150, ['full']],
  [1259, 150, ['full', 'wide']],
  [839, 150, ['full', 'wide', 'word']],
  [945, 87.5, []],
])('[E12] a window of %i px with text at %s %% is below %j', (width, percent, below) => {
  expect(widthsAbove(width, percent)).toEqual(below);
});
