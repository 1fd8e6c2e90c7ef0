import type { Message } from '#contract/message';
import { AppFailure } from '../platform/app-failure.ts';
import type { SessionRow } from '../store/session-repository.ts';
import type { Store } from '../store/store.ts';

/**
 * Writes a new conversation that holds everything up to and including one message. Both go on by themselves: every row and
 * run is a copy with an id of its own. Belongs inside a `Committer` entry.
 *
 * @throws AppFailure `not_found` when the message is not (yet) part of the stored conversation.
 */
export function forkRows(
  store: Store,
  from: SessionRow,
  messageId: string,
  fork: { sessionId: string; newId: () => string },
  nowMs: number,
): void {
  const rows = store.messages.all(from.id);
  const last = rows.findIndex((row) => row.id === messageId);
  if (last < 0) {
    throw new AppFailure(
      'not_found',
      'A conversation can be split off at a message once its answer has ended. This one is not there, or not finished.',
    );
  }
  const kept = rows.slice(0, last + 1);
  store.sessions.insert({
    id: fork.sessionId,
    title: from.title,
    title_source: from.title_source,
    profile: from.profile,
    model: from.model,
    workspace: from.workspace,
    instructions: from.instructions,
    forked_from_session_id: from.id,
    preview: from.preview,
    created_at_ms: nowMs,
    updated_at_ms: nowMs,
  });
  const runIds = new Map<string, string>();
  const copies = kept.map((row): Message => {
    const copy = { ...row, id: fork.newId(), session_id: fork.sessionId };
    if (row.run_id === null) return copy;
    const runId = runIds.get(row.run_id) ?? fork.newId();
    runIds.set(row.run_id, runId);
    return { ...copy, run_id: runId };
  });
  for (const [runId, copyId] of runIds) store.runs.copy(runId, { id: copyId, sessionId: fork.sessionId });
  store.messages.append(fork.sessionId, copies);
  const lastRun = copies.at(-1)?.run_id ?? null;
  store.sessions.touch(fork.sessionId, {
    messages: copies.length,
    atMs: nowMs,
    lastStatus: lastRun === null ? null : (store.runs.get(lastRun)?.status ?? null),
  });
  store.attachments.copyUses(from.id, fork.sessionId);
}
