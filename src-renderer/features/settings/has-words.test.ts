import { expect, test } from 'vitest';
import { hasWords } from './has-words.ts';

const ROW = ['Queue', 'Stop also pauses the queue', 'Otherwise the next queued message is sent at once.'];

test('[E12] a setting is found by every word of its group, its name and its sentence, in any order', () => {
  expect(hasWords('', ROW)).toBe(true);
  expect(hasWords('  ', ROW)).toBe(true);
  expect(hasWords('queue STOP', ROW)).toBe(true);
  expect(hasWords('paus next', ROW)).toBe(true);
  expect(hasWords('queue theme', ROW)).toBe(false);
});

test('[E12] Chinese has no spaces, and marks on letters may be missing', () => {
  expect(hasWords('主题', ['外观', '主题'])).toBe(true);
  expect(hasWords('字号', ['外观', '主题'])).toBe(false);
  expect(hasWords('resume', ['Résumé'])).toBe(true);
});
