import type { Env, MarkdownIt, Token } from 'markdown-it';
import { buildBlocks, isClosedFence, languageOf } from './build-nodes.ts';
import { CodeChunks } from './code-chunks.ts';
import { countElements } from './count-elements.ts';
import { createParser } from './create-parser.ts';
import type { BlockNode, ListItem } from './markdown-nodes.ts';
import { mendBlocks } from './mend-blocks.ts';
import { mendInline } from './mend-inline.ts';
import {
  type BlockPart,
  endsInCode,
  lastLeaf,
  lastSafeBlock,
  partsOf,
  type TopBlock,
  topBlocks,
} from './top-blocks.ts';

/** A paragraph that is longer is drawn in parts: a page lays a paragraph out as a whole, with every delta. */
const MOST_LEAF_CHARS = 8192;
/** The same for one entry of a list, and for a quote. */
const MOST_CONTAINER_CHARS = 32_768;
/** A list that is longer goes on in another one. A table does not: whoever draws it draws the rows that are looked at. */
const MOST_SEGMENT_CHARS = 16_384;
/** Blocks that are drawn together, and left alone together: few enough, and of few enough elements, for a part of a frame. */
const MOST_GROUP_BLOCKS = 12;
const MOST_GROUP_ELEMENTS = 200;
/** Reading everything anew for the sake of late definitions may cost this many times the text. */
const MOST_REREADS = 4;
const FREE_REREAD_CHARS = 262_144;

type References = NonNullable<Env['references']>;
type TableNode = BlockNode & { kind: 'table' };
type ListNode = BlockNode & { kind: 'list' };

/** Blocks that no longer change; a group keeps its identity. */
export type BlockGroup = readonly BlockNode[];

/** An answer as it can be drawn. Everything but `tail` keeps its identity from one delta to the next. */
export interface MarkdownView {
  groups: readonly BlockGroup[];
  /** Blocks that no longer change and do not fill a group. */
  recent: BlockGroup;
  /** What may still change. */
  tail: BlockGroup;
}

/**
 * A list, a table or code at the outermost level that is settled piece by piece. `carry` stands before its next piece
 * when that is read, `from` is where a list begins.
 */
type OpenBlock =
  /** `before`: entries in earlier lists of which this one is the continuation. */
  | { kind: 'list'; start: number | null; before: number; items: ListItem[]; carry: ''; from: number }
  | { kind: 'table'; node: TableNode; rows: TableNode['rows'][number][]; carry: string }
  | { kind: 'code'; language: string; chunks: CodeChunks; carry: string };

/**
 * Reads an answer while it is being written. What is settled is never read again: text that follows can change only the
 * last block, and of a list, a table or code at the outermost level only its last entry, row or line. So a delta costs as
 * much as that last piece is long, and any way of cutting an answer into deltas ends in the same blocks.
 *
 * One reader belongs to one answer.
 */
export class MarkdownStream {
  readonly #md: MarkdownIt;
  #text = '';
  /** Up to here everything is settled. */
  #boundary = 0;
  /** Complete lines up to here have been looked at. */
  #seenTo = 0;
  /** The piece at the boundary is one that may be long. */
  #wide = false;
  #tailInCode = false;
  #open: OpenBlock | null = null;
  #groups: readonly BlockGroup[] = [];
  #recent: BlockGroup = [];
  #recentElements = 0;
  #references: References = {};
  /** What settled text names in brackets and nothing was known by so far. */
  #unknown = new Set<string>();
  #isStale = false;
  #parsedChars = 0;
  #rereadChars = 0;
  #last: { text: string; live: boolean; view: MarkdownView } | null = null;

  constructor(parser: MarkdownIt = createParser()) {
    this.#md = parser;
  }

  /** Characters that went through the parser so far; for those who hold it against its promise. */
  get parsedChars(): number {
    return this.#parsedChars;
  }

  /**
   * The blocks of a text. One that goes on from the last costs what was added; any other is read from its start.
   *
   * @param live more is to come: what is half there is completed or held back.
   */
  read(text: string, live: boolean): MarkdownView {
    if (this.#last?.live === live && this.#last.text === text) return this.#last.view;
    // An answer that was over has taken its end for good, so one that goes on after all is another one.
    if (this.#last?.live === false || !goesOn(this.#text, text, live)) {
      this.#references = {};
      this.#rereadChars = 0;
      this.#restart();
    }
    this.#text = text;
    this.#settle();
    if (!live) this.#defineTail();
    if (this.#isStale && (!live || this.#mayReread())) {
      this.#rereadChars += text.length;
      this.#restart();
      this.#settle();
    }
    const tail = this.#readTail(live);
    const view = { groups: this.#groups, recent: this.#recent, tail };
    this.#last = { text, live, view };
    return view;
  }

  /** At the end, what the last blocks define is known to all. */
  #defineTail(): void {
    if (this.#unknown.size === 0) return;
    const { tokens, references } = this.#parse(this.#text.slice(this.#boundary));
    this.#define(tokens, references);
  }

  #mayReread(): boolean {
    return this.#rereadChars + this.#text.length <= MOST_REREADS * this.#text.length + FREE_REREAD_CHARS;
  }

  /** Begins anew. What is known by its name stays known. */
  #restart(): void {
    this.#boundary = 0;
    this.#seenTo = 0;
    this.#wide = false;
    this.#tailInCode = false;
    this.#open = null;
    this.#groups = [];
    this.#recent = [];
    this.#recentElements = 0;
    this.#unknown = new Set();
    this.#isStale = false;
  }

