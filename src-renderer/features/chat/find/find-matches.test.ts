import { expect, test } from 'vitest';
import { findMatches, findPattern, mayHold } from './find-matches.ts';

const matches = (text: string, query: string) => {
  const pattern = findPattern(query);
  return pattern === null ? null : findMatches(text, pattern).map(([from, to]) => text.slice(from, to));
};

test('upper and lower case are one, also where they differ in length, and places stay those of the text', () => {
  expect(matches('İstanbul and istanbul, STRASSE and Straße', 'strasse')).toEqual(['STRASSE']);
  expect(matches('Über über ÜBER', 'über')).toEqual(['Über', 'über', 'ÜBER']);
});

test('signs that mean something in a pattern are signs', () => {
  expect(matches('a.b a+b (a|b) a-b $x^2$', 'a.b')).toEqual(['a.b']);
  expect(matches('call(x) [y]', '(x) [')).toEqual(['(x) [']);
  expect(matches('a-b', 'a-b')).toEqual(['a-b']);
});

test('white space stands for any white space, and none is no search', () => {
  expect(matches('two\n words', 'two words')).toEqual(['two\n words']);
  expect(matches('anything', '   ')).toBeNull();
});

test('two characters of Chinese are found', () => {
  expect(matches('排队的消息在排队', '排队')).toEqual(['排队', '排队']);
});

test('a text with marks between the words may hold them; one without a word may not', () => {
  expect(mayHold('a **lease** _ends_ here', 'lease ends')).toBe(true);
  expect(mayHold('a lease', 'lease ends')).toBe(false);
  expect(mayHold('anything', '+')).toBe(true);
});
