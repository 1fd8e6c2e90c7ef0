import type { MarkdownIt, Token } from 'markdown-it';
import { type BlockGroup, BlockGroups } from './block-groups.ts';
import { buildBlocks, isClosedFence, languageOf } from './build-nodes.ts';
import { CodeChunks } from './code-chunks.ts';
import { createParser } from './create-parser.ts';
import { cutLength } from './cut-length.ts';
import { Definitions, type References } from './definitions.ts';
import type { BlockNode } from './markdown-nodes.ts';
import { mendBlocks } from './mend-blocks.ts';
import { mendInline } from './mend-inline.ts';
import { carryLines, joined, type ListNode, lineStarts, type OpenBlock, type TableNode } from './open-block.ts';
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
/** Reading everything anew for the sake of late definitions may cost this many times the text. */
const MOST_REREADS = 4;
const FREE_REREAD_CHARS = 262_144;

/** An answer as it can be drawn. Everything but `tail` keeps its identity from one delta to the next. */
export interface MarkdownView {
  groups: readonly BlockGroup[];
  /** Blocks that no longer change and do not fill a group. */
  recent: BlockGroup;
  /** What may still change. */
  tail: BlockGroup;
}

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
  #settled = new BlockGroups();
  #definitions: Definitions;
  #parsedChars = 0;
  #rereadChars = 0;
  #last: { text: string; live: boolean; view: MarkdownView } | null = null;

  constructor(parser: MarkdownIt = createParser()) {
    this.#md = parser;
    this.#definitions = this.#noDefinitions();
  }

  #noDefinitions(): Definitions {
    return new Definitions((label) => this.#md.utils.normalizeReference(label));
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
      this.#definitions = this.#noDefinitions();
      this.#rereadChars = 0;
      this.#restart();
    }
    this.#text = text;
    this.#settle();
    if (!live) this.#defineTail();
    if (this.#definitions.isStale && (!live || this.#mayReread())) {
      this.#rereadChars += text.length;
      this.#restart();
      this.#settle();
    }
    const tail = this.#readTail(live);
    const view = { groups: this.#settled.full, recent: this.#settled.recent, tail };
    this.#last = { text, live, view };
    return view;
  }

  /** At the end, what the last blocks define is known to all. */
  #defineTail(): void {
    if (!this.#definitions.hasUnknown) return;
    const { tokens, references } = this.#parse(this.#text.slice(this.#boundary));
    this.#definitions.keep(tokens, references);
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
    this.#settled = new BlockGroups();
    this.#definitions.restart();
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
    this.#definitions.keep(tokens.slice(0, tokens.indexOf(last.tokens[0] as Token)), references);
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
      this.#settled.add({ kind: 'code', language: open.language, chunks: open.chunks.chunks(), closed: true });
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
    this.#definitions.keep(before, references);
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
    this.#settled.add(joined(open, null));
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
      this.#settled.add(node);
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
    const length = cutLength(window);
    const piece = window.slice(0, length);
    if (this.#open?.kind === 'code') {
      this.#open.chunks.push(piece);
    } else {
      const { tokens, references } = this.#parse(piece);
      this.#definitions.keep(tokens, references);
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
    if (open !== null && open.kind !== 'code') this.#settled.add(joined(open, null));
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
    const references = this.#definitions.draft();
    const tokens: Token[] = [];
    const text = ((this.#open?.carry ?? '') + source).replace(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD');
    this.#parsedChars += text.length;
    this.#md.block.parse(text, this.#md, { references }, tokens);
    return { tokens, references };
  }

  /** The nodes of settled tokens. */
  #build(tokens: readonly Token[]): BlockNode[] {
    for (const token of tokens) if (token.type === 'inline') this.#definitions.noteUses(token.content);
    this.#readInline(tokens, this.#definitions.known);
    return buildBlocks(tokens);
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

/** Completes the last paragraph, or holds back what may yet close the code. */
function mendLeaf(tokens: readonly Token[], source: string): void {
  const leaf = lastLeaf(tokens);
  if (leaf?.type === 'inline' && !/\n[ \t]*\n[ \t]*$/.test(source)) leaf.content = mendInline(leaf.content);
  if (leaf?.type !== 'fence' || isClosedFence(leaf) || source.endsWith('\n')) return;
  const from = leaf.content.lastIndexOf('\n') + 1;
  const last = leaf.content.slice(from).trim();
  if (last !== '' && last === (leaf.markup[0] ?? '').repeat(last.length)) leaf.content = leaf.content.slice(0, from);
}
