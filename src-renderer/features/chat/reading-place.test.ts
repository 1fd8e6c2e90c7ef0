import { expect, test } from 'vitest';
import { wayBack } from './reading-place.ts';

test.each([
  ['nothing has moved', { topPx: 12, heightPx: 100 }, { part: 0, linePx: 12 }, 0],
  ['it went down by what grew above it', { topPx: 512, heightPx: 100 }, { part: 0, linePx: 12 }, 500],
  ['it went up by what shrank above it', { topPx: -88, heightPx: 100 }, { part: 0, linePx: 12 }, -100],
  [
    'a text that is twice as high is read on in its middle',
    { topPx: -100, heightPx: 400 },
    { part: 0.5, linePx: 36 },
    64,
  ],
] as const)('[E12] the way back to a place: %s', (_name, box, place, px) => {
  expect(wayBack(box, place)).toBe(px);
});
