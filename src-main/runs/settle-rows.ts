import type { ErrorInfo } from '#contract/errors';
import type { EventDraft } from '#contract/events';
import type { Message } from '#contract/message';
import { applyRunEvent, emptyRunView, type RunView } from '#contract/run-view';
import type { UsageCall } from '#contract/usage-report';
import { inEnglish } from '../platform/app-failure.ts';
import type { QueuedRun } from '../store/queue-repository.ts';
import type { Store } from '../store/store.ts';
import { bookRunRows } from './call-rows.ts';
import { flattenRow } from './flatten-row.ts';
import { dequeueRows } from './queue-rows.ts';
import { STOP_GRACE_MS } from './run-executor.ts';
import { errorInfoOf, finishReasonOf, pausesQueue, type RunOutcome, statusOf, terminalDraft } from './run-outcome.ts';
import { type NewRun, queueStateOf, rollBackRows, rowsAtEnd, startRunRows } from './run-rows.ts';

// What the end of a run writes. Everything here belongs inside a write of the log: it may run more than once, touches
// nothing but the database, and says which events go out.

/** The fold of a run's stored events, for a run that no process holds in memory. */
export function foldStoredRun(store: Store, sessionId: string, runId: string): RunView {
  return store.events
    .ofRun(runId)
    .reduce<RunView>((view, event) => applyRunEvent(view, event), emptyRunView(sessionId));
}

function endDrafts(
  runId: string,
  outcome: RunOutcome,
  queueRemaining: number,
  rowId: string,
  nowMs: number,
): EventDraft[] {
  const terminal = terminalDraft(runId, outcome, queueRemaining, rowId);
  // What the upstream still said at its end is kept, although the person stopped it (E4-03).
  if (outcome.kind === 'stopped' && outcome.output !== null && outcome.output !== '') {
    return [
      { event: 'message.delta', run_id: runId, message_id: rowId, timestamp: nowMs / 1000, delta: outcome.output },
      terminal,
    ];
  }
  return [terminal];
}

/** Rows whose whole text is a provider's own list of blocks become what the blocks say (E6-03). */
function flattenDrafts(runId: string, view: RunView): EventDraft[] {
  return view.live.flatMap((row): EventDraft[] => {
    const flat = row.role === 'assistant' ? flattenRow(row) : row;
    if (flat === row) return [];
    const { content, reasoning, tool_calls } = flat;
    return [{ event: 'message.replaced', run_id: runId, message_id: row.id, content, reasoning, tool_calls }];
  });
}

/** How long an upstream is asked, after a stop that it did not confirm, how the run ended. */
const FOLLOW_UP_MS = 30 * 60_000;

/** An upstream that has a run of its own may still work on it: it is asked later (E4-04). */
function followUpRows(store: Store, sessionId: string, runId: string, nowMs: number): boolean {
  const run = store.runs.get(runId);
  if (run === null || run.upstreamRunId === null) return false;
  store.followUps.add({
    runId,
    sessionId,
    profile: run.profile,
    upstreamRunId: run.upstreamRunId,
    giveUpAtMs: nowMs + FOLLOW_UP_MS,
  });
  return true;
}

/** What the conversation has cost now that its newest calls are booked; nothing where nothing is known. */
function spentDrafts(store: Store, sessionId: string, runId: string): EventDraft[] {
  const tokens = store.usage.sessionTokens(sessionId);
  if (tokens.inputTokens === null && tokens.outputTokens === null) return [];
  return [{ event: 'usage.updated', run_id: runId, ...tokens }];
}

/**
 * Ends a run: its rows, its record, the session's counters.
 *
 * @param run.calls its calls as its executor knows them; null when no process holds the run.
 * @param view the run's fold so far.
 * @param rowId the id for a row that the end itself may add.
 * @returns the events of the end, the terminal one last.
 */
