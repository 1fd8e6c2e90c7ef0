import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseExactJson } from './exact-json.ts';

test('what is parsed is what JSON.parse gives, where a double holds every number', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      // `-0` is the one number that writing changes.
      expect(JSON.parse(JSON.stringify(parseExactJson(text)))).toEqual(JSON.parse(JSON.stringify(JSON.parse(text))));
    }),
  );
});

test('integers and decimals of any length are written as they came', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
      fc.bigInt({ min: 10n ** 17n, max: 10n ** 30n }),
      (whole, digits) => {
        const text = `{"a":[${whole},{"b":0.${digits}1}],"c":"${digits}"}`;
        expect(JSON.stringify(parseExactJson(text))).toBe(text);
      },
    ),
  );
});

test('text that is no JSON throws', () => {
  expect(() => parseExactJson('{"a":12345678901234567890')).toThrow(SyntaxError);
  expect(() => parseExactJson('{')).toThrow(SyntaxError);
});
