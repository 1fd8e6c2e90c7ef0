import { expect, test } from 'vitest';
import { checkBase64 } from './data-url.ts';
import { TranslationFailure } from './translation-failure.ts';

test.each([
  ['as it should be', 'aGVsbG8=', 'aGVsbG8='],
  ['without padding', 'aGVsbG8', 'aGVsbG8'],
  ['with line ends', 'aGVs\r\nbG8=\n', 'aGVsbG8='],
])('base64 %s is taken', (_name, given, data) => {
  expect(checkBase64(given, 'messages[0]')).toBe(data);
});

test.each([
  ['a letter that is none of its own', 'aGVs*G8='],
  ['the same among line ends', 'aGVs\n*G8='],
  ['a number of letters that no bytes have', 'aGVsb'],
  ['padding in the middle', 'aG=VsbG8'],
  ['nothing', ''],
  ['blanks alone', ' \n'],
  ['no text', 7],
])('%s is refused, and said where', (_name, given) => {
  expect(() => checkBase64(given, 'messages[0]')).toThrow(TranslationFailure);
});