export function endRunRows(
  store: Store,
  sessionId: string,
  run: { runId: string; outcome: RunOutcome; view: RunView; rowId: string; calls: readonly UsageCall[] | null },
  nowMs: number,
): EventDraft[] {
  const { runId, outcome, view, rowId } = run;
  const isAwaited = outcome.kind === 'stopped' && !outcome.synced && followUpRows(store, sessionId, runId, nowMs);
  bookRunRows(store, { runId, view, calls: run.calls, isAwaited }, nowMs);
  const drafts = [
    ...flattenDrafts(runId, view),
    ...spentDrafts(store, sessionId, runId),
    ...endDrafts(runId, outcome, store.queue.count(sessionId), rowId, nowMs),
  ];
  const rows = rowsAtEnd(view, sessionId, drafts, nowMs);
  const status = statusOf(outcome);
  store.messages.append(sessionId, rows);
  store.runs.keepMessages(
    runId,
    rows.filter((row) => row.role !== 'user'),
  );
  store.runs.finish(runId, {
    status,
    error: outcome.kind === 'failed' ? outcome.error.message : null,
    errorInfo: outcome.kind === 'failed' ? errorInfoOf(outcome.error) : null,
    finishReason: finishReasonOf(outcome),
    usage: outcome.usage,
    ...(outcome.kind === 'stopped' ? { synced: outcome.synced } : {}),
    endedAtMs: nowMs,
  });
  store.sessions.touch(sessionId, { messages: rows.length, atMs: nowMs, lastStatus: status });
  return drafts;
}

function pauseDrafts(
  store: Store,
  sessionId: string,
  { outcome, pauseAfter, pauseOnFailure }: { outcome: RunOutcome; pauseAfter: boolean; pauseOnFailure: boolean },
): EventDraft[] {
  const failure = pausesQueue(outcome) || (pauseOnFailure && outcome.kind === 'failed');
  if (store.queue.count(sessionId) === 0 || !(failure || pauseAfter)) return [];
  const reason = failure ? 'failure' : 'user';
  store.sessions.setQueuePaused(sessionId, reason);
  return [
    {
      event: 'queue.paused',
      ...queueStateOf(store, sessionId),
      reason,
      ...(outcome.kind === 'failed' ? { error: outcome.error.message, error_info: errorInfoOf(outcome.error) } : {}),
    },
  ];
}

/** What goes out next: the first of the queue, or while it stands still the first that a person sent by name. */
function nextOf(queued: readonly QueuedRun[], paused: boolean): QueuedRun | null {
  return (paused ? queued.find((item) => item.sendNow) : queued[0]) ?? null;
}

/**
 * Another answer to a message that is not shown any more is wanted by nobody. (An edit brings words of its own: with nothing
 * to replace it comes last.)
 */
function dropOutdatedRows(store: Store, sessionId: string, nowMs: number): EventDraft[] {
  const outdated = store.queue.list(sessionId).filter(({ options: { replaces } }) => {
    return replaces?.reason === 'regenerated' && store.messages.shown(sessionId, replaces.messageId) === null;
  });
  if (outdated.length === 0) return [];
  for (const item of outdated) dequeueRows(store, item, nowMs);
  if (store.queue.count(sessionId) === 0) store.sessions.setQueuePaused(sessionId, null);
  return [{ event: 'run.queued', ...queueStateOf(store, sessionId) }];
}

/** Moves the next waiting message into the transcript, unless the queue stands still. */
export function takeNextRows(
  store: Store,
  sessionId: string,
  ids: { messageId: string; versionId: string },
  nowMs: number,
): { drafts: EventDraft[]; next: NewRun | null } {
  const gone = dropOutdatedRows(store, sessionId, nowMs);
  const queued = store.queue.list(sessionId);
  const head = nextOf(queued, (store.sessions.get(sessionId)?.queue_paused ?? null) !== null);
  if (head === null) return { drafts: gone, next: null };
  const next: NewRun = { ...head, ...ids };
  store.queue.remove(sessionId, head.queueId);
  // A pause is about what waits; with nothing left there is nothing to pause.
  if (queued.length === 1) store.sessions.setQueuePaused(sessionId, null);
  const started = startRunRows(store, sessionId, next, nowMs);
  return {
    next,
    drafts: [
      ...gone,
      { event: 'run.queued', ...queueStateOf(store, sessionId), dequeued_queue_id: head.queueId },
      ...started,
    ],
  };
}

