import type { EventDraft } from '#contract/events';
import { failureOf } from '../platform/app-failure.ts';
import type { Store } from '../store/store.ts';

/**
 * Removes a turn for good: what was said in it, what was made of it, its place in the search and its text in the log. What
 * it cost stays in the ledger, and the run stays as a record without words. Belongs inside a write of the log.
 *
 * @param messageId any message of the turn. One that belongs to no run goes alone.
 * @throws AppFailure `not_found` for a message that is not shown (any more).
 */
export function deleteTurnRows(store: Store, sessionId: string, messageId: string): EventDraft[] {
  const message = store.messages.shown(sessionId, messageId);
  if (message === null) throw failureOf('not_found', { word: 'message_gone' });
  const runId = message.run_id;
  const rows = runId === null ? [message] : store.messages.ofRun(runId);
  const first = rows[0] ?? message;
  if (runId === null) store.messages.remove(sessionId, messageId);
  else {
    // What parts after this turn parts after the one before it from now on.
    store.versions.moveAnchor(sessionId, runId, store.messages.runBefore(sessionId, first.id));
    store.messages.removeRun(runId);
    store.events.removeRun(runId);
    store.runs.forgetMessages(runId);
  }
  store.sessions.setMessageCount(sessionId, store.messages.count(sessionId));
  return [
    {
      event: 'history.changed',
      reason: 'deleted',
      message_ids: rows.map((row) => row.id),
      versions: store.versions.list(sessionId),
      reload: false,
    },
  ];
}
