import { describe, expect, it } from 'vitest';
import { markParts } from './mark-parts.ts';

describe('marked snippet', () => {
  it('marks every word of the search, ignoring case', () => {
    expect(markParts('The Worker and the work', 'work the')).toEqual([
      { text: 'The', match: true },
      { text: ' ', match: false },
      { text: 'Work', match: true },
      { text: 'er and ', match: false },
      { text: 'the', match: true },
      { text: ' ', match: false },
      { text: 'work', match: true },
    ]);
  });

  it('takes signs of a pattern as the signs they are', () => {
    expect(markParts('f(x) = a.b*', 'a.b*')).toEqual([
      { text: 'f(x) = ', match: false },
      { text: 'a.b*', match: true },
    ]);
  });

  it('marks what the index found: letters with marks, and words without the signs around them', () => {
    expect(markParts('Ein Café, "leise"', 'cafe "leise').filter(({ match }) => match)).toEqual([
      { text: 'Café', match: true },
      { text: '"leise', match: true },
    ]);
    expect(markParts('a lease', '“lease”').at(-1)).toEqual({ text: 'lease', match: true });
  });
});
