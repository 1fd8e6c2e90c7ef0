import type { Message } from '#contract/message';
import { isTerminalStatus } from '#contract/records';
import type { RunsApiParts } from './runs-api-parts.ts';
import { EMPTY_CHECKPOINT, type ThreadState, toThreadState } from './thread-state.ts';

type ReaderParts = Pick<RunsApiParts, 'store' | 'log' | 'reads'>;

/** A conversation's rows with the runs that they belong to, in order. */
interface Transcript {
  rows: Message[];
  /** Shown runs, oldest first, each with the number of rows up to its end. A live run is not among them. */
  settled: { runId: string; end: number }[];
}

/** Reads a thread in the read worker, so that a long one holds nobody up. What a live run wrote so far is part of it. */
async function readTranscript(parts: ReaderParts, threadId: string): Promise<Transcript> {
  // Looked at first: a run that settles meanwhile then stands in both, and counts once.
  const live = parts.log.liveView(threadId)?.live ?? [];
  const stored = await parts.reads.ask('shownRows', { sessionId: threadId });
  const known = new Set(stored.map((row) => row.id));
  const rows = [...stored, ...live.filter((row) => !known.has(row.id))];
  const ends = new Map<string, number>();
  for (const [index, row] of rows.entries()) if (row.run_id !== null) ends.set(row.run_id, index + 1);
  const settled = [...ends]
    .filter(([runId]) => isTerminalStatus(parts.store.runs.get(runId)?.status ?? 'success'))
    .map(([runId, end]) => ({ runId, end }));
  return { rows, settled };
}

/**
 * The shown rows before a run's first, for the streams that show the whole state. Read in the worker: they do not change while
 * the run is live.
 *
 * @returns null for a run whose rows are not shown, or not there yet.
 */
export async function readRowsBefore(
  parts: Pick<ReaderParts, 'reads'>,
  run: { id: string; sessionId: string },
): Promise<Message[] | null> {
  const rows = await parts.reads.ask('shownRows', { sessionId: run.sessionId });
  const first = rows.findIndex((row) => row.run_id === run.id);
  return first < 0 ? null : rows.slice(0, first);
}

function stateAt(parts: ReaderParts, threadId: string, transcript: Transcript, index: number): ThreadState {
  const at = transcript.settled[index];
  const run = at === undefined ? null : parts.store.runPages.run(at.runId);
  const thread = parts.store.threads.get(threadId);
  return toThreadState({
    threadId,
    runId: at?.runId ?? null,
    parentRunId: transcript.settled[index - 1]?.runId ?? null,
    rows: transcript.rows.slice(0, at?.end ?? 0),
    createdAtMs: run?.endedAtMs ?? run?.createdAtMs ?? thread?.session.created_at_ms ?? 0,
    metadata: run?.options.program?.metadata ?? {},
  });
}

/**
 * A thread's state now: what a live run wrote so far is in its values, its checkpoint is the last settled run's.
 *
 * @param checkpointId the state after that run instead; null where there is no such run.
 */
export async function readState(
  parts: ReaderParts,
  threadId: string,
  checkpointId: string | null = null,
): Promise<ThreadState | null> {
  const transcript = await readTranscript(parts, threadId);
  if (checkpointId === null) {
    const head = stateAt(parts, threadId, transcript, transcript.settled.length - 1);
    return { ...head, values: toThreadState({ ...NO_RUN, threadId, rows: transcript.rows }).values };
  }
  if (checkpointId === EMPTY_CHECKPOINT) return stateAt(parts, threadId, transcript, -1);
  const index = transcript.settled.findIndex(({ runId }) => runId === checkpointId);
  return index < 0 ? null : stateAt(parts, threadId, transcript, index);
}

const NO_RUN = { runId: null, parentRunId: null, createdAtMs: 0, metadata: {} };

/**
 * One state for each settled run, newest first (decision 25).
 *
 * @param options.before only those before this checkpoint; none where it is unknown.
 * @param options.from begins with this checkpoint.
 * @param options.metadata every key with the same value.
 */
export async function readHistory(
  parts: ReaderParts,
  threadId: string,
  options: { limit: number; before: string | null; from: string | null; metadata: Record<string, unknown> },
): Promise<ThreadState[]> {
  const transcript = await readTranscript(parts, threadId);
  const indexOf = (id: string) => transcript.settled.findIndex(({ runId }) => runId === id);
  let last = transcript.settled.length - 1;
  if (options.from !== null) last = Math.min(last, indexOf(options.from));
  if (options.before !== null) last = Math.min(last, indexOf(options.before) - 1);
  const states: ThreadState[] = [];
  for (let index = last; index >= 0 && states.length < options.limit; index--) {
    const runId = transcript.settled[index]?.runId ?? '';
    const held = parts.store.runPages.run(runId)?.options.program?.metadata ?? {};
    const fits = Object.entries(options.metadata).every(
      ([key, value]) => JSON.stringify(held[key]) === JSON.stringify(value),
    );
    if (fits) states.push(stateAt(parts, threadId, transcript, index));
  }
  return states;
}
