import { z } from 'zod';
import { PAGE_LIMIT } from '../limits.ts';
import { fileBlock, imageBlock } from './content-blocks.ts';
import { changedParameters, modelParameters } from './parameter-fields.ts';
import { aliased, id, MAX_NAME_CHARS, MAX_TEXT_CHARS, name, optionalText, path, session } from './schema-fields.ts';

/** A tag of conversations. */
const tag = z.string().trim().min(1).max(40);
const run = { run_id: 'runId', id: 'runId' } as const;

/** Conversations, their runs, votes, tags and prompts. */
export const conversationSchemas = {
  'sessions.list': z.strictObject({
    limit: z.int().min(1).max(2000).default(500),
    offset: z.int().min(0).default(0),
    archived: z.boolean().default(false),
  }),
  'sessions.create': z.strictObject({
    title: z.string().max(MAX_NAME_CHARS).exactOptional(),
    profile: name.exactOptional(),
    model: name.exactOptional(),
    workspace: path.exactOptional(),
    instructions: optionalText.exactOptional(),
    parameters: modelParameters.exactOptional(),
  }),
  'sessions.get': aliased({ sessionId: id }, session),
  'sessions.page': aliased(
    { sessionId: id, beforeId: id.exactOptional(), limit: z.int().min(1).max(PAGE_LIMIT).default(PAGE_LIMIT) },
    { ...session, before_id: 'beforeId' },
  ),
  'sessions.rename': aliased({ sessionId: id, title: name }, session),
  'sessions.update': aliased(
    {
      sessionId: id,
      pinned: z.boolean().exactOptional(),
      archived: z.boolean().exactOptional(),
      /** All of them; each once. */
      tags: z.array(tag).max(20).exactOptional(),
      profile: name.nullable().exactOptional(),
      model: name.nullable().exactOptional(),
      workspace: path.nullable().exactOptional(),
      instructions: optionalText.nullable().exactOptional(),
      /** Those that are named change; null gives one back to the model. */
      parameters: changedParameters.exactOptional(),
    },
    session,
  ),
  /** A new conversation that holds everything up to and including this message. */
  'sessions.fork': aliased({ sessionId: id, messageId: id }, { ...session, message_id: 'messageId' }),
  /** Summarises what is old now, whatever the thresholds say. */
  'sessions.compact': aliased({ sessionId: id }, session),
  'sessions.undoCompaction': aliased({ sessionId: id }, session),
  'sessions.editCompaction': aliased({ sessionId: id, compactionId: id, summary: optionalText }, session),
  'sessions.pinMessage': aliased(
    { sessionId: id, messageId: id, pinned: z.boolean() },
    { ...session, message_id: 'messageId' },
  ),
  /** What the next request will hold, by part; with the profile and model that it is to be sent with, and the files of its message. */
  'sessions.context': aliased(
    {
      sessionId: id,
      profile: name.exactOptional(),
      model: name.exactOptional(),
      files: z
        .array(z.discriminatedUnion('type', [imageBlock, fileBlock]))
        .max(1000)
        .default([]),
    },
    session,
  ),
  /** What of a message that is being written will not go out as it is, to whom it is to be sent; also before the conversation begins. */
  'sessions.fit': aliased(
    {
      sessionId: id,
      profile: name.exactOptional(),
      model: name.exactOptional(),
      parameters: modelParameters.exactOptional(),
      files: z
        .array(
          z.strictObject({
            path,
            mediaType: z.string().max(200),
            isImage: z.boolean(),
            sizeBytes: z.int().min(0).nullable(),
          }),
        )
        .max(1000)
        .default([]),
    },
    session,
  ),
  /** Puts messages back that an edit or a regeneration had replaced; those that stand in their place are set aside. */
  'sessions.switch_version': aliased({ sessionId: id, versionId: id }, { ...session, version_id: 'versionId' }),
  /** Deletes the turn of a message for good: what was said and what was made of it. What it cost stays in the ledger. */
  'sessions.deleteTurn': aliased({ sessionId: id, messageId: id }, { ...session, message_id: 'messageId' }),
  'sessions.delete': aliased({ sessionId: id }, session),
  /** Finds messages and conversations. With a filter only messages are found. */
  'sessions.search': z.strictObject({
    query: z.string().max(500),
    limit: z.int().min(1).max(200).default(50),
    sessionId: id.exactOptional(),
    role: z.enum(['user', 'assistant', 'tool']).exactOptional(),
    /** The model that wrote it. */
    model: name.exactOptional(),
    fromMs: z.int().min(0).exactOptional(),
    toMs: z.int().min(0).exactOptional(),
    hasCode: z.boolean().exactOptional(),
    tag: tag.exactOptional(),
  }),
  /** The models that answered, for a filter; the most used first. */
  'sessions.models': z.strictObject({}),
  'sessions.export': aliased({ sessionId: id, format: z.enum(['json', 'markdown']).default('json') }, session),
  'feedback.list': aliased({ sessionId: id }, session),
  /** Votes on an answer; null takes the vote back. */
  'feedback.set': aliased(
    { sessionId: id, runId: id, rating: z.union([z.literal(1), z.literal(-1)]).nullable() },
    { ...session, ...run },
  ),
  'runs.get': aliased({ runId: id }, run),
  /** A run's log as JSON Lines, in pieces; one that is live goes on behind its last piece. */
  'runs.events.export': aliased({ runId: id, afterSeq: z.int().min(0).default(0) }, run),
  'runs.list': aliased({ sessionId: id, limit: z.int().min(1).max(100).default(100) }, session),
  /** Every tag that is in use, with the number of its conversations. */
  'tags.list': z.strictObject({}),
  /** In every conversation. A name that another tag has is a `conflict`, unless the two are to become one. */
  'tags.rename': z.strictObject({ tag, to: tag, merge: z.boolean().exactOptional() }),
  'tags.delete': z.strictObject({ tag }),
  /** Texts of a person's own that are sent again and again. */
  'prompts.list': z.strictObject({}),
  /** Adds a prompt, or with an id changes one. */
  'prompts.save': z.strictObject({ id: id.exactOptional(), name: tag, body: z.string().min(1).max(MAX_TEXT_CHARS) }),
  'prompts.delete': z.strictObject({ id }),
  /** Adds prompts from a file; one of the same name takes the place of the one that was there. */
  'prompts.import': z.strictObject({
    prompts: z.array(z.object({ name: tag, body: z.string().min(1).max(MAX_TEXT_CHARS) })).max(1000),
  }),
} as const;
