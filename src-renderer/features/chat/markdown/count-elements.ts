import type { BlockNode, InlineNode } from './markdown-nodes.ts';

/** What KaTeX makes of a formula, about: boxes for the eye and MathML for screen readers. */
const FORMULA_ELEMENTS = 12;
const ELEMENTS_PER_TEX_CHAR = 4;
/** Frame, name and buttons of code; its colours once they come. */
const CODE_ELEMENTS = 16;
const CODE_CHARS_PER_ELEMENT = 6;
/** A longer formula is shown as its source. */
const MOST_TEX_CHARS = 5000;

const inFormula = (source: string) =>
  FORMULA_ELEMENTS + ELEMENTS_PER_TEX_CHAR * Math.min(source.length, MOST_TEX_CHARS);

/** How many elements of the page a block takes, about: what it costs to draw. */
export function countElements(block: BlockNode): number {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
    case 'note':
      return 1 + inWords(block.children);
    case 'quote':
      return 1 + inBlocks(block.children);
    case 'list':
      return block.items.reduce((sum, item) => sum + 1 + inBlocks(item.children), 1);
    case 'table':
      return [block.head, ...block.rows].reduce(
        (sum, row) => sum + row.reduce((cells, cell) => cells + 1 + inWords(cell), 1),
        8,
      );
    case 'code':
      return CODE_ELEMENTS + block.chunks.reduce((sum, { text }) => sum + text.length / CODE_CHARS_PER_ELEMENT, 0);
    case 'math':
      return inFormula(block.source);
    case 'rule':
      return 1;
  }
}

function inBlocks(blocks: readonly BlockNode[]): number {
  return blocks.reduce((sum, block) => sum + countElements(block), 0);
}

function inWords(nodes: readonly InlineNode[]): number {
  return nodes.reduce((sum, node) => {
    if (node.kind === 'text') return sum;
    if (node.kind === 'math') return sum + inFormula(node.source);
    return sum + 1 + ('children' in node ? inWords(node.children) : 0);
  }, 0);
}
