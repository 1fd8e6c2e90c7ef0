import type { Token } from 'markdown-it';
import { chunkCode } from './code-chunks.ts';
import type { Align, BlockNode, InlineNode, ListItem } from './markdown-nodes.ts';

/** Emphasis within emphasis is drawn this deep; what is deeper joins the level above, so that no page is too deep to draw. */
const MOST_INLINE_LEVELS = 16;
/** What a paragraph may hold beyond its text; the rest of it stays text. */
const MAX_LABEL_CHARS = 64;

const SPANS: Readonly<Record<string, 'strong' | 'emphasis' | 'deleted'>> = {
  strong_open: 'strong',
  em_open: 'emphasis',
  s_open: 'deleted',
};

interface OpenSpan {
  children: InlineNode[];
  /** Null where the level above takes the children. */
  close: (() => InlineNode) | null;
}

const attr = (token: Token, name: string) => String(token.attrGet(name) ?? '');

/** The nodes of a paragraph's tokens. Neighbouring texts are one. */
function buildInline(tokens: readonly Token[]): InlineNode[] {
  const root: InlineNode[] = [];
  const open: OpenSpan[] = [];
  const target = () => open.at(-1)?.children ?? root;
  const add = (node: InlineNode) => {
    const list = target();
    const last = list.at(-1);
    if (node.kind === 'text' && last?.kind === 'text')
      list[list.length - 1] = { kind: 'text', text: last.text + node.text };
    else list.push(node);
  };
  const enter = (make: (children: InlineNode[]) => InlineNode) => {
    if (open.length >= MOST_INLINE_LEVELS) {
      open.push({ children: target(), close: null });
      return;
    }
    const children: InlineNode[] = [];
    open.push({ children, close: () => make(children) });
  };
  for (const token of tokens) {
    const span = SPANS[token.type];
    if (span !== undefined) enter((children) => ({ kind: span, children }));
    else if (token.type === 'link_open') {
      const href = attr(token, 'href');
      const title = attr(token, 'title');
      enter((children) => ({ kind: 'link', href, title, children }));
    } else if (token.nesting === -1) {
      const node = open.pop()?.close?.();
      if (node !== undefined) add(node);
    } else if (token.type === 'image') {
      const alt = textOf(token.children ?? []);
      add({ kind: 'image', src: attr(token, 'src'), alt, title: attr(token, 'title') });
    } else if (token.type === 'code_inline') add({ kind: 'code', text: token.content });
    else if (token.type === 'math_inline') {
      add({ kind: 'math', source: token.content, display: token.meta?.['display'] === true });
    } else if (token.type === 'note_inline') add({ kind: 'note', label: token.content });
    else if (token.type === 'softbreak' || token.type === 'hardbreak') add({ kind: 'break' });
    else if (token.content !== '') add({ kind: 'text', text: token.content });
  }
  while (open.length > 0) {
    const node = open.pop()?.close?.();
    if (node !== undefined) add(node);
  }
  return root;
}

/** What the tokens say without their marks. */
function textOf(tokens: readonly Token[]): string {
  return tokens.map((token) => (token.children === null ? token.content : textOf(token.children))).join('');
}

/** The first word after a fence, as the language is named there. */
export function languageOf(info: string): string {
  return (/^[^\s{,]+/.exec(info.trim())?.[0] ?? '').slice(0, MAX_LABEL_CHARS);
}

/** Whether a fence has its closing line: then it spans two lines more than its code has. */
export function isClosedFence(token: Token): boolean {
  if (token.map === null) return true;
  const { content } = token;
  const lines = (content.match(/\n/g)?.length ?? 0) + (content === '' || content.endsWith('\n') ? 0 : 1);
  return token.map[1] - token.map[0] >= lines + 2;
}

function alignOf(token: Token): Align {
  const name = /^text-align:(left|center|right)$/.exec(attr(token, 'style'))?.[1];
  return name === 'left' || name === 'center' || name === 'right' ? name : null;
}

/**
 * Reads block tokens, whose paragraphs have been read, into nodes. `next` goes on from the token at `at` to the end of its
 * block.
 */
class BlockReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** Every block up to the closing token of `type`, or to the end. */
  blocks(until: string | null): BlockNode[] {
    const blocks: BlockNode[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined) return blocks;
      this.#at++;
      if (token.type === until) return blocks;
      const block = this.#block(token);
      if (block !== null) blocks.push(block);
    }
  }

  #block(token: Token): BlockNode | null {
    switch (token.type) {
      case 'paragraph_open':
        return { kind: 'paragraph', children: this.#inline() };
      case 'heading_open':
        return { kind: 'heading', level: Number(token.tag.slice(1)), children: this.#inline() };
      case 'note_open': {
        const inline = this.#tokens[this.#at];
        return { kind: 'note', label: String(inline?.meta?.['label'] ?? ''), children: this.#inline() };
      }
      case 'blockquote_open':
        return { kind: 'quote', children: this.blocks('blockquote_close') };
      case 'bullet_list_open':
        return { kind: 'list', start: null, items: this.#items('bullet_list_close') };
      case 'ordered_list_open': {
        const start = Number(token.attrGet('start') ?? 1);
        return { kind: 'list', start, items: this.#items('ordered_list_close') };
      }
      case 'table_open':
        return this.#table();
      case 'fence': {
        const language = languageOf(token.info);
        return { kind: 'code', language, chunks: chunkCode(token.content), closed: isClosedFence(token) };
      }
      case 'code_block':
        return { kind: 'code', language: '', chunks: chunkCode(token.content), closed: true };
      case 'math_block':
        return { kind: 'math', source: token.content, closed: token.meta?.['closed'] === true };
      case 'hr':
        return { kind: 'rule' };
      default:
        return null;
    }
  }

  /** The one paragraph before the closing token. */
  #inline(): InlineNode[] {
    const token = this.#tokens[this.#at];
    this.#at += 2;
    return buildInline(token?.children ?? []);
  }

  #items(until: string): ListItem[] {
    const items: ListItem[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined) return items;
      this.#at++;
      if (token.type === until) return items;
      if (token.type === 'list_item_open') items.push(taskOf(this.blocks('list_item_close')));
    }
  }

  #table(): BlockNode {
    const aligns: Align[] = [];
    const rows: InlineNode[][][] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined || token.type === 'table_close') break;
      this.#at++;
      if (token.type === 'tr_open') rows.push([]);
      if (token.type === 'th_open') aligns.push(alignOf(token));
      if (token.type === 'th_open' || token.type === 'td_open') rows.at(-1)?.push(this.#inline());
    }
    this.#at++;
    const [head = [], ...body] = rows;
    return { kind: 'table', aligns, head, rows: body };
  }
}

/** An item that begins with `[ ]` or `[x]` has a box. */
function taskOf(children: BlockNode[]): ListItem {
  const [first, ...rest] = children;
  if (first?.kind !== 'paragraph') return { checked: null, children };
  const [lead, ...others] = first.children;
  const box = lead?.kind === 'text' ? /^\[([ xX])\](?:\s+|$)/.exec(lead.text) : null;
  if (lead?.kind !== 'text' || box === null) return { checked: null, children };
  const text = lead.text.slice(box[0].length);
  const said: InlineNode[] = text === '' ? others : [{ kind: 'text', text }, ...others];
  return { checked: box[1] !== ' ', children: [{ kind: 'paragraph', children: said }, ...rest] };
}

/** The blocks of a token list whose paragraphs have been read. */
export function buildBlocks(tokens: readonly Token[]): BlockNode[] {
  return new BlockReader(tokens).blocks(null);
}