  /** Settles every piece that another one follows, as far as complete lines reach. */
  #settle(): void {
    for (;;) {
      const size = this.#wide ? MOST_CONTAINER_CHARS : MOST_LEAF_CHARS;
      const isFull = this.#text.length > this.#boundary + size;
      // Within the window only: without a line end, the search would go back to the beginning of the answer.
      const window = this.#text.slice(this.#boundary, this.#boundary + size);
      const end = this.#boundary + window.lastIndexOf('\n') + 1;
      if (!isFull && end <= this.#seenTo) return;
      const moved = end > this.#boundary && this.#step(end);
      this.#seenTo = moved && isFull ? this.#boundary : end;
      if (moved) this.#wide = false;
      else if (!isFull) return;
      else if (!this.#wide && this.#mayBeLong(size)) this.#wide = true;
      else this.#cut(size);
    }
  }

  /** Reads the complete lines up to `end` and settles what can be. False: they are one piece. */
  #step(end: number): boolean {
    const source = this.#text.slice(this.#boundary, end);
    const { tokens, references } = this.#parse(source);
    this.#tailInCode = endsInCode(tokens);
    const blocks = topBlocks(tokens);
    const lines = lineStarts(source);
    const skip = carryLines(this.#open);
    const offset = (line: number) => this.#boundary + (lines[line - skip] ?? source.length);
    if (this.#open?.kind === 'code') return this.#settleCode(blocks[0], offset);

    const safe = lastSafeBlock(blocks);
    // Of a wide window only the first block may be long. What follows it is read in a narrow one, where a long leaf is parted
    // at the same place whether more of the text is there already or not.
    const at = this.#wide ? Math.min(safe, 1) : safe;
    const last = blocks[at];
    if (last === undefined) return false;
    this.#define(tokens.slice(0, tokens.indexOf(last.tokens[0] as Token)), references);
    for (const block of blocks.slice(0, at)) this.#settleBlock(block, offset);
    let boundary = at > 0 ? offset(last.firstLine) : this.#boundary;
    if (at === blocks.length - 1) boundary = this.#settleParts(last, offset, references) ?? boundary;
    const fence = last.tokens[0];
    if (at === safe && last.type === 'fence' && fence !== undefined && !isClosedFence(fence)) {
      boundary = offset(last.firstLine + 1);
      this.#flush();
      const carry = this.#text.slice(offset(last.firstLine), boundary);
      this.#open = { kind: 'code', language: languageOf(fence.info), chunks: new CodeChunks(), carry };
    }
    if (boundary === this.#boundary) return false;
    this.#boundary = boundary;
    return true;
  }

  /** Takes up the complete lines of open code, and closes it where its fence is closed. */
  #settleCode(block: TopBlock | undefined, offset: (line: number) => number): boolean {
    const open = this.#open;
    const fence = block?.tokens[0];
    if (open?.kind !== 'code' || block === undefined || fence === undefined) return false;
    open.chunks.push(fence.content);
    this.#boundary = offset(block.endLine);
    if (isClosedFence(fence)) {
      this.#open = null;
      this.#add({ kind: 'code', language: open.language, chunks: open.chunks.chunks(), closed: true });
    }
    return true;
  }

  /**
   * Settles the entries of a list or the rows of a table but the last one.
   *
   * @returns where the last one begins; null where nothing was settled.
   */
  #settleParts(block: TopBlock, offset: (line: number) => number, references: References): number | null {
    const parts = partsOf(block);
    const last = parts.at(-1);
    if (last === undefined || parts.length < 2) return null;
    const before = block.tokens.slice(0, block.tokens.indexOf(last.tokens[0] as Token));
    this.#define(before, references);
    const [node] = this.#build(before);
    if (node !== undefined) this.#takeParts(node, block, parts, offset);
    return offset(last.firstLine);
  }

  /** Puts entries or rows to what is open, one after the other: where a long one is parted depends on each of them. */
  #takeParts(node: BlockNode, block: TopBlock, parts: readonly BlockPart[], offset: (line: number) => number): void {
    const endAfter = (index: number) => {
      const next = parts[index + 1];
      if (next !== undefined) this.#endSegment(offset(next.firstLine));
    };
    if (node.kind === 'list') {
      const open = this.#openList(node, offset(block.firstLine));
      for (const [index, item] of node.items.entries()) {
        open.items = [...open.items, item];
        endAfter(index);
      }
    } else if (node.kind === 'table') {
      const open = this.#openTable(node, block, offset);
      for (const row of node.rows) open.rows.push(row);
    }
  }

