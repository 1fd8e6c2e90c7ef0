import fc from 'fast-check';
import { countTokens as countCl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { countTokens as countO200k } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { piecesOf } from './token-pieces.ts';

const AS_TEXT = { disallowedSpecial: new Set<string>() };
const tokenizers = { o200k_base: countO200k, cl100k_base: countCl100k };

/** Short and long runs of everything that tokenizers treat differently, among it what is no character. */
const texts = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc
        .record({
          part: fc.constantFrom(
            'a',
            'é',
            '的',
            '，',
            '。',
            '\u3000',
            '😀',
            ' ',
            '\n',
            '\r\n',
            '=',
            '/',
            "'s",
            '1',
            'e\u0301',
            '\ud800',
            '\udc00',
            '\0',
            '<|endoftext|>',
            ' word',
            'A!b',
            '— “',
          ),
          times: fc.nat(300),
        })
        .map(({ part, times }) => part.repeat(times)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

it('[E7-14] the pieces are the text, none is empty, and no pair is parted', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const pieces = [...piecesOf(text)];
      expect(pieces.join('')).toBe(text);
      for (const [at, piece] of pieces.entries()) {
        expect(piece).not.toBe('');
        expect(piece.length).toBeLessThanOrEqual(2 * 8192 + 1);
        if (at > 0) expect(/[\ud800-\udbff]$/.test(pieces[at - 1] ?? '') && /^[\udc00-\udfff]/.test(piece)).toBe(false);
      }
    }),
    { numRuns: 300 },
  );
});

it('[E7-14] no piece holds a run that a tokenizer would take long for', () => {
  // What the tokenizers keep in one piece: letters with their marks, signs, blanks.
  const longRun = /[\p{L}\p{M}]{129}|[^\s\p{L}\p{N}]{129}|\s{129}/u;
  fc.assert(
    fc.property(texts, (text) => {
      for (const piece of piecesOf(text)) expect(piece).not.toMatch(longRun);
    }),
    { numRuns: 300 },
  );
});

it.each(Object.entries(tokenizers))(
  '[E7-14] the pieces of any text add up to the %s count of the whole but for a few tokens a cut',
  (_name, count) => {
    fc.assert(
      fc.property(texts, (text) => {
        const pieces = [...piecesOf(text)];
        const sum = pieces.reduce((tokens, piece) => tokens + count(piece, AS_TEXT), 0);
        const whole = count(text, AS_TEXT);
        expect(Math.abs(sum - whole)).toBeLessThanOrEqual(6 * Math.max(0, pieces.length - 1));
      }),
      { numRuns: 200 },
    );
  },
);

it.each(Object.entries(tokenizers))(
  '[E7-14] ordinary text in pieces counts exactly as the whole by %s',
  (_name, count) => {
    const paragraphs = fc.array(
      fc.constantFrom(
        'The quick brown fox, 1,024 of them, isn’t "lazy".',
        'const rows = await store.page({ limit: 500 });\n',
        '我们今天去公园，天气很好。',
        '\n\n  - item\n',
        '\tif (x) return;\r\n',
        'naïve café — über 😀 👩‍👩‍👧 ',
      ),
      { minLength: 300, maxLength: 900 },
    );
    fc.assert(
      fc.property(paragraphs, (parts) => {
        const text = parts.join(' ');
        const sum = [...piecesOf(text)].reduce((tokens, piece) => tokens + count(piece, AS_TEXT), 0);
        const whole = count(text, AS_TEXT);
        expect(Math.abs(sum - whole)).toBeLessThanOrEqual(whole / 1000);
      }),
      { numRuns: 20 },
    );
  },
);

/** The same on every machine: the generator of Park and Miller. */
function runOf(length: number, first: number, kinds: number): string {
  let state = 42;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCodePoint(first + (state % kinds));
  }).join('');
}

describe.each(Object.entries(tokenizers))('%s', (_name, count) => {
  it.each([
    ['letters', runOf(4_000, 0x61, 26)],
    ['capitals', runOf(4_000, 0x41, 26)],
    ['signs', runOf(4_000, 0x21, 15)],
    ['Chinese', runOf(4_000, 0x4e00, 6_000)],
    ['Korean', runOf(4_000, 0xac00, 6_000)],
    ['emoji', runOf(4_000, 0x1f300, 600)],
    ['one letter', 'a'.repeat(4_096)],
    ['blanks', ' '.repeat(4_096)],
    ['equals signs', '='.repeat(4_096)],
  ])('[E7-14] four thousand %s without a gap are counted within two in a hundred', (_what, text) => {
    const whole = count(text, AS_TEXT);
    const sum = [...piecesOf(text)].reduce((tokens, piece) => tokens + count(piece, AS_TEXT), 0);
    expect(Math.abs(sum - whole)).toBeLessThanOrEqual(whole / 50);
  });
});
