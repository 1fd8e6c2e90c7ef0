import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutMarks } from './without-marks.ts';

describe('[E8-28] a text without its marks', () => {
  test.each([
    ['## The plan ##\nFirst **the lease**, then _the mark_.', 'The plan · First the lease, then the mark.'],
    ['- apples\n- [x] **pears**\n1. plums', 'apples · pears 1. plums'],
    ['| Step | Workers |\n|---|---:|\n| One pod | 1 |', 'Step · Workers · One pod · 1'],
    ['> quoted *words*\n\n---\nafter', 'quoted words after'],
    ['***both*** and **bold _inside_ it** and ~~gone~~', 'both and bold inside it and gone'],
    ['Title\n=====\ntext', 'Title text'],
    ['a\\*b\\* and \\# no heading', 'a*b* and # no heading'],
    ['see[^1] it\n\n[^1]: below', 'see it below'],
    ['**中文**加粗，`代码`', '中文加粗，代码'],
  ])('%j', (markdown, plain) => expect(withoutMarks(markdown)).toBe(plain));

  test('code stays as it stands, in a line and in a block, also one that is not closed', () => {
    expect(withoutMarks('Use `a ** b | c` or ``x `y` z``')).toBe('Use a ** b | c or x `y` z');
    expect(withoutMarks('```c\n#include <a.h>\n- **p\n```\n# After')).toBe('#include <a.h> - **p · After');
    expect(withoutMarks('~~~\n``` is text\n| a | b |')).toBe('``` is text | a | b |');
    expect(withoutMarks('```npm test``` runs `it`')).toBe('npm test runs it');
  });

  test('marks around code go, and blocks do not run into each other', () => {
    expect(withoutMarks('Use **`a*b`** with a [`c`](d):\n\n| x |\n|---|\n| y |\n\n```\nz\n```')).toBe(
      'Use a*b with a c: x · y · z',
    );
    expect(withoutMarks('- one\n  more\n\nthen')).toBe('one more · then');
  });

  test('names and sums are no emphasis', () => {
    expect(withoutMarks('max_queue_length = 2 * 3 * 4')).toBe('max_queue_length = 2 * 3 * 4');
    expect(withoutMarks('call __init__ of it, a | b')).toBe('call init of it, a | b');
    expect(withoutMarks('List<string> & <b>')).toBe('List<string> & <b>');
  });

  test('links and pictures leave their words, and their addresses where they are wanted', () => {
    const text = 'Read [the **guide**](https://a.example/x_y_z "T") ![a chart](c.png) <https://b.example>';
    expect(withoutMarks(text)).toBe('Read the guide a chart https://b.example');
    expect(withoutMarks(text, { withAddresses: true })).toBe(
      'Read the guide https://a.example/x_y_z a chart c.png https://b.example',
    );
  });

  test('no word is lost, whatever the marks around it', () => {
    const word = fc.stringMatching(/^[a-z中文é]{1,8}$/);
    const wrapped = fc
      .tuple(word, fc.constantFrom('', '*', '**', '_', '`', '~~', '# ', '- ', '> ', '[', '|', '\\'))
      .map(([text, mark]) => ({ text, written: mark.endsWith(' ') ? `\n${mark}${text}` : `${mark}${text}${mark}` }));
    fc.assert(
      fc.property(fc.array(wrapped, { maxLength: 12 }), fc.constantFrom(' ', '\n', ' | '), (words, between) => {
        const plain = withoutMarks(words.map(({ written }) => written).join(between));
        for (const { text } of words) expect(plain).toContain(text);
      }),
    );
  });

  test('a text that is all marks takes no time of its own', () => {
    for (const sign of ['*', '_', '[', '`', '|', '<', '> ', '![', '*a ', '_a ', '`a``'])
      expect(withoutMarks(sign.repeat(20_000)).length).toBeGreaterThanOrEqual(0);
  });
});
