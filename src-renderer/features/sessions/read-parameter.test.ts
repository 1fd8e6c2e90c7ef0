import { expect, test } from 'vitest';
import { type NumberParameter, readParameter } from './read-parameter.ts';

test.each<[NumberParameter, string, number | null | undefined]>([
  ['temperature', '', null],
  ['temperature', '  ', null],
  ['temperature', '0', 0],
  ['temperature', '0,7', 0.7],
  ['temperature', '.5', 0.5],
  ['temperature', '2', 2],
  ['temperature', '2.1', undefined],
  ['temperature', '-1', undefined],
  ['temperature', 'warm', undefined],
  ['temperature', '1e0', undefined],
  ['topP', '0', undefined],
  ['topP', '0.95', 0.95],
  ['topP', '1.0', 1],
  ['maxOutputTokens', '4,096', 4096],
  ['maxOutputTokens', '4.096', 4096],
  ['maxOutputTokens', '12 000', 12_000],
  ['maxOutputTokens', '0', undefined],
  ['maxOutputTokens', '1000001', undefined],
])('[E2-19] %s %j is read as %j', (name, text, value) => {
  expect(readParameter(name, text)).toBe(value);
});
