import { expect, test } from 'vitest';
import { quotation } from './quotation.ts';

test('each line is quoted, empty ones too, and there is room below', () => {
  expect(quotation('one\n\ntwo\r\nthree  ')).toBe('> one\n>\n> two\n> three\n\n');
});

test('a long text is cut, and says so', () => {
  const quoted = quotation('x'.repeat(10_000));
  expect(quoted.length).toBeLessThan(4100);
  expect(quoted.trimEnd().endsWith('…')).toBe(true);
});
