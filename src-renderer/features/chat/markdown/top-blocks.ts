import type { Token } from 'markdown-it';
import { isClosedFence } from './build-nodes.ts';

/** A block at the outermost level, and where it stands: lines and tokens, the end not included. */
export interface TopBlock {
  type: string;
  firstLine: number;
  endLine: number;
  tokens: readonly Token[];
}

/** Parts block tokens into the blocks of the outermost level. Definitions of references are among them. */
export function topBlocks(tokens: readonly Token[]): TopBlock[] {
  const blocks: TopBlock[] = [];
  let from = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.level !== 0 || token.nesting === 1) continue;
    const opening = tokens[from];
    const [firstLine, endLine] = opening?.map ?? [0, 0];
    blocks.push({ type: opening?.type ?? '', firstLine, endLine, tokens: tokens.slice(from, index + 1) });
    from = index + 1;
  }
  return blocks;
}

/** A part of a list or a table: its tokens with those of its frame left out, and its first line. */
export interface BlockPart {
  firstLine: number;
  tokens: readonly Token[];
}

const PARTS: Readonly<Record<string, { type: string; level: number }>> = {
  bullet_list_open: { type: 'list_item_open', level: 1 },
  ordered_list_open: { type: 'list_item_open', level: 1 },
  table_open: { type: 'tr_open', level: 2 },
};

/** The entries of a list, or the rows of a table without its head; nothing for other blocks. */
export function partsOf(block: TopBlock): BlockPart[] {
  const kind = PARTS[block.type];
  if (kind === undefined) return [];
  const starts = [...block.tokens.entries()].filter(
    ([, token]) => token.type === kind.type && token.level === kind.level,
  );
  const parts = starts.map(([from, token], index): BlockPart => {
    const to = starts[index + 1]?.[0] ?? block.tokens.length;
    return { firstLine: token.map?.[0] ?? block.firstLine, tokens: block.tokens.slice(from, to) };
  });
  return block.type === 'table_open' ? parts.slice(1) : parts;
}

/**
 * The last block from which on everything may be read by itself. What follows a definition at once may still be its
 * title, so the definition is read again with it.
 */
export function lastSafeBlock(blocks: readonly TopBlock[]): number {
  let index = blocks.length - 1;
  const last = blocks[index];
  if (last === undefined || (last.type !== 'paragraph_open' && last.type !== 'heading_open')) return index;
  for (;;) {
    const before = blocks[index - 1];
    if (before?.type !== 'reference_definition' || before.endLine !== blocks[index]?.firstLine) return index;
    index--;
  }
}

/** The last token that holds something. Cells that a row has not come to yet are empty and do not count. */
export function lastLeaf(tokens: readonly Token[]): Token | undefined {
  return tokens.findLast((token) => token.nesting !== -1 && !isEmptyCell(token));
}

const CELL_LEVEL = 4;
const isEmptyCell = (token: Token) =>
  token.type === 'td_open' || (token.type === 'inline' && token.content === '' && token.level >= CELL_LEVEL);

/** Whether what comes next belongs to code or to a formula. */
export function endsInCode(tokens: readonly Token[]): boolean {
  const leaf = lastLeaf(tokens);
  if (leaf?.type === 'fence') return !isClosedFence(leaf);
  return leaf?.type === 'math_block' && leaf.meta?.['closed'] !== true;
}
