import { expect, test } from 'vitest';
import { sectionAt } from './section-at.ts';

const PLACES = [
  { name: 'appearance', topPx: -700 },
  { name: 'queue', topPx: 90 },
  { name: 'keys', topPx: 400 },
];

test('[E12] the section that is read is the last one that has begun', () => {
  expect(sectionAt(PLACES, false)).toBe('queue');
  expect(sectionAt(PLACES.slice(0, 1), false)).toBe('appearance');
});

test('[E12] at the end of the page it is the last, and before the first has begun it is the first', () => {
  expect(sectionAt(PLACES, true)).toBe('keys');
  expect(sectionAt([{ name: 'appearance', topPx: 300 }], false)).toBe('appearance');
  expect(sectionAt([], true)).toBeNull();
});
