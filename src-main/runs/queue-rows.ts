import type { EventDraft, QueueState } from '#contract/events';
import type { RunAck } from '#contract/routes';
import { failureOf } from '../platform/app-failure.ts';
import type { QueuedRun } from '../store/queue-repository.ts';
import type { RunOptions } from '../store/run-repository.ts';
import type { Store } from '../store/store.ts';
import { useAttachments } from './attachment-uses.ts';
import { queueStateOf } from './run-rows.ts';

/** A request that was taken before: the same queue id in this session, or the same key anywhere (E2-21). */
export function findTaken(
  store: Store,
  sessionId: string,
  request: { queueId: string; idempotencyKey: string | null },
): RunAck | null {
  const key = request.idempotencyKey;
  const run =
    store.runs.byQueueId(sessionId, request.queueId) ?? (key === null ? null : store.runs.byIdempotencyKey(key));
  if (run !== null) {
    return { status: 'duplicate', session_id: run.sessionId, run_id: run.id, queue_id: run.queueId ?? '', position: 0 };
  }
  const steered = store.steers.find(sessionId, request.queueId, key);
  if (steered !== null) {
    return {
      status: 'duplicate',
      session_id: sessionId,
      run_id: steered.runId,
      queue_id: steered.queueId,
      position: 0,
    };
  }
  const item = store.queue.get(sessionId, request.queueId) ?? (key === null ? null : store.queue.byIdempotencyKey(key));
  if (item === null) return null;
  const place = store.queue.list(item.sessionId).findIndex((waiting) => waiting.queueId === item.queueId) + 1;
  return {
    status: 'duplicate',
    session_id: item.sessionId,
    run_id: item.runId,
    queue_id: item.queueId,
    position: place,
  };
}

/**
 * Puts a message into the queue. Belongs inside a write of the log.
 *
 * @throws AppFailure `queue_full` when `most` messages wait already.
 */
export function enqueueRows(
  store: Store,
  item: Omit<QueuedRun, 'position'>,
  where: 'end' | 'front',
  most: number,
): { drafts: EventDraft[]; position: number } {
  if (store.queue.count(item.sessionId) >= most) {
    throw failureOf(
      'queue_full',
      { word: 'queue_full', with: { most } },
      { retry: { kind: 'user-action', action: 'retry' } },
    );
  }
  const { replaces } = item.options;
  // Asked for twice, one other answer to the same message is wanted. Edits bring words of their own and all wait.
  for (const older of replaces?.reason === 'regenerated' ? store.queue.list(item.sessionId) : []) {
    const { messageId, reason } = older.options.replaces ?? {};
    if (reason === 'regenerated' && messageId === replaces?.messageId) dequeueRows(store, older, item.createdAtMs);
  }
  store.queue.insert(item, where);
  useAttachments(store, item.sessionId, item.input);
  const queue = queueStateOf(store, item.sessionId);
  return {
    drafts: [{ event: 'run.queued', ...queue }],
    position: where === 'front' ? 1 : queue.queue_length,
  };
}

/**
 * Takes a waiting message out. Its run had its id from the start, so whoever asks for it later gets an answer: a run that
 * was interrupted before it began (decision 4). Belongs inside a write of the log.
 */
export function dequeueRows(store: Store, item: QueuedRun, nowMs: number): void {
  store.queue.remove(item.sessionId, item.queueId);
  store.runs.insert({
    ...item,
    id: item.runId,
    status: 'interrupted',
    followUpToRunId: null,
    stateBefore: null,
    endedAtMs: nowMs,
  });
}

/**
 * Queues what was meant for a running answer and never reached the model: first in line, since it was said before
 * everything that waits. Belongs inside a write of the log.
 */
export function queueUnsentRows(
  store: Store,
  sessionId: string,
  items: readonly { text: string; queueId: string; runId: string }[],
  options: RunOptions,
  nowMs: number,
): EventDraft[] {
  if (items.length === 0) return [];
  const { replaces: _replaced, program: _asked, ...own } = options;
  for (const { text, queueId, runId } of items.toReversed()) {
    const item = { queueId, runId, sessionId, input: text, options: own, idempotencyKey: null, sendNow: false };
    const asked = store.queue.list(sessionId).filter((waiting) => waiting.sendNow).length;
    store.queue.insert({ ...item, createdAtMs: nowMs }, 'front');
    // What a person sent in place of the answer goes before what was meant for that answer (E3-08).
    if (asked > 0) store.queue.move(sessionId, queueId, asked);
  }
  return [{ event: 'run.queued', ...queueStateOf(store, sessionId) }];
}

/** Remembers which messages went into an answer, so that the same one again is known (E2-21). Belongs inside a write. */
export function steeredRows(store: Store, sessionId: string, drafts: readonly EventDraft[]): void {
  for (const draft of drafts) {
    if (draft.event !== 'run.steered' || !draft.accepted || draft.queue_id === null) continue;
    const { queue_id: queueId, idempotency_key: idempotencyKey, run_id: runId } = draft;
    store.steers.add({ sessionId, queueId, idempotencyKey, runId });
  }
}

/** What follows from a change of the waiting messages: a queue that has become empty is not paused any more. */
export function queueChangedRows(
  store: Store,
  sessionId: string,
  isChanged: boolean,
): { drafts: EventDraft[]; queue: QueueState } {
  const isEmpty = store.queue.count(sessionId) === 0;
  if (isEmpty && store.sessions.get(sessionId)?.queue_paused != null) store.sessions.setQueuePaused(sessionId, null);
  const queue = queueStateOf(store, sessionId);
  return { drafts: isChanged ? [{ event: 'run.queued', ...queue }] : [], queue };
}

/** Pauses the queue for a person. One that is paused stays as it is, and an empty one has nothing to keep. */
export function pauseQueueRows(store: Store, sessionId: string): { drafts: EventDraft[]; queue: QueueState } {
  const known = store.sessions.get(sessionId)?.queue_paused ?? null;
  const isLeft = known !== null || store.queue.count(sessionId) === 0;
  if (!isLeft) store.sessions.setQueuePaused(sessionId, 'user');
  const queue = queueStateOf(store, sessionId);
  return { drafts: isLeft ? [] : [{ event: 'queue.paused', ...queue, reason: 'user' }], queue };
}
