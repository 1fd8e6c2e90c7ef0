import type { CodeChunk } from './code-chunks.ts';

// What an answer is made of once it is read. Data only, no markup: whoever draws it makes elements of it.

export type InlineNode =
  | { kind: 'text'; text: string }
  | { kind: 'strong' | 'emphasis' | 'deleted'; children: InlineNode[] }
  | { kind: 'code'; text: string }
  /** `href` as it is written, entities and escapes resolved; whether and how it may be followed is decided by who draws. */
  | { kind: 'link'; href: string; title: string; children: InlineNode[] }
  | { kind: 'image'; src: string; alt: string; title: string }
  | { kind: 'math'; source: string; display: boolean }
  | { kind: 'note'; label: string }
  | { kind: 'break' };

export interface ListItem {
  /** Null for an item without a box. */
  checked: boolean | null;
  children: BlockNode[];
}

export type Align = 'left' | 'center' | 'right' | null;

export type BlockNode =
  | { kind: 'paragraph'; children: InlineNode[] }
  | { kind: 'heading'; level: number; children: InlineNode[] }
  | { kind: 'quote'; children: BlockNode[] }
  | { kind: 'list'; start: number | null; items: readonly ListItem[] }
  | { kind: 'table'; aligns: Align[]; head: InlineNode[][]; rows: readonly InlineNode[][][] }
  | { kind: 'code'; language: string; chunks: readonly CodeChunk[]; closed: boolean }
  | { kind: 'math'; source: string; closed: boolean }
  | { kind: 'note'; label: string; children: InlineNode[] }
  | { kind: 'rule' };
