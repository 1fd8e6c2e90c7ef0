import type { Message } from '#contract/message';
import { snapshotForFork } from '../compressor/snapshot-source.ts';
import type { AppFailure } from '../platform/app-failure.ts';
import { failureOf } from '../platform/app-failure.ts';
import type { SessionRow } from '../store/session-repository.ts';
import type { Store } from '../store/store.ts';

/** Rows that one transaction copies: a few milliseconds of work. */
const SLICE_ROWS = 100;

interface Fork {
  sessionId: string;
  newId: () => string;
  nowMs: number;
}

function notThere(): AppFailure {
  return failureOf('not_found', { word: 'fork_not_finished' });
}

function insertHidden(store: Store, from: SessionRow, fork: Fork): void {
  store.sessions.insert({
    id: fork.sessionId,
    title: from.title,
    title_source: from.title_source,
    profile: from.profile,
    model: from.model,
    workspace: from.workspace,
    instructions: from.instructions,
    parameters: from.parameters,
    forked_from_session_id: from.id,
    preview: from.preview,
    created_at_ms: fork.nowMs,
    updated_at_ms: fork.nowMs,
  });
  store.sessions.hide(fork.sessionId);
  store.attachments.copyUses(from.id, fork.sessionId);
}

/** The rows as the new conversation holds them, with ids of its own, and the runs that have to come along. */
function copyRows(rows: readonly Message[], fork: Fork): { copies: Message[]; runIds: Map<string, string> } {
  const runIds = new Map<string, string>();
  const copies = rows.map((row): Message => {
    const copy = { ...row, id: fork.newId(), session_id: fork.sessionId };
    if (row.run_id === null) return copy;
    const runId = runIds.get(row.run_id) ?? fork.newId();
    runIds.set(row.run_id, runId);
    return { ...copy, run_id: runId };
  });
  return { copies, runIds };
}

/** The summary that holds goes along where all that it stands for does. Belongs inside an entry. */
function copySummary(
  store: Store,
  sessionId: string,
  rows: readonly Message[],
  copies: readonly Message[],
  fork: Fork,
): void {
  const current = store.compactions.current(sessionId);
  const copy = current === null ? null : snapshotForFork(current, rows, copies, fork.newId());
  if (current === null || copy === null) return;
  // What it cost was spent in the conversation that it comes from.
  store.compactions.insert({ ...current, ...copy, callId: null, sessionId: fork.sessionId });
}

/** Removes a copy that was never whole, and that nobody has seen. Belongs inside a `Committer` entry. */
export function removeUnfinishedFork(store: Store, sessionId: string): void {
  store.messages.unindexSession(sessionId);
  store.sessions.remove(sessionId);
}

/**
 * Makes a new conversation that holds everything up to and including one message. Both go on by themselves: every row and
 * run is a copy with an id of its own. It is copied in slices, so that a long conversation holds up no other one, and is
 * hidden until it is whole.
 *
 * @param rows the conversation as its actor read it.
 * @throws AppFailure `not_found` when the conversation or the message is not (yet) stored, `storage_*`; nothing stays then.
 */
export async function forkSession(
  store: Store,
  sessionId: string,
  rows: readonly Message[],
  messageId: string,
  fork: Fork,
): Promise<void> {
  const from = store.sessions.get(sessionId);
  if (from === null) throw failureOf('not_found', { word: 'no_conversation' });
  const last = rows.findIndex((row) => row.id === messageId);
  if (last < 0) throw notThere();
  const { copies, runIds } = copyRows(rows.slice(0, last + 1), fork);
  await store.committer.commit(() => insertHidden(store, from, fork));
  try {
    const runs = [...runIds];
    for (let at = 0; at < Math.max(copies.length, runs.length); at += SLICE_ROWS) {
      await store.committer.commit(() => {
        for (const [runId, copyId] of runs.slice(at, at + SLICE_ROWS)) {
          store.runs.copy(runId, { id: copyId, sessionId: fork.sessionId });
        }
        const slice = copies.slice(at, at + SLICE_ROWS);
        store.messages.append(fork.sessionId, slice);
        // A run's rows may stand in two slices; what its record shows of them grows with each.
        for (const [runId, ofRun] of Map.groupBy(slice, (row) => row.run_id)) {
          if (runId !== null) store.runs.keepMessages(runId, ofRun);
        }
      });
    }
    await store.committer.commit(() => {
      const lastRun = copies.at(-1)?.run_id ?? null;
      store.sessions.touch(fork.sessionId, {
        messages: copies.length,
        atMs: fork.nowMs,
        lastStatus: lastRun === null ? null : (store.runs.get(lastRun)?.status ?? null),
      });
      copySummary(store, sessionId, rows, copies, fork);
      store.sessions.show(fork.sessionId);
    });
  } catch (thrown) {
    await store.committer.commit(() => removeUnfinishedFork(store, fork.sessionId));
    throw thrown;
  }
}
