import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WholeCharacters } from './whole-characters.ts';

describe('text in whole characters', () => {
  it('[E2-05] parts cut anywhere are the text, and each of them is well formed', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', '🎉', '\ud83d', '\ude00'), minLength: 1 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(5)), (text, lengths) => {
        const whole = new WholeCharacters();
        const parts: string[] = [];
        let at = 0;
        for (const length of lengths) parts.push(whole.push(text.slice(at, (at += length))));
        parts.push(whole.push(text.slice(at)), whole.end());
        for (const part of parts) expect(part.isWellFormed()).toBe(true);
        expect(parts.join('')).toBe(text.toWellFormed());
        expect(whole.end()).toBe('');
      }),
    );
  });
});
