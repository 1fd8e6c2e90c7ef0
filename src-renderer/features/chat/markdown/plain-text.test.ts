import { expect, test } from 'vitest';
import { plainText } from './plain-text.ts';

test('words stand as they are read, whatever marks are between them', () => {
  expect(plainText('a **lease** _ends_ with `claim()` and [a link](https://x.example)')).toBe(
    'a lease ends with claim() and a link',
  );
});

test('blocks, rows and lines are parted, so that nothing is found across them', () => {
  expect(plainText('# One\n\ntwo\n\n- three\n- four\n\n| a | b |\n|---|---|\n| c | d |')).toBe(
    'One\ntwo\nthree\nfour\na\nb\nc\nd',
  );
  expect(plainText('```ts\nconst a = 1;\nconst b = 2;\n```')).toContain('const a = 1;\nconst b = 2;');
});

test('a formula and a picture are no words', () => {
  expect(plainText('before $x^2$ after ![alt](https://x.example/p.png) end')).toBe('before   after   end');
});
