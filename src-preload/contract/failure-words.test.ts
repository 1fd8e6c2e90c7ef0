import { describe, expect, it } from 'vitest';
import { type FailureWords, sayFailure } from './failure-saying.ts';
import { FAILURE_WORDS, isFailureSaying } from './failure-words.ts';
import { FAILURE_WORDS_ZH } from './failure-words-zh.ts';

const places = (sentence: string) => [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe('sentences of failures', () => {
  it.each(Object.keys(FAILURE_WORDS) as (keyof FailureWords)[])(
    '[E12] “%s” has the same facts in both languages',
    (word) => {
      expect(places(FAILURE_WORDS_ZH[word])).toEqual(places(FAILURE_WORDS[word]));
      // A sentence that was left in English has no Chinese in it; the forms of numbers may have none.
      const isText = /\p{L}/u.test(FAILURE_WORDS[word].replace(/\{\w+\}/g, ''));
      if (!word.startsWith('_') && isText) expect(FAILURE_WORDS_ZH[word]).toMatch(/\p{Script=Han}/u);
    },
  );

  it('[E12] facts stand in their places, and what is absent leaves nothing behind', () => {
    const said = {
      word: 'rate_limited',
      with: { upstream: 'work', status: 429, quote: 'slow $& down', in: 61_000 },
    } as const;
    expect(sayFailure(FAILURE_WORDS, said)).toBe(
      '“work” takes no more requests just now (429): “slow $& down”. Try again in 61 seconds.',
    );
    expect(sayFailure(FAILURE_WORDS_ZH, said)).toBe(
      '“work”现在不再接受更多请求（429）：“slow $& down”。请 61 秒后重试。',
    );
    expect(sayFailure(FAILURE_WORDS, { word: 'overloaded', with: { upstream: 'work' } })).toBe(
      '“work” is overloaded. Try again in a moment.',
    );
  });

  it.each<[unknown, boolean]>([
    [{ word: 'closing' }, true],
    [{ word: 'rate_limited', with: { upstream: 'x' } }, true],
    [{ word: '_status' }, false],
    [{ word: 'toString' }, false],
    [{ word: 'of a newer core' }, false],
    [{ word: 'closing', with: 'x' }, false],
    [null, false],
  ])('[E12] %j names a sentence: %j', (value, known) => {
    expect(isFailureSaying(value)).toBe(known);
  });
});
