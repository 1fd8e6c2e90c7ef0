import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutAtWord, titleOf } from './message.ts';

describe('[E8-28] the first title of a conversation', () => {
  test('a long message is cut at the end of a word, without the signs that would promise more', () => {
    const words =
      'Why are some orders charged twice after a restart, and how do we roll this migration out — notwithstanding the load';
    const title = titleOf(words);
    expect(title).toBe('Why are some orders charged twice after a restart, and how do we roll this migration out');
  });

  test('Chinese has no spaces and is cut between words all the same', () => {
    const title = titleOf('为什么有些订单在重启之后会被重复扣款，我们应该如何修复这个问题。'.repeat(5));
    expect(title.length).toBeGreaterThan(90);
    expect(title).toMatch(/\p{L}$/u);
    const words = new Set(
      [...new Intl.Segmenter('zh', { granularity: 'word' }).segment(title)].map((each) => each.segment),
    );
    expect(words).toContain('订单');
  });

  test('marks of Markdown are no part of a name; what is code stays', () => {
    expect(titleOf('# Fix this\n\n```ts\nconst a = 1 ** 2;\n```')).toBe('Fix this · const a = 1 ** 2');
    expect(titleOf('**Translate**:')).toBe('Translate');
    expect(titleOf('C++ or C#?')).toBe('C++ or C#?');
    expect(titleOf('***')).toBe('***');
  });

  test('an address that is longer than a title is cut within', () => {
    expect(titleOf(`https://a.example/${'x'.repeat(300)}`)).toHaveLength(100);
  });

  test('a title is short, says something, and parts no character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const title = titleOf(text);
        expect(title.length).toBeGreaterThan(0);
        expect(title.length).toBeLessThanOrEqual(100);
        expect(title.isWellFormed()).toBe(true);
      }),
    );
    expect(cutAtWord('short', 10)).toBe('short');
  });
});
