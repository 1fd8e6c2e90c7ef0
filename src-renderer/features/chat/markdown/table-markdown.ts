import type { Align, BlockNode, InlineNode } from './markdown-nodes.ts';

const RULES: Record<NonNullable<Align> | 'none', string> = {
  left: ':---',
  center: ':---:',
  right: '---:',
  none: '---',
};

/** A table as Markdown: what it was written as, but for the spaces between its cells. */
export function tableMarkdown({ head, rows, aligns }: BlockNode & { kind: 'table' }): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => RULES[aligns[index] ?? 'none']);
  const cellsOf = (row: readonly InlineNode[][]) => row.map((cell) => cell.map(inlineMarkdown).join('').trim());
  return [line(cellsOf(head)), line(rule), ...rows.map((row) => line(cellsOf(row)))].join('\n');
}

function inlineMarkdown(node: InlineNode): string {
  const inner = () => ('children' in node ? node.children.map(inlineMarkdown).join('') : '');
  switch (node.kind) {
    case 'text':
      // A bar would end the cell.
      return node.text.replaceAll('|', '\\|').replaceAll('\n', ' ');
    case 'code':
      return `\`${node.text.replaceAll('|', '\\|')}\``;
    case 'strong':
      return `**${inner()}**`;
    case 'emphasis':
      return `*${inner()}*`;
    case 'deleted':
      return `~~${inner()}~~`;
    case 'link':
      return `[${inner()}](${node.href})`;
    case 'image':
      return `![${node.alt}](${node.src})`;
    case 'math':
      return `$${node.source.replaceAll('|', '\\|')}$`;
    case 'note':
      return `[^${node.label}]`;
    case 'break':
      return '<br>';
  }
}
