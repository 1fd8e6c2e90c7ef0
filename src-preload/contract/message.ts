import { withoutMarks } from './without-marks.ts';

/** A part of what a person wrote. The order of the parts is kept. */
export type ContentBlock =
  | { type: 'text'; text: string }
  | { type: 'image'; name: string; path: string; media_type: string }
  | { type: 'file'; name: string; path: string; media_type?: string };

export type RunInput = string | ContentBlock[];

export interface ToolCall {
  id: string;
  type: 'function';
  function: { name: string /** JSON text, exactly as the model wrote it. */; arguments: string };
}

export type MessageRole = 'user' | 'assistant' | 'tool' | 'system';

/** `open` only inside a live run; a stored row is always one of the other three. */
export type MessageStatus = 'open' | 'final' | 'aborted' | 'error';

export type ToolState = 'running' | 'done' | 'error' | 'aborted';

/** One row of a transcript. Field names follow the chat-run protocol. */
export interface Message {
  id: string;
  session_id: string | null;
  run_id: string | null;
  role: MessageRole;
  /** Plain text; for a tool row its output, empty where the upstream gives none. */
  content: string;
  content_blocks: ContentBlock[] | null;
  reasoning: string | null;
  /** How long the reasoning took, from its first to its last part, in milliseconds. */
  reasoning_ms: number | null;
  tool_calls: ToolCall[] | null;
  tool_call_id: string | null;
  tool_name: string | null;
  tool_arguments: string | null;
  tool_preview: string | null;
  tool_state: ToolState | null;
  /** In seconds, as the upstream reports it. */
  tool_duration: number | null;
  /** `stop`, `tool_calls`, `length`, `content_filter`, `aborted`, `interrupted`, `error`, or an upstream's own word. */
  finish_reason: string | null;
  status: MessageStatus;
  created_at_ms: number;
  /** The same moment in Unix seconds, as the protocol's clients read it. */
  timestamp: number;
  /** A part of the stored row could not be read: what could is shown, with a word about the rest (E6-06). */
  damaged?: true;
  /** Always sent word for word, whatever is compacted. */
  pinned?: true;
}

const TITLE_CHARS = 100;
const TITLE_READ_CHARS = 2000;

/** The text of an input, its blocks on lines of their own so that two never run together. */
export function inputText(input: RunInput): string {
  if (typeof input === 'string') return input;
  return input
    .map((block) => {
      switch (block.type) {
        case 'text':
          return block.text;
        case 'image':
          return `[Image: ${block.name}]`;
        case 'file':
          return `[File: ${block.name}]`;
      }
    })
    .join('\n');
}

/** True for an input that holds neither a visible character nor an attachment. */
export function isEmptyInput(input: RunInput): boolean {
  if (typeof input === 'string') return input.trim() === '';
  return input.every((block) => block.type === 'text' && block.text.trim() === '');
}

/** Cuts to at most `chars` UTF-16 units without parting a surrogate pair. */
export function cutText(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const last = text.charCodeAt(chars - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? chars - 1 : chars;
  return text.slice(0, end);
}

/** What a title may not end with where it was cut: it would promise more. */
const OPEN_END = /[\s,.;:!?·、，。；：！？…\-–—/\\|(（[［{「『【《〈“‘"'«‹+&=]+$/u;

/** Cuts to at most `chars` UTF-16 units at the end of a word, also where words have no spaces between them. */
export function cutAtWord(text: string, chars: number): string {
  if (text.length <= chars) return text;
  // Enough beyond the cut that the word across it is seen whole.
  const words = new Intl.Segmenter(undefined, { granularity: 'word' }).segment(cutText(text, chars + 50));
  const across = words.containing(chars)?.index ?? chars;
  const cut = text.slice(0, across).replace(OPEN_END, '');
  // One word that is as long as this, such as an address, is cut within.
  return cut.length < chars / 2 ? cutText(text, chars) : cut;
}

/**
 * A session's first title: the input's words on one line, without marks of Markdown, at most 100 characters; attachment
 * names where there is no text.
 */
export function titleOf(input: RunInput): string {
  const text =
    typeof input === 'string'
      ? input
      : input
          .filter((block) => block.type === 'text')
          .map((block) => block.text)
          .join('\n');
  // A pasted book is not read whole for a line.
  const start = cutText(text.trim(), TITLE_READ_CHARS);
  const line = withoutMarks(start) || start.replace(/\s+/g, ' ');
  if (line !== '') return cutAtWord(line, TITLE_CHARS).replace(/[\s,:;，：；、]+$/u, '') || cutText(line, TITLE_CHARS);
  if (typeof input === 'string') return 'New chat';
  const names = input.flatMap((block) => (block.type === 'text' ? [] : [block.name]));
  return cutText(names.join(', ') || 'New chat', TITLE_CHARS);
}

/** A row with every field at its resting value; the fold and the store fill in what they know. */
export function emptyMessage(
  fields: Pick<Message, 'id' | 'session_id' | 'run_id' | 'role' | 'created_at_ms'>,
): Message {
  return {
    content: '',
    content_blocks: null,
    reasoning: null,
    reasoning_ms: null,
    tool_calls: null,
    tool_call_id: null,
    tool_name: null,
    tool_arguments: null,
    tool_preview: null,
    tool_state: null,
    tool_duration: null,
    finish_reason: null,
    status: 'open',
    timestamp: fields.created_at_ms / 1000,
    ...fields,
  };
}
