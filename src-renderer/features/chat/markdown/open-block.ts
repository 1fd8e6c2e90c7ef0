import type { CodeChunks } from './code-chunks.ts';
import type { BlockNode, ListItem } from './markdown-nodes.ts';

export type TableNode = BlockNode & { kind: 'table' };
export type ListNode = BlockNode & { kind: 'list' };

/**
 * A list, a table or code at the outermost level that is settled piece by piece. `carry` stands before its next piece
 * when that is read, `from` is where a list begins.
 */
export type OpenBlock =
  /** `before`: entries in earlier lists of which this one is the continuation. */
  | { kind: 'list'; start: number | null; before: number; items: ListItem[]; carry: ''; from: number }
  | { kind: 'table'; node: TableNode; rows: TableNode['rows'][number][]; carry: string }
  | { kind: 'code'; language: string; chunks: CodeChunks; carry: string };

/** What is settled of an open block together with the rest of it. */
export function joined(open: OpenBlock & { kind: 'list' | 'table' }, rest: BlockNode | null): BlockNode {
  if (open.kind === 'table') {
    // A copy: more rows are put to the open ones.
    return { ...open.node, rows: rest?.kind === 'table' ? [...open.rows, ...rest.rows] : [...open.rows] };
  }
  const start = open.start === null ? null : open.start + open.before;
  return { kind: 'list', start, items: rest?.kind === 'list' ? [...open.items, ...rest.items] : open.items };
}

/** How many lines of `carry` stand before the next piece. */
export function carryLines(open: OpenBlock | null): number {
  return open === null || open.carry === '' ? 0 : (open.carry.match(/\r\n|\n|\r/g)?.length ?? 0);
}

/** Where each line of a piece begins. */
export function lineStarts(source: string): number[] {
  const starts = [0];
  for (const { index, 0: end } of source.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return starts;
}
