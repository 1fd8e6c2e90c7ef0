import fc from 'fast-check';
import cl100kTable from 'gpt-tokenizer/bpeRanks/cl100k_base';
import o200kTable from 'gpt-tokenizer/bpeRanks/o200k_base';
import { countTokens as countCl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { countTokens as countO200k } from 'gpt-tokenizer/encoding/o200k_base';
import { CL100K_TOKEN_SPLIT_REGEX, O200K_TOKEN_SPLIT_REGEX } from 'gpt-tokenizer/encodingParams/constants';
import { describe, expect, it } from 'vitest';
import { BytePairCounter, type TokenTable } from './token-bpe.ts';

const AS_TEXT = { disallowedSpecial: new Set<string>() };

const encodings: [string, TokenTable, RegExp, typeof countO200k][] = [
  ['o200k_base', o200kTable, O200K_TOKEN_SPLIT_REGEX, countO200k],
  ['cl100k_base', cl100kTable, CL100K_TOKEN_SPLIT_REGEX, countCl100k],
];

const words = fc.constantFrom(
  'the ',
  'Conversation',
  'naïve',
  'été',
  '\u00e9',
  '\u00ff',
  '中文字',
  '漢字かな交じり',
  '안녕하세요',
  '👩‍👩‍👧',
  '\ud800',
  '\udc00x',
  '\0',
  '<|endoftext|>',
  '12345',
  '\r\n\r\n',
  '  ',
  '=====',
  "I'll",
  'ÀÉÎ',
  'مرحبا',
  'สวัสดี',
  'xqzvkjw',
);
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.array(words, { maxLength: 60 }).map((parts) => parts.join('')),
);

describe.each(encodings)('%s', (_name, table, split, countTokens) => {
  const counter = new BytePairCounter(table, split);

  it('[E7-14] counts any text as the reference does, and the same a second time', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const tokens = countTokens(text, AS_TEXT);
        expect(counter.count(text)).toBe(tokens);
        expect(counter.count(text)).toBe(tokens);
      }),
      { numRuns: 1_000 },
    );
  });

  it('[E7-14] a word longer than any before is counted as well', () => {
    const word = 'qzjxkv'.repeat(500);
    expect(counter.count(word)).toBe(countTokens(word, AS_TEXT));
  });

  it('[E7-14] more words than are kept are counted all the same', () => {
    const many = Array.from({ length: 60_000 }, (_, at) => `q${at.toString(26).replaceAll(/[0-9]/g, 'z')}`).join(' ');
    expect(counter.count(many)).toBe(countTokens(many, AS_TEXT));
  });
});
