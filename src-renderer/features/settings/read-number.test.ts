import { describe, expect, it } from 'vitest';
import { readNumber } from './read-number.ts';

describe('a limit as it was typed', () => {
  it.each([
    ['1', 1],
    [' 50 ', 50],
    ['1,000', 1000],
    ['1 000', 1000],
    ['0', null],
    ['1001', null],
    ['-1', null],
    ['1.5', null],
    ['1e3', null],
    ['0x10', null],
    ['ten', null],
    ['', null],
    ['99999999999999999999', null],
  ])('%j reads as %j', (text, value) => {
    expect(readNumber(text, { min: 1, max: 1000 })).toBe(value);
  });
});
