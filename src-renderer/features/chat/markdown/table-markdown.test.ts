import { expect, it } from 'vitest';
import type { BlockNode } from './markdown-nodes.ts';
import { MarkdownStream } from './markdown-stream.ts';
import { tableMarkdown } from './table-markdown.ts';

function tableOf(markdown: string): BlockNode & { kind: 'table' } {
  const { groups, recent, tail } = new MarkdownStream().read(markdown, false);
  const table = [...groups.flat(), ...recent, ...tail].find((block) => block.kind === 'table');
  if (table?.kind !== 'table') throw new Error('There is no table.');
  return table;
}

it('[E6-07] a table is copied as the Markdown that it was read from', () => {
  const written = [
    '| Name | Left | Middle | Right |',
    '| --- | :--- | :---: | ---: |',
    '| **bold** *soft* ~~gone~~ | `a\\|b` | x\\|y | $n^2$ |',
    '| [a link](https://a.example) |  | 中文 | one<br>two |',
  ].join('\n');
  const read = tableMarkdown(tableOf(written));
  expect(read.split('\n').slice(0, 3)).toEqual(written.split('\n').slice(0, 3));
  // What is read again is the same table.
  expect(tableOf(read)).toEqual(tableOf(written));
});
