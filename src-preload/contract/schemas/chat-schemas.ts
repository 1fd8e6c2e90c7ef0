import { z } from 'zod';
import { MAX_INPUT_CHARS, PAGE_LIMIT } from '../limits.ts';
import { fileBlock, imageBlock } from './content-blocks.ts';
import { effort, modelParameters } from './parameter-fields.ts';
import { aliased, id, MAX_TEXT_CHARS, name, optionalText, path } from './schema-fields.ts';

/** Half a surrogate pair can neither be stored nor sent as UTF-8; it becomes U+FFFD before anybody sees it. */
const messageText = z
  .string()
  .max(MAX_INPUT_CHARS)
  .overwrite((value) => value.toWellFormed());

const contentBlock = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: messageText }),
  imageBlock,
  fileBlock,
]);

const input = z.union([messageText, z.array(contentBlock).max(1000)]);

const multitaskStrategy = z.enum(['enqueue', 'interrupt', 'reject', 'rollback', 'steer']);
const chatSession = { sessionId: 'session_id' } as const;

/** The control routes of a conversation, over the socket and over IPC. */
export const chatSchemas = {
  'chat.run': aliased(
    {
      input,
      session_id: id.exactOptional(),
      model: name.exactOptional(),
      provider: name.exactOptional(),
      instructions: optionalText.exactOptional(),
      profile: name.exactOptional(),
      /** The folder of a session that this message begins. */
      workspace: path.exactOptional(),
      /** The instructions of a session that this message begins; they hold for all of it. */
      session_instructions: optionalText.exactOptional(),
      /** A message of this conversation that the new one takes the place of, with all that follows it. */
      replace_from: id.exactOptional(),
      /** A run of this conversation, also one that never began: what it was to be answered with holds here, too. */
      like_run: id.exactOptional(),
      queue_id: id.exactOptional(),
      /** Names the request: the same key again answers with the same run. */
      idempotency_key: id.exactOptional(),
      reasoning_effort: effort.exactOptional(),
      /** For this answer; where the message begins a conversation, for the whole of it. */
      parameters: modelParameters.exactOptional(),
      strategy: multitaskStrategy.exactOptional(),
    },
    chatSession,
  ),
  'chat.abort': aliased({ session_id: id, run_id: id.exactOptional() }, chatSession),
  'chat.resume': aliased(
    {
      session_id: id,
      after_seq: z.int().min(0).exactOptional(),
      /** An event's id as text; one that cannot be read is answered with a `gap`. */
      last_event_id: z.string().max(128).exactOptional(),
      /** How many of the newest rows to send; earlier ones are asked for with `sessions.page`. */
      limit: z.int().min(1).max(PAGE_LIMIT).exactOptional(),
    },
    chatSession,
  ),
  'chat.unsubscribe': aliased({ session_id: id }, chatSession),
  'chat.cancel_queued_run': aliased({ session_id: id, queue_id: id }, chatSession),
  'chat.queue_edit': aliased({ session_id: id, queue_id: id, input }, chatSession),
  'chat.queue_move': aliased({ session_id: id, queue_id: id, position: z.int().min(0).max(10_000) }, chatSession),
  'chat.queue_clear': aliased({ session_id: id }, chatSession),
  'chat.queue_send_now': aliased({ session_id: id, queue_id: id }, chatSession),
  'chat.queue_resume': aliased({ session_id: id }, chatSession),
  'chat.queue_pause': aliased({ session_id: id }, chatSession),
  /** Asks for another answer to the same message: the newest one, or that of `run_id` with all that follows it. */
  'chat.regenerate': aliased(
    {
      session_id: id,
      run_id: id.exactOptional(),
      model: name.exactOptional(),
      profile: name.exactOptional(),
      queue_id: id.exactOptional(),
    },
    chatSession,
  ),
  'chat.clarify_respond': aliased(
    { session_id: id, clarify_id: id, response: z.string().min(1).max(MAX_TEXT_CHARS) },
    chatSession,
  ),
  'chat.approval_respond': aliased(
    {
      session_id: id,
      approval_id: id,
      choice: z.enum(['once', 'session', 'always', 'deny']).default('deny'),
      all: z.boolean().exactOptional(),
    },
    chatSession,
  ),
} as const;
