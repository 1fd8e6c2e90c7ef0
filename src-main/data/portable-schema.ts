import { z } from 'zod';
import type { FailureSaying } from '#contract/failure-saying';
import { isFitId } from '#contract/ids';
import { cutText } from '#contract/message';
import { EFFORTS, PARAMETER_RANGES } from '#contract/model-parameters';
import { RUN_STATUSES } from '#contract/records';
import { firstComplaint } from '../platform/say-issue.ts';
import type { Json, PortableConversation } from '../store/portable-rows.ts';
import { CONVERSATION_FORMAT, FORMAT_VERSION } from './portable-format.ts';

const id = z.string().min(1).max(128).refine(isFitId, 'no id that this program takes');
const text = z.string().overwrite((value) => value.toWellFormed());
const optional = text.nullable().default(null);
/** What a list shows of every conversation. Ours are shorter; a file may say anything, and lists are read as a whole. */
const shownText = (chars: number) => text.overwrite((value) => cutText(value, chars));
const atMs = z.number().int().min(0).max(8.64e15);
const optionalMs = atMs.nullable().default(null);
const count = z.number().int().min(0);
const flag = z.union([z.literal(0), z.literal(1)]);
const json = z.json().nullable().default(null);
const { temperature, topP, maxOutputTokens } = PARAMETER_RANGES;
/** What is out of range there is left to the model here: one odd number costs no conversation. */
const parameters = z
  .object({
    temperature: z.number().min(temperature.min).max(temperature.max).exactOptional(),
    topP: z.number().min(topP.min).max(topP.max).exactOptional(),
    maxOutputTokens: z.int().min(maxOutputTokens.min).max(maxOutputTokens.max).exactOptional(),
    reasoningEffort: z.enum(EFFORTS).exactOptional(),
  })
  .catch({})
  .default({});

const block = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text }),
  z.object({ type: z.literal('image'), name: text, path: text, media_type: text }),
  z.object({ type: z.literal('file'), name: text, path: text, media_type: text.exactOptional() }),
]);
const toolCall = z.object({
  id: text,
  type: z.literal('function'),
  function: z.object({ name: text, arguments: text }),
});

/** What a file may say of a conversation. Whatever else stands there is left out. */
const schema = z.object({
  session: z.object({
    id,
    title: shownText(1000),
    title_source: z.enum(['auto', 'user']),
    profile: optional,
    model: optional,
    workspace: optional,
    instructions: optional,
    parameters,
    preview: shownText(1000).default(''),
    message_count: count,
    last_status: z.enum(RUN_STATUSES).nullable().default(null),
    pinned: flag.default(0),
    tags: z.array(shownText(200)).max(100).default([]),
    archived_at_ms: optionalMs,
    forked_from_session_id: optional,
    created_at_ms: atMs,
    updated_at_ms: atMs,
  }),
  runs: z.array(
    z.object({
      id,
      status: z.enum(['success', 'error', 'timeout', 'interrupted', 'cancelled']),
      profile: text,
      model: optional,
      options: z.record(z.string(), z.json()),
      error: optional,
      error_info: json,
      finish_reason: optional,
      usage: json,
      synced: flag.nullable().default(null),
      shortened: json,
      parameters: json,
      first_human_message: optional,
      last_ai_message: optional,
      message_count: count.default(0),
      created_at_ms: atMs,
      started_at_ms: optionalMs,
      ended_at_ms: atMs,
    }),
  ),
  versions: z.array(
    z.object({
      id,
      anchor_run_id: optional,
      replaced_by_run_id: optional,
      preview: text,
      message_count: count,
      created_at_ms: atMs,
    }),
  ),
  messages: z.array(
    z.object({
      id,
      run_id: optional,
      version_id: optional,
      position: count,
      role: z.enum(['user', 'assistant', 'tool', 'system']),
      content: text,
      content_blocks: z.array(block).nullable().default(null),
      reasoning: optional,
      reasoning_ms: z.number().int().nullable().default(null),
      tool_calls: z.array(toolCall).nullable().default(null),
      tool_call_id: optional,
      tool_name: optional,
      tool_arguments: optional,
      tool_preview: optional,
      tool_state: z.enum(['running', 'done', 'error', 'aborted']).nullable().default(null),
      tool_duration: z.number().nullable().default(null),
      finish_reason: optional,
      status: z.enum(['final', 'aborted', 'error']),
      pinned: flag.default(0),
      created_at_ms: atMs,
    }),
  ),
  compactions: z.array(
    z.object({
      id,
      summary: text,
      last_message_id: id,
      message_count: count,
      source_hash: text,
      tokens: count,
      before_tokens: count,
      after_tokens: count,
      trigger: z.enum(['auto', 'manual', 'edited']),
      profile: optional,
      model: optional,
      usage: json,
      undone_at_ms: optionalMs,
      created_at_ms: atMs,
    }),
  ),
  attachments: z.array(
    z.object({
      id,
      file_name: z.string().regex(/^[0-9a-f]{32}(\.[a-z0-9]{1,12})?$/),
      name: text,
      media_type: text,
      size_bytes: count,
      created_at_ms: atMs,
    }),
  ),
});

/** A conversation that a file holds, or a sentence that says why it is none. */
export function readPortable(
  value: Json,
): { ok: true; conversation: PortableConversation } | { ok: false; reason: FailureSaying } {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value['format'] !== CONVERSATION_FORMAT) {
    return { ok: false, reason: { word: 'item_no_conversation' } };
  }
  if (typeof value['version'] === 'number' && value['version'] > FORMAT_VERSION) {
    return {
      ok: false,
      reason: { word: 'item_newer', with: { version: value['version'], known: FORMAT_VERSION } },
    };
  }
  const parsed = schema.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    const { field: where, why } = firstComplaint(parsed.error.issues);
    return { ok: false, reason: { word: 'item_damaged', with: { where, why } } };
  }
  return { ok: true, conversation: parsed.data };
}
