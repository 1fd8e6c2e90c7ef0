import type { Message } from '#contract/message';

/** A message as LangGraph's clients know it. */
export interface GraphMessage {
  type: 'human' | 'ai' | 'tool' | 'system';
  id: string;
  content: string;
  name?: string;
  tool_call_id?: string;
  tool_calls?: { id: string; name: string; args: Record<string, unknown>; type: 'tool_call' }[];
  status?: 'success' | 'error';
  additional_kwargs: Record<string, unknown>;
  response_metadata: Record<string, unknown>;
}

/** A call's arguments. What is no JSON object is kept as it is under one name, rather than lost. */
function readArguments(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  return { __raw: text };
}

const TYPES = { user: 'human', assistant: 'ai', tool: 'tool', system: 'system' } as const;

/** The files of a message by name and type. They are not sent back with every state: that would be the whole of them. */
function attachmentsOf({ content_blocks: blocks }: Message): Record<string, unknown> {
  const files = (blocks ?? []).flatMap((block) =>
    block.type === 'text' ? [] : [{ type: block.type, name: block.name, media_type: block.media_type ?? null }],
  );
  return files.length === 0 ? {} : { attachments: files };
}

/** A stored or live row as a message of a thread's state. */
export function toGraphMessage(row: Message): GraphMessage {
  return {
    type: TYPES[row.role],
    id: row.id,
    content: row.content,
    ...(row.role === 'tool' && row.tool_name !== null ? { name: row.tool_name } : {}),
    ...(row.role === 'tool' ? { tool_call_id: row.tool_call_id ?? row.id } : {}),
    ...(row.role === 'tool' ? { status: row.tool_state === 'error' ? ('error' as const) : ('success' as const) } : {}),
    ...(row.role === 'assistant'
      ? {
          tool_calls: (row.tool_calls ?? []).map((call) => ({
            id: call.id,
            name: call.function.name,
            args: readArguments(call.function.arguments),
            type: 'tool_call' as const,
          })),
        }
      : {}),
    additional_kwargs: {
      ...(row.reasoning === null || row.reasoning === '' ? {} : { reasoning_content: row.reasoning }),
      ...attachmentsOf(row),
    },
    response_metadata: row.finish_reason === null ? {} : { finish_reason: row.finish_reason },
  };
}

export interface ThreadValues {
  messages: GraphMessage[];
}

export interface ThreadCheckpoint {
  thread_id: string;
  checkpoint_ns: '';
  checkpoint_id: string;
  checkpoint_map: null;
}

/** A thread as it was after a run (decision 25). */
export interface ThreadState {
  values: ThreadValues;
  next: string[];
  tasks: never[];
  metadata: Record<string, unknown>;
  created_at: string;
  checkpoint: ThreadCheckpoint;
  parent_checkpoint: ThreadCheckpoint | null;
}

/** The checkpoint of a thread that nothing has been said in. */
export const EMPTY_CHECKPOINT = '00000000-0000-0000-0000-000000000000';

/** A checkpoint is named after the run that made it. */
function checkpointOf(threadId: string, runId: string | null): ThreadCheckpoint {
  return { thread_id: threadId, checkpoint_ns: '', checkpoint_id: runId ?? EMPTY_CHECKPOINT, checkpoint_map: null };
}

export function toThreadState(state: {
  threadId: string;
  /** The run that it is the state after; null before the first. */
  runId: string | null;
  /** The run before that one. */
  parentRunId: string | null;
  rows: readonly Message[];
  createdAtMs: number;
  metadata: Record<string, unknown>;
}): ThreadState {
  return {
    values: { messages: state.rows.map(toGraphMessage) },
    next: [],
    tasks: [],
    metadata: { ...state.metadata, ...(state.runId === null ? {} : { run_id: state.runId }), source: 'loop' },
    created_at: new Date(state.createdAtMs).toISOString(),
    checkpoint: checkpointOf(state.threadId, state.runId),
    parent_checkpoint: state.runId === null ? null : checkpointOf(state.threadId, state.parentRunId),
  };
}
