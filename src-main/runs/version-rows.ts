import type { EventDraft, HistoryChange } from '#contract/events';
import { cutText } from '#contract/message';
import { failureOf } from '../platform/app-failure.ts';
import type { Store } from '../store/store.ts';

// What an edit, a regeneration or a switch of versions writes. Everything here belongs inside a write of the log.

const PREVIEW_CHARS = 120;

/**
 * Takes the shown messages from one on out of the conversation and keeps them as a version. Messages are never removed by
 * an edit: what a person wrote, and what it cost to answer, can be put back.
 *
 * @param replacedByRunId the run that takes their place; null for a switch.
 * @returns the ids that are no longer shown; empty when the message is not shown (any more).
 */
function setAsideRows(
  store: Store,
  sessionId: string,
  from: { messageId: string; versionId: string; replacedByRunId: string | null },
  nowMs: number,
): string[] {
  if (store.messages.shown(sessionId, from.messageId) === null) return [];
  const rows = store.messages.shownFrom(sessionId, from.messageId);
  store.versions.insert({
    id: from.versionId,
    session_id: sessionId,
    anchor_run_id: store.messages.runBefore(sessionId, from.messageId),
    replaced_by_run_id: from.replacedByRunId,
    preview: cutText((rows[0]?.content ?? '').replace(/\s+/g, ' '), PREVIEW_CHARS),
    message_count: rows.length,
    created_at_ms: nowMs,
  });
  store.messages.setAside(sessionId, from.messageId, from.versionId);
  store.sessions.setMessageCount(sessionId, store.messages.count(sessionId));
  return rows.map((row) => row.id);
}

function changed(
  store: Store,
  sessionId: string,
  reason: HistoryChange,
  messageIds: string[],
  reload: boolean,
): EventDraft {
  return {
    event: 'history.changed',
    reason,
    message_ids: messageIds,
    versions: store.versions.list(sessionId),
    reload,
  };
}

/**
 * @throws AppFailure `not_found` when a message is not shown (any more), `invalid_payload` for one that began no turn.
 */
export function assertReplaceable(store: Store, sessionId: string, messageId: string): void {
  const message = store.messages.shown(sessionId, messageId);
  if (message === null) throw failureOf('not_found', { word: 'message_gone' });
  const first = message.run_id === null ? message : store.messages.ofRun(message.run_id)[0];
  if (message.role !== 'user' || first?.id !== message.id) {
    throw failureOf('invalid_payload', { word: 'edit_only_first' });
  }
}

/** Makes room for a run that replaces a turn. Nothing when the turn is not shown (any more): the run then comes last. */
export function replaceRows(
  store: Store,
  sessionId: string,
  turn: { messageId: string; versionId: string; runId: string; reason: 'edited' | 'regenerated' },
  nowMs: number,
): EventDraft[] {
  const gone = setAsideRows(store, sessionId, { ...turn, replacedByRunId: turn.runId }, nowMs);
  return gone.length === 0 ? [] : [changed(store, sessionId, turn.reason, gone, false)];
}

/** Puts back what a run had replaced, after that run was taken back. */
export function restoreReplacedRows(store: Store, sessionId: string, runId: string): EventDraft[] {
  const version = store.versions.replacedBy(runId);
  if (version === null) return [];
  store.messages.putBack(version.id);
  store.versions.remove(version.id);
  store.sessions.setMessageCount(sessionId, store.messages.count(sessionId));
  return [changed(store, sessionId, 'version', [], true)];
}

/**
 * Puts a version back into the conversation and keeps what stood in its place.
 *
 * @throws AppFailure `not_found` for an unknown version, `conflict` when the turn before it is itself set aside.
 */
export function switchVersionRows(
  store: Store,
  sessionId: string,
  versionId: string,
  newVersionId: string,
  nowMs: number,
): EventDraft[] {
  const version = store.versions.get(sessionId, versionId);
  if (version === null) throw failureOf('not_found', { word: 'version_gone' });
  const anchor = version.anchor_run_id;
  const anchorRow = anchor === null ? null : store.messages.ofRun(anchor).at(-1);
  if (anchorRow === undefined || (anchorRow !== null && store.messages.shown(sessionId, anchorRow.id) === null)) {
    throw failureOf('conflict', { word: 'version_of_version' });
  }
  const first = store.messages.firstAfterRun(sessionId, anchor);
  if (first !== null) {
    setAsideRows(store, sessionId, { messageId: first, versionId: newVersionId, replacedByRunId: null }, nowMs);
  }
  store.messages.putBack(versionId);
  store.versions.remove(versionId);
  store.sessions.setMessageCount(sessionId, store.messages.count(sessionId));
  return [changed(store, sessionId, 'version', [], true)];
}
