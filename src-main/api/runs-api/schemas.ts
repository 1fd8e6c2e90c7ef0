import { z } from 'zod';
import { MAX_INPUT_CHARS } from '#contract/limits';
import { id } from '#contract/schemas/schema-fields';

/** What programs may send. Every object is closed: a field that nobody reads is refused by its name (BUG-C11). */

const MAX_METADATA_DEPTH = 16;
const MAX_METADATA_CHARS = 65_536;

function depthWithin(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => depthWithin(inner, depth - 1));
}

const name = z.string().trim().min(1).max(200);

/** Free for programs to fill; what is set to null by a change is gone. */
const metadata = z
  .record(z.string().max(200), z.unknown())
  .refine((value) => depthWithin(value, MAX_METADATA_DEPTH), { error: 'It is nested too deeply.', abort: true })
  .refine((value) => JSON.stringify(value).length <= MAX_METADATA_CHARS, 'It is longer than 65,536 characters.')
  .refine((value) => Object.keys(value).every((key) => !key.includes('"')), 'A key holds a quotation mark.');

const text = z
  .string()
  .max(MAX_INPUT_CHARS)
  .overwrite((value) => value.toWellFormed());

/** Read by `read-content.ts`: there are too many ways of writing a file for one schema to say which one was meant. */
const contentPart = z.looseObject({ type: z.string().max(100) });
const content = z.union([text, z.array(contentPart).max(1000)]);
export type InputContent = z.output<typeof content>;

/** A message as LangGraph's clients write it. What they add to their own messages is read and not needed. */
const inputMessage = z.strictObject({
  type: z.enum(['human', 'user', 'system', 'ai', 'assistant', 'tool']).optional(),
  role: z.enum(['human', 'user', 'system', 'ai', 'assistant', 'tool']).optional(),
  id: z.string().max(128).nullish(),
  content,
  name: z.string().max(200).nullish(),
  tool_call_id: z.string().max(200).nullish(),
  tool_calls: z.array(z.unknown()).nullish(),
  invalid_tool_calls: z.array(z.unknown()).nullish(),
  status: z.unknown().optional(),
  example: z.boolean().nullish(),
  additional_kwargs: z.record(z.string(), z.unknown()).nullish(),
  response_metadata: z.record(z.string(), z.unknown()).nullish(),
  usage_metadata: z.unknown().optional(),
});
export type InputMessage = z.output<typeof inputMessage>;

export const runInput = z.strictObject({ messages: z.union([text, inputMessage, z.array(inputMessage).max(10_000)]) });

/** What can be chosen for a run, in `context` or in `config.configurable`. */
export const choices = z.strictObject({
  model: name.nullish(),
  model_name: name.nullish(),
  reasoning_effort: z.enum(['low', 'medium', 'high']).nullish(),
  instructions: z.string().max(200_000).nullish(),
  /** Where stateless runs name their thread; elsewhere it has to be the one of the address. */
  thread_id: id.nullish(),
});

const config = z.strictObject({
  tags: z.array(z.string().max(200)).max(100).nullish(),
  metadata: metadata.nullish(),
  configurable: choices.nullish(),
});

const checkpoint = z.strictObject({
  thread_id: id.nullish(),
  checkpoint_ns: z.literal('').nullish(),
  checkpoint_id: id.nullish(),
  checkpoint_map: z.record(z.string(), z.unknown()).nullish(),
});

/** Read only to be refused by name where something was asked. */
const refused = z.unknown().optional();

export const runRequest = z.strictObject({
  assistant_id: name,
  input: runInput.nullish(),
  metadata: metadata.nullish(),
  config: config.nullish(),
  context: choices.nullish(),
  checkpoint: checkpoint.nullish(),
  checkpoint_id: id.nullish(),
  stream_mode: z.union([z.string().max(50), z.array(z.string().max(50)).max(20)]).nullish(),
  stream_subgraphs: z.boolean().nullish(),
  stream_resumable: z.boolean().nullish(),
  durability: z.enum(['sync', 'async', 'exit']).nullish(),
  checkpoint_during: z.boolean().nullish(),
  on_disconnect: z.enum(['cancel', 'continue']).nullish(),
  on_completion: z.enum(['delete', 'keep']).nullish(),
  multitask_strategy: z.enum(['reject', 'enqueue', 'interrupt', 'rollback']).nullish(),
  if_not_exists: z.enum(['create', 'reject']).nullish(),
  command: refused,
  webhook: refused,
  after_seconds: refused,
  interrupt_before: refused,
  interrupt_after: refused,
  feedback_keys: refused,
  langsmith_tracer: refused,
});
/** The official client writes the runs of a batch by its own names; each is read once its names are ours. */
export const runBatch = z
  .array(z.record(z.string().max(100), z.unknown()))
  .min(1)
  .max(100);
export const cancelMany = z.strictObject({
  thread_id: id.nullish(),
  run_ids: z.array(id).min(1).max(1000).nullish(),
  status: z.enum(['pending', 'running', 'all']).nullish(),
});
export type RunRequestBody = z.output<typeof runRequest>;

/** What a query says of a list: the official client for JavaScript writes one as JSON, others repeat the field. */
function readList(text: string): string | string[] {
  if (!text.startsWith('[')) return text;
  try {
    return z.array(z.string()).parse(JSON.parse(text));
  } catch {
    // No list; it is refused by the name that it is then.
    return text;
  }
}

