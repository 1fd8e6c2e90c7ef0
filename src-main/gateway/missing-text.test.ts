import { expect, test } from 'vitest';
import { missingText } from './missing-text.ts';

test.each([
  ['the rest of one text', 'Hello wor', 'Hello wor', 'Hello world', 'ld'],
  ['nothing when all was streamed', 'Hello', 'Hello', 'Hello', ''],
  ['nothing when only white space differs', '\nHello \n', '\nHello \n', 'Hello', ''],
  ['all when nothing was streamed', '', '', 'Hello', 'Hello'],
  ['nothing when there is no final text', 'Hello', 'Hello', '', ''],
  ['the rest of the last message, where only that is repeated', 'Let me look. It is', 'It is', 'It is 4.', ' 4.'],
  ['the whole last message after a tool', 'Let me look.', '', 'It is 4.', 'It is 4.'],
  ['nothing when the last message is the streamed end', 'Let me look. It is 4.', 'It is 4.', 'It is 4.', ''],
  ['nothing when the text before the tools is the answer', 'Done already.', '', 'Done already.', ''],
  [
    'another message, as a paragraph of its own',
    'First part',
    'First part',
    'Quite different.',
    '\n\nQuite different.',
  ],
])('missing is %s', (_name, whole, segment, output, missing) => {
  expect(missingText({ whole, segment }, output)).toBe(missing);
});
