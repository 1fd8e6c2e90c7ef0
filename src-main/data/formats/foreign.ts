import { createHash } from 'node:crypto';
import type { FailureSaying } from '#contract/failure-saying';
import { cutText, titleOf } from '#contract/message';
import type { PortableConversation, PortableRow } from '../../store/portable-rows.ts';

/** A conversation of another program, reduced to what every such program has. */
export interface ForeignConversation {
  /** Its id there. The same file twice gives the same conversation twice, and the second is known. */
  sourceId: string;
  title: string;
  createdAtMs: number;
  updatedAtMs: number;
  model: string | null;
  instructions: string | null;
  messages: ForeignMessage[];
}

export interface ForeignMessage {
  role: 'user' | 'assistant';
  content: string;
  reasoning: string | null;
  createdAtMs: number;
}

/** One item of an import: a conversation, or why it is none. */
export type ForeignItem =
  | { title: string; conversation: ForeignConversation }
  | { title: string; reason: FailureSaying; conversation: null };

// Files of other programs are whatever they are: each look at one says what it wants and gets that or nothing.

export type Fields = Record<string, unknown>;

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Unix seconds, milliseconds or an ISO date, as milliseconds; null for anything else. */
export function momentOf(value: unknown): number | null {
  const ms =
    typeof value === 'number'
      ? value < 1e11
        ? value * 1000
        : value
      : typeof value === 'string'
        ? Date.parse(value)
        : NaN;
  return Number.isFinite(ms) && ms >= 0 && ms <= 8.64e15 ? Math.round(ms) : null;
}

const TITLE_CHARS = 200;
const PREVIEW_CHARS = 120;

/** The id that something of another program has here. */
function idOf(source: string, ...parts: string[]): string {
  return `${source}-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}

/** The same conversation as rows of this program. Its answers belong to no run: nobody here made them. */
export function toPortable(source: string, foreign: ForeignConversation): PortableConversation {
  const id = idOf(source, foreign.sourceId);
  const first = foreign.messages.find((message) => message.role === 'user') ?? foreign.messages[0];
  const line = (text: string, chars: number) => cutText(text.replace(/\s+/g, ' ').trim(), chars);
  const messages = foreign.messages.map(
    (message, index): PortableRow => ({
      id: idOf(source, foreign.sourceId, String(index)),
      run_id: null,
      version_id: null,
      position: index + 1,
      role: message.role,
      content: message.content.toWellFormed(),
      content_blocks: null,
      reasoning: message.reasoning?.toWellFormed() ?? null,
      reasoning_ms: null,
      tool_calls: null,
      tool_call_id: null,
      tool_name: null,
      tool_arguments: null,
      tool_preview: null,
      tool_state: null,
      tool_duration: null,
      finish_reason: null,
      status: 'final',
      pinned: 0,
      created_at_ms: message.createdAtMs,
    }),
  );
  return {
    session: {
      id,
      title: line(foreign.title.toWellFormed(), TITLE_CHARS) || titleOf(first?.content ?? ''),
      title_source: 'user',
      profile: null,
      // A model of theirs may be unknown to every profile here.
      model: null,
      workspace: null,
      instructions: foreign.instructions?.toWellFormed() ?? null,
      parameters: {},
      preview: line(first?.content.toWellFormed() ?? '', PREVIEW_CHARS),
      message_count: messages.length,
      last_status: null,
      pinned: 0,
      tags: [],
      archived_at_ms: null,
      forked_from_session_id: null,
      created_at_ms: foreign.createdAtMs,
      updated_at_ms: foreign.updatedAtMs,
    },
    runs: [],
    versions: [],
    messages,
    compactions: [],
    attachments: [],
  };
}

/** Completes what was read; without a message there is nothing to import. */
export function toItem(
  title: string | null,
  parts: {
    sourceId: string | null;
    createdAtMs: number | null;
    updatedAtMs?: number | null;
    model?: string | null;
    instructions?: string | null;
    messages: (Omit<ForeignMessage, 'createdAtMs'> & { createdAtMs: number | null })[];
  },
): ForeignItem {
  const shown = title ?? '';
  if (parts.messages.length === 0) return { title: shown, reason: { word: 'item_no_message' }, conversation: null };
  const beganMs = parts.createdAtMs ?? parts.messages.find((each) => each.createdAtMs !== null)?.createdAtMs ?? 0;
  let lastMs = beganMs;
  const messages = parts.messages.map((message) => {
    lastMs = message.createdAtMs ?? lastMs;
    return { ...message, createdAtMs: lastMs };
  });
  return {
    title: shown,
    conversation: {
      sourceId: parts.sourceId ?? JSON.stringify([shown, beganMs, messages[0]?.content]),
      title: shown,
      createdAtMs: beganMs,
      updatedAtMs: parts.updatedAtMs ?? lastMs,
      model: parts.model ?? null,
      instructions: parts.instructions ?? null,
      messages,
    },
  };
}