const oneOrMany = z
  .union([z.string().max(1000), z.array(z.string().max(200)).max(20)])
  .transform((value) => (typeof value === 'string' ? readList(value) : value));
const flag = z.enum(['0', '1', 'true', 'false']).transform((value) => value === '1' || value === 'true');
const limit = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
const offset = z.coerce.number().int().min(0).max(1_000_000).default(0);
const seq = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const streamQuery = z.strictObject({
  stream_mode: oneOrMany.optional(),
  /** Read for the sake of clients that always send it. A join never cancels (decision 24). */
  cancel_on_disconnect: flag.optional(),
});
export const joinQuery = z.strictObject({ cancel_on_disconnect: flag.optional() });
export const cancelQuery = z.strictObject({
  action: z.enum(['interrupt', 'rollback']).default('interrupt'),
  wait: flag.default(false),
});
export const cancelManyQuery = z.strictObject({ action: z.enum(['interrupt', 'rollback']).default('interrupt') });
export const cancelStreamQuery = z.strictObject({
  action: z.enum(['interrupt', 'rollback']).optional(),
  wait: flag.default(false),
  stream_mode: oneOrMany.optional(),
});
const RUN_STATUS = z.enum(['pending', 'running', 'error', 'success', 'timeout', 'interrupted']);
export const runListQuery = z.strictObject({
  limit: limit(100, 10),
  offset,
  status: RUN_STATUS.optional(),
  select: oneOrMany.optional(),
  cursor: z.string().max(200).optional(),
});
const bounds = { limit: limit(200, 50), before_seq: seq.optional(), after_seq: seq.optional() };
export const pageQuery = z.strictObject(bounds);
export const eventQuery = z.strictObject({
  ...bounds,
  limit: limit(2000, 500),
  event_types: z.string().max(2000).optional(),
  categories: z.string().max(200).optional(),
});
export const usageQuery = z.strictObject({ include_active: flag.default(false) });

export const assistantSearch = z.strictObject({
  graph_id: name.nullish(),
  name: z.string().max(200).nullish(),
  metadata: metadata.nullish(),
  limit: z.int().min(1).max(1000).default(10),
  offset: z.int().min(0).default(0),
  sort_by: z.enum(['assistant_id', 'graph_id', 'name', 'created_at', 'updated_at']).nullish(),
  sort_order: z.enum(['asc', 'desc']).nullish(),
  select: z.array(z.string().max(50)).nullish(),
});
const xray = z.union([flag, z.coerce.number().int().min(0)]);
export const graphQuery = z.strictObject({ xray: xray.optional() });
export const subgraphQuery = z.strictObject({ recurse: flag.optional(), namespace: z.string().max(200).optional() });
export const assistantVersions = z.strictObject({
  metadata: metadata.nullish(),
  limit: z.int().min(1).max(1000).default(10),
  offset: z.int().min(0).default(0),
});
export const assistantCount = z.strictObject({
  graph_id: name.nullish(),
  name: z.string().max(200).nullish(),
  metadata: metadata.nullish(),
});

export const threadCreate = z.strictObject({
  thread_id: id.nullish(),
  metadata: metadata.nullish(),
  if_exists: z.enum(['raise', 'do_nothing']).nullish(),
  title: z.string().trim().min(1).max(256).nullish(),
  supersteps: refused,
  ttl: refused,
});
export const threadUpdate = z.strictObject({
  metadata: metadata.nullish(),
  title: z.string().trim().min(1).max(256).nullish(),
  ttl: refused,
});
const THREAD_STATUS = z.enum(['idle', 'busy', 'interrupted', 'error']);
const threadFilter = { metadata: metadata.nullish(), status: THREAD_STATUS.nullish(), values: refused };
export const threadSearch = z.strictObject({
  ...threadFilter,
  ids: z.array(id).max(1000).nullish(),
  limit: z.int().min(1).max(1000).default(10),
  offset: z.int().min(0).max(1_000_000).default(0),
  sort_by: z.enum(['thread_id', 'status', 'created_at', 'updated_at', 'state_updated_at']).nullish(),
  sort_order: z.enum(['asc', 'desc']).nullish(),
  select: z.array(z.string().max(50)).max(20).nullish(),
  extract: refused,
});
export const threadPrune = z.strictObject({
  thread_ids: z.array(id).min(1).max(1000),
  strategy: z.enum(['delete', 'keep_latest']).default('delete'),
});
export const threadCount = z.strictObject(threadFilter);
export const threadGetQuery = z.strictObject({ include: oneOrMany.optional() });
export const stateQuery = z.strictObject({ subgraphs: flag.optional() });
export const stateAtCheckpoint = z.strictObject({ checkpoint, subgraphs: z.boolean().nullish() });
export const statePatch = z.strictObject({ metadata });
export const history = z.strictObject({
  limit: z.int().min(1).max(100).default(10),
  before: z.union([id, z.strictObject({ configurable: checkpoint }), checkpoint]).nullish(),
  checkpoint: checkpoint.nullish(),
  metadata: metadata.nullish(),
});

export const feedbackBody = z.strictObject({
  rating: z.union([z.literal(1), z.literal(-1)], 'It must be 1 or -1.'),
  comment: z.string().max(10_000).nullish(),
  message_id: id.nullish(),
});
