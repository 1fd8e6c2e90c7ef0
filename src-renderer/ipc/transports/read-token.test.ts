import { expect, test } from 'vitest';
import { readToken } from './read-token.ts';

test.each([
  ['http://127.0.0.1:47820/#token=abc123', 'abc123'],
  [' http://127.0.0.1:47820/#session=s&token=a%2Bb ', 'a+b'],
  ['#token=abc', 'abc'],
  ['abc123', 'abc123'],
  ['http://127.0.0.1:47820/', null],
  ['http://127.0.0.1:47820/#token=', null],
  ['http://127.0.0.1:47820/#session=s', null],
  ['two words', null],
  ['  ', null],
])('[E1-01] what is pasted at the door: %j', (pasted, token) => expect(readToken(pasted)).toBe(token));
