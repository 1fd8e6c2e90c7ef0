import { describe, expect, it } from 'vitest';
import { findInlineMath } from './find-inline-math.ts';

const found = (text: string) => {
  for (let at = 0; at < text.length; at++) {
    const math = findInlineMath(text, at, text.length);
    if (math !== null) return math.source;
  }
  return null;
};

describe('[E6-07] a dollar sign', () => {
  it.each([
    'from $20 to $15',
    'US$5 and CA$6',
    '$5-$10 a month',
    '$5 (or A$)',
    'costs $5, or $6/mo',
    'the variables $HOME and $PATH',
    'a $ b $ c',
    '$1,000 is more than $900.',
    'pay $10k and get $20k back',
    'between $3 and 4$',
    '$',
    '$$',
    'only $x',
    'escaped \\$',
  ])('%j is money or a name', (text) => {
    expect(found(text)).toBeNull();
  });

  it.each([
    ['$x$', 'x'],
    ['so $e^{i\\pi} + 1 = 0$.', 'e^{i\\pi} + 1 = 0'],
    ['设$x$为实数', 'x'],
    ['$2 \\text{ apples}$', '2 \\text{ apples}'],
    ['$3/4$ of it', '3/4'],
    ['$a \\$ b$', 'a \\$ b'],
    ['\\(a + b\\)', 'a + b'],
    ['so $$x^2$$ it is', 'x^2'],
    ['$20, but $n$', 'n'],
  ])('%j is mathematics', (text, source) => {
    expect(found(text)).toBe(source);
  });
});
