import { describe, expect, it } from 'vitest';
import { parseBlocks, parseInline } from './parse-blocks.ts';

describe('blocks of an answer', () => {
  it('parts paragraphs and fenced code', () => {
    expect(parseBlocks('one\ntwo\n\n```ts\nlet a;\n\nlet b;\n```\nthree')).toEqual([
      { kind: 'text', text: 'one\ntwo' },
      { kind: 'code', language: 'ts', code: 'let a;\n\nlet b;', closed: true },
      { kind: 'text', text: 'three' },
    ]);
  });

  it('takes an open fence as code that is still coming', () => {
    expect(parseBlocks('```\nlet a')).toEqual([{ kind: 'code', language: '', code: 'let a', closed: false }]);
  });

  it('closes a fence only by its own mark', () => {
    expect(parseBlocks('````\n```\n````')).toEqual([{ kind: 'code', language: '', code: '```', closed: true }]);
  });

  it('keeps the indent of a line', () => {
    expect(parseBlocks('  - nested')).toEqual([{ kind: 'text', text: '  - nested' }]);
  });

  it.each([
    ['   ```ts title="a.ts"', 'ts'],
    ['~~~~ py', 'py'],
    ['```\tjson', 'json'],
  ])('%j opens code', (line, language) => {
    expect(parseBlocks(line)).toEqual([{ kind: 'code', language, code: '', closed: false }]);
  });

  it.each(['    ```ts', '``', '```a```', '``` a ` b', '~~'])('%j opens none', (line) => {
    expect(parseBlocks(line)).toEqual([{ kind: 'text', text: line }]);
  });

  // A pattern that tries each character as the end of the language takes minutes for such a line.
  it.each([
    ['code within a line', `\`\`\`${'{"a":1}'.repeat(150_000)}\`\`\``],
    ['a fence that ends with a backtick', `\`\`\`${' '.repeat(1_000_000)}x\``],
    ['gaps within a line', `a${' '.repeat(1_000_000)}b`],
  ])('a line of a million characters is read in one pass: %s', (_what, line) => {
    expect(parseBlocks(line)).toEqual([{ kind: 'text', text: line }]);
    expect(parseInline(line).map((part) => part.text.length)).not.toContain(0);
  });

  it('leaves markup as the text it is', () => {
    expect(parseBlocks('<img src=x onerror=alert(1)>')).toEqual([
      { kind: 'text', text: '<img src=x onerror=alert(1)>' },
    ]);
  });
});

describe('runs of a paragraph', () => {
  it('knows code and strong and loses no character', () => {
    expect(parseInline('a `b*c` **d** e')).toEqual([
      { kind: 'plain', text: 'a ' },
      { kind: 'code', text: 'b*c' },
      { kind: 'plain', text: ' ' },
      { kind: 'strong', text: 'd' },
      { kind: 'plain', text: ' e' },
    ]);
  });

  it.each(['a ` b', '**open', '2 ** 3 ** 4', '[1,2,3]'])('leaves %s as it is written', (text) => {
    expect(parseInline(text)).toEqual([{ kind: 'plain', text }]);
  });
});