  #openList(node: ListNode, from: number): OpenBlock & { kind: 'list' } {
    if (this.#open?.kind === 'list') return this.#open;
    this.#flush();
    const open = { kind: 'list' as const, start: node.start, before: 0, items: [], carry: '' as const, from };
    this.#open = open;
    return open;
  }

  #openTable(node: TableNode, block: TopBlock, offset: (line: number) => number): OpenBlock & { kind: 'table' } {
    if (this.#open?.kind === 'table') return this.#open;
    this.#flush();
    const from = offset(block.firstLine);
    const carry = this.#text.slice(from, offset(block.firstLine + 2));
    const open = { kind: 'table' as const, node, rows: [], carry };
    this.#open = open;
    return open;
  }

  /** Parts a list that has become long; the next piece begins at `next`. */
  #endSegment(next: number): void {
    const open = this.#open;
    if (open?.kind !== 'list' || next - open.from < MOST_SEGMENT_CHARS) return;
    this.#add(joined(open, null));
    open.from = next;
    open.before += open.items.length;
    open.items = [];
  }

  #settleBlock(block: TopBlock, offset: (line: number) => number): void {
    if (block.type === 'reference_definition') return;
    const [node] = this.#build(block.tokens);
    if (node === undefined) return;
    if (node.kind === 'list' || node.kind === 'table') {
      this.#takeParts(node, block, partsOf(block), offset);
      this.#flush();
    } else {
      this.#flush();
      this.#add(node);
    }
  }

  /** Whether the piece that fills the window is of a kind that is parted late. */
  #mayBeLong(size: number): boolean {
    if (this.#open?.kind === 'list') return true;
    if (this.#open !== null) return false;
    const { tokens } = this.#parse(this.#text.slice(this.#boundary, this.#boundary + size));
    return /^(bullet_list|ordered_list|blockquote)_open$/.test(tokens[0]?.type ?? '');
  }

  /** Parts a piece that is too long, after a line or a word where there is one. */
  #cut(size: number): void {
    const window = this.#text.slice(this.#boundary, this.#boundary + size);
    const line = window.lastIndexOf('\n') + 1;
    const word = window.lastIndexOf(' ') + 1;
    const isHalf = /[\uD800-\uDBFF]$/.test(window);
    const length = line > 0 ? line : word > 0 ? word : isHalf ? size - 1 : size;
    const piece = window.slice(0, length);
    if (this.#open?.kind === 'code') {
      this.#open.chunks.push(piece);
    } else {
      const { tokens, references } = this.#parse(piece);
      this.#define(tokens, references);
      const lines = lineStarts(piece);
      const skip = carryLines(this.#open);
      const offset = (line: number) => this.#boundary + (lines[line - skip] ?? piece.length);
      for (const block of topBlocks(tokens)) this.#settleBlock(block, offset);
      this.#flush();
    }
    this.#boundary += length;
    this.#seenTo = this.#boundary;
    this.#wide = false;
  }

  /** Settles what is open as it is. */
  #flush(): void {
    const open = this.#open;
    this.#open = null;
    if (open !== null && open.kind !== 'code') this.#add(joined(open, null));
  }

  #add(node: BlockNode): void {
    const elements = countElements(node);
    const isFull = this.#recent.length >= MOST_GROUP_BLOCKS || this.#recentElements + elements > MOST_GROUP_ELEMENTS;
    if (isFull && this.#recent.length > 0) {
      this.#groups = [...this.#groups, this.#recent];
      this.#recent = [];
      this.#recentElements = 0;
    }
    this.#recent = [...this.#recent, node];
    this.#recentElements += elements;
  }

  /** The blocks after the boundary, with what is open before them. */
  #readTail(live: boolean): BlockGroup {
    const rest = this.#text.slice(this.#boundary);
    const inCode = this.#open?.kind === 'code' || this.#tailInCode;
    const source = live && this.#open?.kind !== 'table' ? mendBlocks(rest, inCode) : rest;
    const { tokens, references } = this.#parse(source);
    if (live) mendLeaf(tokens, source);
    this.#readInline(tokens, references);
    const blocks = buildBlocks(tokens);
    const open = this.#open;
    const [first, ...others] = blocks;
    if (open === null) return blocks;
    if (open.kind === 'code') {
      const fence = tokens[0];
      const chunks = open.chunks.with(fence?.type === 'fence' ? fence.content : '');
      const closed = fence?.type === 'fence' && isClosedFence(fence);
      return [{ kind: 'code', language: open.language, chunks, closed }, ...others];
    }
    return first?.kind === open.kind ? [joined(open, first), ...others] : [joined(open, null), ...blocks];
  }

  #parse(source: string): { tokens: Token[]; references: References } {
    // What is defined beyond the boundary is known there only; it may not be whole.
    const references = Object.create(this.#references) as References;
    const tokens: Token[] = [];
    const text = ((this.#open?.carry ?? '') + source).replace(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD');
    this.#parsedChars += text.length;
    this.#md.block.parse(text, this.#md, { references }, tokens);
    return { tokens, references };
  }

  /** Makes definitions known for good; earlier ones of a name stand. */
  #define(tokens: readonly Token[], references: References): void {
    for (const token of tokens) {
      if (token.type !== 'reference_definition') continue;
      const label = String(token.meta?.['label']);
      const found = references[label];
      if (found === undefined || Object.hasOwn(this.#references, label)) continue;
      this.#references[label] = found;
      if (this.#unknown.has(label)) this.#isStale = true;
    }
  }

  /** The nodes of settled tokens. */
  #build(tokens: readonly Token[]): BlockNode[] {
    for (const token of tokens) if (token.type === 'inline') this.#noteUnknown(token.content);
    this.#readInline(tokens, this.#references);
    return buildBlocks(tokens);
  }

  #noteUnknown(content: string): void {
    if (!content.includes(']')) return;
    for (const [, label = ''] of content.matchAll(/\[((?:[^[\]\\]|\\.){1,999})\]/gs)) {
      const name = this.#md.utils.normalizeReference(label);
      if (!Object.hasOwn(this.#references, name)) this.#unknown.add(name);
    }
  }

  #readInline(tokens: readonly Token[], references: References): void {
    const state = new this.#md.core.State('', this.#md, { references });
    state.tokens = tokens.map((token) => {
      if (token.type === 'inline') token.children = [];
      return token;
    });
    this.#md.core.process(state);
  }
}

/** What is settled of an open block together with the rest of it. */
function joined(open: OpenBlock & { kind: 'list' | 'table' }, rest: BlockNode | null): BlockNode {
  if (open.kind === 'table') {
    // A copy: more rows are put to the open ones.
    return { ...open.node, rows: rest?.kind === 'table' ? [...open.rows, ...rest.rows] : [...open.rows] };
  }
  const start = open.start === null ? null : open.start + open.before;
  return { kind: 'list', start, items: rest?.kind === 'list' ? [...open.items, ...rest.items] : open.items };
}

/** So much of either end is compared with each delta. */
const COMPARED_CHARS = 256;

/**
 * Whether a text goes on from an earlier one. With each delta only its ends are compared, since an answer of a megabyte
 * would otherwise be compared ten thousand times; once it is over, all of it is. (A comparison of slices is many times
 * faster than `startsWith`.)
 */
function goesOn(before: string, text: string, live: boolean): boolean {
  const { length } = before;
  if (text.length < length) return false;
  if (!live) return text.slice(0, length) === before;
  const from = Math.max(0, length - COMPARED_CHARS);
  const head = Math.min(length, COMPARED_CHARS);
  return text.slice(from, length) === before.slice(from) && text.slice(0, head) === before.slice(0, head);
}

function carryLines(open: OpenBlock | null): number {
  return open === null || open.carry === '' ? 0 : (open.carry.match(/\r\n|\n|\r/g)?.length ?? 0);
}

/** Where each line begins. */
function lineStarts(source: string): number[] {
  const starts = [0];
  for (const { index, 0: end } of source.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return starts;
}

/** Completes the last paragraph, or holds back what may yet close the code. */
function mendLeaf(tokens: readonly Token[], source: string): void {
  const leaf = lastLeaf(tokens);
  if (leaf?.type === 'inline' && !/\n[ \t]*\n[ \t]*$/.test(source)) leaf.content = mendInline(leaf.content);
  if (leaf?.type !== 'fence' || isClosedFence(leaf) || source.endsWith('\n')) return;
  const from = leaf.content.lastIndexOf('\n') + 1;
  const last = leaf.content.slice(from).trim();
  if (last !== '' && last === (leaf.markup[0] ?? '').repeat(last.length)) leaf.content = leaf.content.slice(0, from);
}
