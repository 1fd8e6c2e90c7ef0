import type { BlockNode, InlineNode, ListItem } from './markdown-nodes.ts';
import { MarkdownStream } from './markdown-stream.ts';

/**
 * An answer without its marks, for a place that knows no Markdown: lists keep what stands before their items on the page,
 * tables are rows of cells with tabs between them, formulas stay the TeX that they are, code stays as it is.
 */
export function readableText(markdown: string): string {
  const { groups, recent, tail } = new MarkdownStream().read(markdown, false);
  return blocksText([...groups.flat(), ...recent, ...tail]).replace(/^\n+|\n+$/g, '');
}

/** A blank line between blocks. */
function blocksText(blocks: readonly BlockNode[]): string {
  return blocks.map(blockText).join('\n\n');
}

function blockText(block: BlockNode): string {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
      return inlineText(block.children);
    case 'note':
      return `[${block.label}] ${inlineText(block.children)}`;
    case 'quote':
      return indented(blocksText(block.children), '> ');
    case 'list':
      return block.items.map((item, index) => itemText(item, markOf(block.start, index))).join('\n');
    case 'table':
      return [block.head, ...block.rows].map((row) => row.map(cellText).join('\t')).join('\n');
    case 'code':
      return block.chunks
        .map((chunk) => chunk.text + (chunk.endsLine ? '\n' : ''))
        .join('')
        .replace(/\n$/, '');
    case 'math':
      return block.source.trim();
    case 'rule':
      return '———';
  }
}

function markOf(start: number | null, index: number): string {
  return start === null ? '• ' : `${start + index}. `;
}

/** What belongs to an item stands below its words and not below its mark. */
function itemText({ checked, children }: ListItem, mark: string): string {
  const box = checked === null ? '' : checked ? '☑ ' : '☐ ';
  // A list within an item follows its words at once; other blocks are parted from them.
  const text = children
    .map((child, index) => (index === 0 ? '' : child.kind === 'list' ? '\n' : '\n\n') + blockText(child))
    .join('');
  const room = ' '.repeat(mark.length);
  return mark + box + text.replace(/\n(?=[^\n])/g, `\n${room}`);
}

function indented(text: string, mark: string): string {
  return text.replace(/^/gm, mark).replace(/[ \t]+$/gm, '');
}

/** One cell is one line, and no tab of its own parts it. */
function cellText(cell: readonly InlineNode[]): string {
  return inlineText(cell).replace(/\s+/g, ' ').trim();
}

function inlineText(nodes: readonly InlineNode[]): string {
  return nodes.map(oneText).join('');
}

function oneText(node: InlineNode): string {
  switch (node.kind) {
    case 'text':
    case 'code':
      return node.text;
    case 'strong':
    case 'emphasis':
    case 'deleted':
    case 'link':
      return inlineText(node.children);
    case 'image':
      return node.alt;
    case 'math':
      return node.source;
    case 'note':
      return `[${node.label}]`;
    case 'break':
      return '\n';
  }
}
