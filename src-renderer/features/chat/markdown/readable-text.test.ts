import { describe, expect, it } from 'vitest';
import { readableText } from './readable-text.ts';

describe('an answer without its marks', () => {
  it.each([
    [
      'words',
      '## A **bold** [link](https://a.example) and `code`\n\nNext *one*.\nLine',
      'A bold link and code\n\nNext one.\nLine',
    ],
    ['a list', '- one\n- two\n  - inner\n  - other\n- three', '• one\n• two\n  • inner\n  • other\n• three'],
    ['numbers', '3. three\n4. four\n\n   more of four', '3. three\n4. four\n\n   more of four'],
    ['boxes', '- [x] done\n- [ ] open', '• ☑ done\n• ☐ open'],
    ['a table', '| a | b |\n|---|:-:|\n| 1 | `x\\|y` |\n| 2 | |', 'a\tb\n1\tx|y\n2\t'],
    [
      'code',
      'So:\n\n```js\nif (a) {\n\n  b(); // *c*\n}\n```\n\nDone.',
      'So:\n\nif (a) {\n\n  b(); // *c*\n}\n\nDone.',
    ],
    ['a quotation', '> said\n>\n> - he', '> said\n>\n> • he'],
    ['formulas', 'With $x^2$:\n\n$$\n\\frac{1}{2}\n$$', 'With x^2:\n\n\\frac{1}{2}'],
    ['a rule and a picture', 'a\n\n---\n\n![A cat](c.png)', 'a\n\n———\n\nA cat'],
    ['nothing', '', ''],
  ])('[E6-07] %s', (_name, markdown, text) => {
    expect(readableText(markdown)).toBe(text);
  });
});