/** A stop is announced while its text is being stored. A run that ended before that is told as every stopped one is. */
function lateStopDrafts(store: Store, { runId, outcome }: { runId: string; outcome: RunOutcome }): EventDraft[] {
  if (outcome.kind !== 'stopped' || store.runs.get(runId)?.status === 'cancelling') return [];
  return [{ event: 'abort.started', run_id: runId, graceMs: STOP_GRACE_MS }];
}

/** Ends a run and decides what comes next, in one go (decision 5). */
export function settleRows(
  store: Store,
  sessionId: string,
  run: {
    runId: string;
    outcome: RunOutcome;
    view: RunView;
    rowId: string;
    /** Its calls, for the ledger. */
    calls: readonly UsageCall[];
    nextIds: { messageId: string; versionId: string };
    /** Takes the run back as soon as it has ended. */
    rollBack: boolean;
    /** The queue stands still after it. */
    pauseAfter: boolean;
    /** Every failure pauses the queue, and not only those that all waiting messages would meet. */
    pauseOnFailure: boolean;
    /** False while the session is being deleted. */
    takesNext: boolean;
  },
  nowMs: number,
): { drafts: EventDraft[]; next: NewRun | null } {
  const drafts = [...lateStopDrafts(store, run), ...endRunRows(store, sessionId, run, nowMs)];
  if (run.rollBack) drafts.push(...rollBackRows(store, sessionId, run.runId, nowMs));
  drafts.push(...pauseDrafts(store, sessionId, run));
  if (!run.takesNext) return { drafts, next: null };
  const taken = takeNextRows(store, sessionId, run.nextIds, nowMs);
  return { drafts: [...drafts, ...taken.drafts], next: taken.next };
}

const STORING_FAILED = inEnglish({ word: 'answer_not_stored' });

/** The way out when settling itself failed: the run ends visibly and the queue waits (BUG-A42). */
export function settleBareRows(
  store: Store,
  sessionId: string,
  runId: string,
  answer: readonly Message[],
  calls: readonly UsageCall[],
  nowMs: number,
): EventDraft[] {
  const rows = answer
    .filter((row, index) => !(index === 0 && row.role === 'user'))
    .map((row): Message => ({ ...row, status: 'error', finish_reason: row.finish_reason ?? 'error' }));
  store.usage.book(calls);
  store.messages.append(sessionId, rows);
  store.sessions.setMessageCount(sessionId, store.messages.count(sessionId));
  const errorInfo: ErrorInfo = { code: 'internal', retry: { kind: 'no' }, said: { word: 'answer_not_stored' } };
  store.runs.finish(runId, {
    status: 'error',
    error: STORING_FAILED,
    errorInfo,
    finishReason: 'error',
    usage: null,
    endedAtMs: nowMs,
  });
  const waiting = store.queue.count(sessionId);
  const failed: EventDraft = {
    event: 'run.failed',
    run_id: runId,
    error: STORING_FAILED,
    error_info: errorInfo,
    queue_remaining: waiting,
    status: 'error',
    usage: null,
  };
  if (waiting === 0) return [failed];
  store.sessions.setQueuePaused(sessionId, 'failure');
  return [
    failed,
    {
      event: 'queue.paused',
      ...queueStateOf(store, sessionId),
      reason: 'failure',
      error: STORING_FAILED,
      error_info: errorInfo,
    },
  ];
}
