import type { BlockGroup } from './block-groups.ts';
import type { BlockNode, InlineNode } from './markdown-nodes.ts';

/** As the stylesheet draws them, in px: a line of text, of code and of a table, and what stands between blocks. */
const LINE_PX = 25;
const CODE_LINE_PX = 20;
const ROW_PX = 33;
const GAP_PX = 12;
const CODE_FRAME_PX = 56;
const LINE_CHARS = 84;
const FORMULA_PX = 48;

/** A guess at the height of blocks that are not drawn yet. */
export function estimateGroupPx(blocks: BlockGroup): number {
  return blocks.reduce((sum, block) => sum + blockPx(block) + GAP_PX, 0);
}

/** The same for groups below each other. */
export function estimateGroupsPx(groups: readonly BlockGroup[]): number {
  return groups.reduce((sum, blocks) => sum + estimateGroupPx(blocks) + GAP_PX, -GAP_PX);
}

function blockPx(block: BlockNode): number {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
    case 'note':
      return linesPx(chars(block.children));
    case 'quote':
      return estimateGroupPx(block.children);
    case 'list':
      return block.items.reduce((sum, item) => sum + estimateGroupPx(item.children), 0);
    case 'table':
      return (block.rows.length + 1) * ROW_PX;
    case 'code':
      return CODE_FRAME_PX + block.chunks.reduce((sum, chunk) => sum + codeLines(chunk.text), 0) * CODE_LINE_PX;
    case 'math':
      return FORMULA_PX;
    case 'rule':
      return 1;
  }
}

function linesPx(count: number): number {
  return Math.max(1, Math.ceil(count / LINE_CHARS)) * LINE_PX;
}

function chars(nodes: readonly InlineNode[]): number {
  return nodes.reduce((sum, node) => {
    if ('children' in node) return sum + chars(node.children);
    return sum + ('text' in node ? node.text.length : 'source' in node ? node.source.length : 1);
  }, 0);
}

function codeLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return text.endsWith('\n') ? count - 1 : count;
}
