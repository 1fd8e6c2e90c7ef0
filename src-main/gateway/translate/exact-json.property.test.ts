import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactly, parseExactJson } from './exact-json.ts';

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

test('numbers beyond every double are written as they came', () => {
  const number = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.constantFrom('1', '25', '0.5', '9.75'),
      fc.constantFrom('e', 'E', 'e+', 'E-'),
      fc.integer({ min: 330, max: 9999 }),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(number, (source) => {
      expect(JSON.stringify(parseExactJson(`{"a":${source}}`))).toBe(`{"a":${source}}`);
      expect(JSON.stringify(parseExactJson(`[true,${source}]`))).toBe(`[true,${source}]`);
    }),
  );
});

test('text that is no JSON throws', () => {
  expect(() => parseExactJson('{"a":12345678901234567890')).toThrow(SyntaxError);
  expect(() => parseExactJson('{')).toThrow(SyntaxError);
});

/** Numbers in every way of writing them, and texts that look like some. */
const written = fc.oneof(
  fc.constantFrom('0', '-0', '1.50', '1e3', '1E-400', '9007199254740993', '1.00000000000000000001', '0.1e400'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String),
  fc
    .string({ unit: fc.constantFrom('1', '2', '.', 'e', 'E', '-', ' ', ',', ':', '漢', '\u00a0', '"') })
    .map((text) => JSON.stringify(text)),
);

test('what was read before is written as what is read anew, and is the very same where nothing can be lost', () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 6 }), (parts) => {
      const text = `{"a":[${parts.join(', ')}]}`;
      const read = JSON.parse(text) as Record<string, unknown>;
      const exact = exactly(Buffer.from(text), read);
      expect(JSON.stringify(exact)).toBe(JSON.stringify(parseExactJson(text)));
    }),
    { numRuns: 1000 },
  );
});

test('a conversation without such numbers is not read twice', () => {
  const text = JSON.stringify({
    messages: [{ content: 'See 2026-11-22, section 3.4, 12 things: “e5” …' }],
    max_tokens: 32000,
  });
  const read = JSON.parse(text) as Record<string, unknown>;
  expect(exactly(Buffer.from(text), read)).toBe(read);
});

test('a number is found wherever it stands in a long conversation', () => {
  const number = fc.constantFrom('9007199254740993', '-0.1234567890123456789', '1e400', '123456789012345E-400');
  fc.assert(
    fc.property(number, fc.integer({ min: -60, max: 60 }), fc.integer({ min: 1, max: 3 }), (source, off, lots) => {
      const lead = '{"a":"';
      const text = `${lead}${'x'.repeat(lots * 32 * 1024 - lead.length + off)}","n":${source}}`;
      expect(JSON.stringify(exactly(Buffer.from(text), JSON.parse(text) as Record<string, unknown>))).toBe(text);
    }),
    { numRuns: 300 },
  );
});
