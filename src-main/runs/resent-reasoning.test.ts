import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResentReasoning } from './resent-reasoning.ts';

const joined = (parts: readonly string[]): string => {
  const resent = new ResentReasoning();
  return parts.map((part) => resent.push(part)).join('');
};

/** Sixteen different characters and more, so that nothing repeats by itself. */
const THOUGHT = 'The quick brown fox jumps over a lazy dog; 0123456789 times.';

describe('reasoning that is sent again', () => {
  it('[E2-06] parts that each hold all that came before are one text', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 20 }), (lengths) => {
        const whole = Array.from({ length: 400 }, (_, index) => `${index}.`).join('');
        let end = 16;
        const parts = lengths.map((length) => whole.slice(0, (end += length)));
        expect(joined(parts)).toBe(parts.at(-1));
      }),
    );
  });

  it('[E2-06] also from a beginning that is too short to be told, and however long it gets', () => {
    const whole = Array.from({ length: 5000 }, (_, index) => `${index}.`).join('');
    const parts = ['Hm', ...Array.from({ length: 100 }, (_, index) => `Hm${whole.slice(0, (index + 1) * 200)}`)];
    // The two characters stand there twice; nothing else does.
    expect(joined(parts)).toBe(`Hm${parts.at(-1) ?? ''}`);
  });

  it('[E2-06] a part that comes twice in a row, and the whole once more at the end, add nothing', () => {
    expect(joined([THOUGHT, THOUGHT, ` And on it goes.`, `${THOUGHT} And on it goes.`])).toBe(
      `${THOUGHT} And on it goes.`,
    );
  });

  it('[E2-06] the whole once more adds nothing but its rest, however long it is', () => {
    const parts = Array.from({ length: 3000 }, (_, index) => `${index}.`);
    expect(joined([...parts, `${parts.join('')} The rest.`])).toBe(`${parts.join('')} The rest.`);
  });

  it('[E2-06] an overlap of 16 characters is dropped, of 15 is not', () => {
    expect(joined(['x 0123456789abcdef', '0123456789abcdef more'])).toBe('x 0123456789abcdef more');
    expect(joined(['x 0123456789abcde', '0123456789abcde more'])).toBe('x 0123456789abcde0123456789abcde more');
    expect(joined(['abc', 'abcabc'])).toBe('abcabcabc');
  });

  it('[E2-06] the longest overlap counts', () => {
    const dashes = '-'.repeat(40);
    expect(joined([`a${dashes}`, `${dashes}b`])).toBe(`a${dashes}b`);
  });

  it('[E2-06] parts shorter than 16 characters come through whole, whatever they repeat', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 15 })), (parts) => {
        expect(joined(parts)).toBe(parts.join(''));
      }),
    );
  });

  it('[E2-06] a new train of thought may begin as the one before did', () => {
    const resent = new ResentReasoning();
    expect(resent.push(THOUGHT)).toBe(THOUGHT);
    resent.reset();
    expect(resent.push(THOUGHT)).toBe(THOUGHT);
  });
});
