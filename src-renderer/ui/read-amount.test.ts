import { expect, test } from 'vitest';
import { readAmount, readCurrency } from './read-amount.ts';

test('[E7-16] an amount may be written with a comma, and none is not zero', () => {
  expect(['12,50', ' 3.1 ', '', '   '].map(readAmount)).toEqual(['12.50', '3.1', null, null]);
});

test('[E7-16] a currency is three letters, in any case', () => {
  expect(['usd', ' EUR ', '$', 'EURO', '', 'ab1'].map(readCurrency)).toEqual(['USD', 'EUR', null, null, null, null]);
});
