import { describe, expect, it } from 'vitest';
import { oneLine } from './one-line.ts';

describe('text that the system shows', () => {
  it.each([
    ['Working folder', 'Working folder'],
    ['  two\nlines\r\nhere\t ', 'two lines here'],
    ['a\u2028b', 'a b'],
    ['safe\u202egpj.exe', 'safegpj.exe'],
    ['', ''],
  ])('[E6-09] %j reads %j', (text, shown) => {
    expect(oneLine(text, 40)).toBe(shown);
  });

  it('[E6-09] is cut between characters and says so', () => {
    expect(oneLine('🙂🙂🙂🙂', 3)).toBe('🙂🙂…');
    expect(oneLine('abc', 3)).toBe('abc');
  });
});
