import type { BlockNode, InlineNode } from './markdown-nodes.ts';
import { MarkdownStream } from './markdown-stream.ts';

/**
 * An answer's words as they stand on the page, a line end between blocks. What is no words there (formulas, pictures, the
 * names of code blocks) is a space, so that nothing is found across it.
 */
export function plainText(markdown: string): string {
  const { groups, recent, tail } = new MarkdownStream().read(markdown, false);
  return [...groups.flat(), ...recent, ...tail].map(blockText).join('\n');
}

function blockText(block: BlockNode): string {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
    case 'note':
      return inlineText(block.children);
    case 'quote':
      return block.children.map(blockText).join('\n');
    case 'list':
      return block.items.map((item) => item.children.map(blockText).join('\n')).join('\n');
    case 'table':
      return [block.head, ...block.rows].map((row) => row.map(inlineText).join('\n')).join('\n');
    case 'code':
      return block.chunks.map((chunk) => chunk.text + (chunk.endsLine ? '\n' : '')).join('');
    case 'math':
    case 'rule':
      return ' ';
  }
}

function inlineText(nodes: readonly InlineNode[]): string {
  return nodes
    .map((node) => {
      if ('children' in node) return inlineText(node.children);
      return node.kind === 'text' || node.kind === 'code' ? node.text : ' ';
    })
    .join('');
}
