import { describe, expect, it } from 'vitest';
import { createParser } from './create-parser.ts';
import { wordsOf } from './inline-view.tsx';
import type { BlockNode, InlineNode } from './markdown-nodes.ts';
import { MarkdownStream } from './markdown-stream.ts';
import { mendInline } from './mend-inline.ts';

const parser = createParser();
const live = (text: string) => new MarkdownStream(parser).read(text, true).tail;

/** Every text that is shown, without its structure. */
function shown(blocks: readonly BlockNode[]): string {
  const inline = (nodes: InlineNode[]) => wordsOf(nodes);
  return blocks
    .map((block): string => {
      if (block.kind === 'list') return block.items.map((item) => shown(item.children)).join(' ');
      if (block.kind === 'quote') return shown(block.children);
      if (block.kind === 'table') return [block.head, ...block.rows].map((row) => row.map(inline).join(' ')).join(' ');
      if (block.kind === 'code') return block.chunks.map((chunk) => chunk.text).join('');
      if ('children' in block) return inline(block.children);
      return block.kind === 'math' ? block.source : '';
    })
    .join('\n');
}

describe('[E6-07] half a mark', () => {
  it.each([
    ['a **bold', 'a **bold**'],
    ['a **bold*', 'a **bold**'],
    ['a **bold ', 'a **bold**'],
    ['a **', 'a '],
    ['a **bold *and', 'a **bold *and***'],
    ['~~gone', '~~gone~~'],
    ['***both', '***both***'],
    ['__strong', '__strong__'],
    ['snake_case_name', 'snake_case_name'],
    ['2 * 3 * 4', '2 * 3 * 4'],
    ['`code', '`code`'],
    ['``co`de', '``co`de``'],
    ['``co`', '``co``'],
    ['`', ''],
    ['see [the do', 'see the do'],
    ['see [the docs]', 'see the docs'],
    ['see [the docs](https://exa', 'see the docs'],
    ['see [the docs](https://example.com "ti', 'see the docs'],
    ['see [the docs](https://example.com)', 'see [the docs](https://example.com)'],
    ['**see [the do', '**see the do**'],
    ['![a pic', ''],
    ['![a pic](https://evil.example/?q=', ''],
    ['<https://example.c', 'https://example.c'],
    ['a remark[^1', 'a remark'],
    ['array[0] and', 'array[0] and'],
    ['back\\', 'back'],
    ['`**` is bold', '`**` is bold'],
    ['escaped \\*star', 'escaped \\*star'],
  ])('%j is read as %j', (half, mended) => {
    expect(mendInline(half)).toBe(mended);
  });

  // Each of these is a moment of a stream; what is shown at it must hold no sign that a later moment takes away.
  const STREAM =
    'A **bold *and italic* word**, `code`, a [link](https://example.com/a_b "title") and ~~gone~~.\n\n' +
    '- one **two**\n- three\n\n| Name | Size |\n|---|---:|\n| a `b` | **1** |\n\n## Head\n\n```ts\nlet a = 1;\n```\nEnd.';

  it('no moment of a stream shows a raw mark', () => {
    for (let at = 1; at <= STREAM.length; at++) {
      const stream = new MarkdownStream(parser);
      const { groups, recent, tail } = stream.read(STREAM.slice(0, at), true);
      const text = shown([...groups.flat(), ...recent, ...tail]);
      expect(text, JSON.stringify(STREAM.slice(0, at))).not.toMatch(/[*~`|#[\]]|\]\(|https|---|^- /);
    }
  });

  it('a table is a table from its first row on, and only grows', () => {
    const table = '| Name | Size |\n|:---|---:|\n| a | 1 |\n| b';
    for (let at = 3; at <= table.length; at++) {
      const [block] = live(table.slice(0, at));
      expect(block?.kind, JSON.stringify(table.slice(0, at))).toBe('table');
    }
    expect(live('| Name | Size |\n|:-')[0]).toMatchObject({ head: [[{ text: 'Name' }], [{ text: 'Size' }]] });
  });

  it('a paragraph does not become a heading while a list begins below it', () => {
    expect(live('Two things:\n-').map((block) => block.kind)).toEqual(['paragraph']);
    expect(live('Two things:\n- a').map((block) => block.kind)).toEqual(['paragraph', 'list']);
  });

  it('the fence that closes code is never code', () => {
    for (const half of ['`', '``', '```']) {
      const [block] = live(`\`\`\`ts\nlet a;\n${half}`);
      expect(shown(block === undefined ? [] : [block])).not.toContain('`');
    }
    // Signs that only look like it are code like any other.
    expect(shown(live('```\n1\n-\n#\n42'))).toBe('1\n-\n#\n42');
  });

  it('what is over is read exactly as it stands', () => {
    const text = 'a **bold and [half](http://x';
    expect(shown(new MarkdownStream(parser).read(text, false).tail)).toBe(text);
    expect(shown(new MarkdownStream(parser).read('The answer is\n42', false).tail)).toContain('42');
  });
});
