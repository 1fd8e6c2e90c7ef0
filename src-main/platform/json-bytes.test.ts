import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonBytes } from './json-bytes.ts';

/** Whatever a program may have written, halves of pairs too; short and long, with and without characters of two bytes. */
const texts = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.nat({ max: 400 })), { maxLength: 8 });

test('the bytes are those of JSON.stringify in UTF-8, whatever the text', () => {
  fc.assert(
    fc.property(texts, fc.constantFrom('', '\ud83d', '漢', 'é', '😀'), (parts, odd) => {
      const value = { parts: parts.map(([text, times]) => text.repeat(times) + odd) };
      const bytes = jsonBytes(value);
      expect(bytes.equals(Buffer.from(JSON.stringify(value)))).toBe(true);
      expect(JSON.parse(bytes.toString('utf8'))).toEqual(value);
    }),
  );
});

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** Values as programs make them, with what JSON leaves out, writes otherwise, or keeps as it was written. */
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom<unknown>(
      null,
      undefined,
      true,
      0,
      -0,
      1.5,
      Number.NaN,
      new Date(0),
      rawJSON('12345678901234567890'),
      [],
      {},
    ),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string({ maxLength: 8 }), tie('value'), { maxKeys: 5 }),
  ),
})).value;

test('pieces of any length give the same bytes', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), values, { minKeys: 1 }),
      fc.integer({ min: 0, max: 60 }),
      (value, pieceChars) => {
        expect(jsonBytes(value, pieceChars).toString('utf8')).toBe(JSON.stringify(value));
      },
    ),
    { numRuns: 1000 },
  );
});
