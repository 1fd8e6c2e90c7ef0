import { expect, it } from 'vitest';
import { asksForText, isFilePaste, MOST_PASTED_CHARS, pastedName } from './pasted-text.ts';

it('[E6-08] a paste beyond the bound becomes a file, unless its text is asked for', () => {
  const most = 'x'.repeat(MOST_PASTED_CHARS);
  expect(isFilePaste(most, false)).toBe(false);
  expect(isFilePaste(`${most}x`, false)).toBe(true);
  expect(isFilePaste(`${most}x`, true)).toBe(false);
});

it('[E6-08] Shift with Ctrl or Cmd and V asks for the text, as no other key does', () => {
  const key = { key: 'V', shiftKey: true, ctrlKey: true, metaKey: false };
  expect(asksForText(key)).toBe(true);
  expect(asksForText({ ...key, ctrlKey: false, metaKey: true })).toBe(true);
  expect(asksForText({ ...key, shiftKey: false })).toBe(false);
  expect(asksForText({ ...key, ctrlKey: false })).toBe(false);
  expect(asksForText({ ...key, key: 'c' })).toBe(false);
});

it('[E6-08] each pasted text has a name of its own', () => {
  expect(pastedName('Pasted text', [])).toBe('Pasted text.txt');
  expect(pastedName('Pasted text', ['Pasted text.txt', 'Pasted text 2.txt'])).toBe('Pasted text 3.txt');
});
