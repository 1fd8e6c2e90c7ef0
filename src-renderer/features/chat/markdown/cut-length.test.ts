import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutLength } from './cut-length.ts';

it.each([
  ['one\ntwo three', 4],
  ['one two\r\nthree', 9],
  ['one two three', 8],
  ['onetwothree', 11],
  ['日本語', 3],
  ['ab\u{1F600}', 4],
  ['ab\uD83D', 2],
  ['\uD83D', 1],
])('%j is parted after %i units', (window, length) => {
  expect(cutLength(window)).toBe(length);
});

it('a piece is never empty, never longer than its window, and ends within no character that the text has', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat(), (text, size) => {
      const window = text.slice(0, 2 + (size % text.length));
      const length = cutLength(window);
      expect(length).toBeGreaterThan(0);
      expect(length).toBeLessThanOrEqual(window.length);
      expect(text.slice(0, length).isWellFormed()).toBe(text.isWellFormed());
    }),
  );
});
