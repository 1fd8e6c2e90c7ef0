import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateTokens } from '#contract/token-estimate';
import { correctTokens, learnCorrection, NO_CORRECTION, type TokenCorrection } from './token-correction.ts';
import { encodingOf } from './token-encoding.ts';

describe('the estimate', () => {
  it.each([
    ['', 0],
    [null, 0],
    ['a', 1],
    ['abcd', 1],
    ['abcde', 2],
    ['中', 2],
    ['中文', 3],
    ['中文ab', 4],
    ['ひらがな', 6],
    ['한국어', 5],
    ['𠮷野家', 5],
    ['😀😀', 1],
    ['\ud842', 2],
    ['\udfb7', 1],
    ['\0\0\0\0', 1],
  ])('[E7-14] %j is about %i tokens', (text, tokens) => {
    expect(estimateTokens(text)).toBe(tokens);
  });

  it('[E7-14] a line of a million characters is estimated like any other', () => {
    expect(estimateTokens('a'.repeat(1_000_000))).toBe(250_000);
    expect(estimateTokens('的'.repeat(1_000_000))).toBe(1_500_000);
  });

  it('[E7-14] any text has a whole, finite figure that its parts together reach', () => {
    const any = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(any, any, (one, other) => {
        const whole = estimateTokens(one + other);
        expect(Number.isSafeInteger(whole) && whole >= 0).toBe(true);
        // Two halves of a pair that meet become one character.
        expect(whole).toBeLessThanOrEqual(estimateTokens(one) + estimateTokens(other) + 1);
      }),
    );
  });
});

describe('the tokenizer of a model', () => {
  it.each([
    ['gpt-4', 'cl100k_base'],
    ['gpt-4-turbo-2024-04-09', 'cl100k_base'],
    ['GPT-4-0613', 'cl100k_base'],
    ['openai/gpt-4', 'cl100k_base'],
    ['gpt-3.5-turbo', 'cl100k_base'],
    ['gpt-35-turbo', 'cl100k_base'],
    ['ft:gpt-3.5-turbo:shop::abc', 'cl100k_base'],
    ['ft:gpt-4:shop', 'cl100k_base'],
    ['gpt-4o', 'o200k_base'],
    ['openai/gpt-4o-mini', 'o200k_base'],
    ['gpt-4.1', 'o200k_base'],
    ['gpt-4.5-preview', 'o200k_base'],
    ['gpt-5', 'o200k_base'],
    ['chatgpt-4o-latest', 'o200k_base'],
    ['o3', 'o200k_base'],
    ['claude-sonnet-4-5', 'o200k_base'],
    ['my-gpt-4-clone', 'o200k_base'],
    ['', 'o200k_base'],
    [null, 'o200k_base'],
  ])('[E7-14] %j is counted with %s', (model, encoding) => {
    expect(encodingOf(model)).toBe(encoding);
  });
});

describe('the correction', () => {
  const learn = (known: TokenCorrection, ours: number, reported: number | null) =>
    learnCorrection(known, { ours, reported });

  it('[E7-14] the first report counts in full, a later one by a fifth', () => {
    const first = learn(NO_CORRECTION, 1_000, 1_200);
    expect(first).toEqual({ ratio: 1.2, deviation: null, reports: 1 });
    let known = first;
    for (let times = 0; times < 10; times++) known = learn(known, 1_000, 1_200);
    const outlier = learn(known, 1_000, 2_000);
    expect(outlier.ratio).toBeCloseTo(1.2 * 0.8 + 2 * 0.2);
  });

  it('[E7-14] how far corrected figures were off is known from the second report on', () => {
    const first = learn(NO_CORRECTION, 1_000, 1_200);
    const second = learn(first, 1_000, 1_260);
    expect(second.deviation).toBeCloseTo(0.05);
    expect(learn(second, 1_000, Math.round(1_000 * second.ratio)).deviation).toBeCloseTo(0.04);
  });

  it('[E7-14] what says nothing teaches nothing', () => {
    for (const reported of [null, 0, -5, 63, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(learn(NO_CORRECTION, 1_000, reported)).toBe(NO_CORRECTION);
    }
    expect(learn(NO_CORRECTION, 0, 1_000)).toBe(NO_CORRECTION);
  });

  it('[E7-14] whatever is reported, a figure is at most doubled or halved, and comes close to what is always reported', () => {
    const figure = fc.oneof(fc.nat(10_000_000), fc.constantFrom(Number.NaN, -1, Number.MAX_VALUE));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(figure, figure), { maxLength: 30 }),
        fc.double({ min: 0.5, max: 2, noNaN: true }),
        (reports, ratio) => {
          let known = NO_CORRECTION;
          for (const [ours, reported] of reports) known = learn(known, ours, reported);
          expect(correctTokens(1_000, known)).toBeGreaterThanOrEqual(500);
          expect(correctTokens(1_000, known)).toBeLessThanOrEqual(2_000);
          for (let times = 0; times < 40; times++) known = learn(known, 100_000, Math.round(100_000 * ratio));
          expect(known.ratio).toBeCloseTo(ratio, 2);
        },
      ),
    );
  });
});
