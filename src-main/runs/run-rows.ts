import type { EventDraft, QueuedMessage, QueueState } from '#contract/events';
import { cutText, emptyMessage, inputText, type Message, type RunInput, titleOf } from '#contract/message';
import { applyRunEvent, type RunView } from '#contract/run-view';
import { toLoggedEvent } from '../store/event-repository.ts';
import type { QueuedRun } from '../store/queue-repository.ts';
import type { RunOptions } from '../store/run-repository.ts';
import type { SessionStateBefore } from '../store/session-repository.ts';
import type { Store } from '../store/store.ts';
import { useAttachments } from './attachment-uses.ts';
import type { AcceptedRun, RunTask, WrittenAnswer } from './run-task.ts';
import { replaceRows, restoreReplacedRows } from './version-rows.ts';

const PREVIEW_CHARS = 120;

/** Everything that is decided about a run before its first row is written. */
export interface NewRun {
  runId: string;
  queueId: string;
  idempotencyKey: string | null;
  input: RunInput;
  options: RunOptions;
  /** The id of the row that holds the input. */
  messageId: string;
  /** The id of the version that a replaced turn becomes. */
  versionId: string;
}

export function toQueuedMessage(item: QueuedRun): QueuedMessage {
  return {
    id: item.queueId,
    run_id: item.runId,
    role: 'user',
    content: inputText(item.input),
    content_blocks: typeof item.input === 'string' ? null : item.input,
    ...(item.options.model === null ? {} : { model: item.options.model }),
    timestamp: item.createdAtMs / 1000,
    queued: true,
  };
}

/** The queue as viewers are told of it. */
export function queueStateOf(store: Store, sessionId: string): QueueState {
  const items = store.queue.list(sessionId);
  return {
    queue_length: items.length,
    queued_messages: items.map(toQueuedMessage),
    paused: store.sessions.get(sessionId)?.queue_paused ?? null,
  };
}

/** What a new session has before its first run, and what a rollback of that run returns to. */
export const NEW_SESSION_TITLE = 'New chat';

function ensureSession(store: Store, sessionId: string, run: NewRun, nowMs: number): SessionStateBefore {
  const known = store.sessions.get(sessionId);
  if (known === null) {
    store.sessions.insert({
      id: sessionId,
      title: NEW_SESSION_TITLE,
      title_source: 'auto',
      profile: run.options.profile,
      model: run.options.model,
      workspace: run.options.workspace ?? null,
      instructions: run.options.sessionInstructions ?? null,
      // What the first message names holds for what it begins.
      parameters: JSON.stringify(run.options.asked ?? {}),
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
    });
  }
  return {
    title: known?.title ?? NEW_SESSION_TITLE,
    title_source: known?.title_source ?? 'auto',
    preview: known?.preview ?? '',
    message_count: known?.message_count ?? 0,
    last_status: known?.last_status ?? null,
    updated_at_ms: known?.updated_at_ms ?? nowMs,
    newest_compaction: store.compactions.newestPlace(sessionId),
  };
}

/**
 * Writes the first rows of a run: the session where it is new, the person's message, the run. Belongs inside a write of
 * the log, so that all of it exists or none.
 */
export function startRunRows(store: Store, sessionId: string, run: NewRun, nowMs: number): EventDraft[] {
  const before = ensureSession(store, sessionId, run, nowMs);
  const { replaces } = run.options;
  const replaced =
    replaces === undefined
      ? []
      : replaceRows(store, sessionId, { ...replaces, versionId: run.versionId, runId: run.runId }, nowMs);
  const message: Message = {
    ...emptyMessage({
      id: run.messageId,
      session_id: sessionId,
      run_id: run.runId,
      role: 'user',
      created_at_ms: nowMs,
    }),
    content: inputText(run.input),
    content_blocks: typeof run.input === 'string' ? null : run.input,
    status: 'final',
  };
  store.runs.insert({
    id: run.runId,
    sessionId,
    status: 'pending',
    options: run.options,
    queueId: run.queueId,
    idempotencyKey: run.idempotencyKey,
    followUpToRunId: store.messages.newestRunId(sessionId),
    stateBefore: before,
    createdAtMs: nowMs,
  });
  store.messages.append(sessionId, [message]);
  store.runs.keepMessages(run.runId, [message]);
  useAttachments(store, sessionId, run.input);
  store.sessions.nameFromFirst(
    sessionId,
    titleOf(run.input),
    cutText(message.content.replace(/\s+/g, ' '), PREVIEW_CHARS),
  );
  store.sessions.touch(sessionId, { messages: 1, atMs: nowMs, lastStatus: null });
  return [
    ...replaced,
    {
      event: 'run.peer_user_message',
      run_id: run.runId,
      message,
      queue_id: run.queueId,
      profile: run.options.profile,
      model: run.options.model,
    },
  ];
}

/**
 * An upstream took the run: what it said of it is kept.
 *
 * @returns what is told of it, for a run that nobody has stopped meanwhile.
 */
export function acceptedRows(
  store: Store,
  sessionId: string,
  { runId, options }: Pick<RunTask, 'runId' | 'options'>,
  fields: AcceptedRun,
  nowMs: number,
): EventDraft {
  store.runs.accepted(runId, { ...fields, atMs: nowMs });
  if (fields.upstreamSessionId !== null)
    store.upstreamSessions.add({ id: fields.upstreamSessionId, runId, profile: options.profile, atMs: nowMs });
  return {
    event: 'run.started',
    run_id: runId,
    status: fields.status,
    queue_length: store.queue.count(sessionId),
    upstream_run_id: fields.upstreamRunId,
    model: fields.model ?? options.model,
    profile: options.profile,
    ...(fields.parameters === null ? {} : { parameters: fields.parameters }),
  };
}

/**
 * The rows that a run adds when it ends as `drafts` say: the fold of its events without the message that began it, which
 * is stored already. What a person put into the running answer is one of them.
 */
export function rowsAtEnd(view: RunView, sessionId: string, drafts: readonly EventDraft[], nowMs: number): Message[] {
  let ended: RunView = { ...view, settled: [] };
  for (const draft of drafts) ended = applyRunEvent(ended, toLoggedEvent(sessionId, ended.lastSeq + 1, nowMs, draft));
  return ended.settled.filter((row, index) => !(index === 0 && row.role === 'user'));
}

/**
 * Takes a run out of the conversation: its rows, its place in the search, its effect on the session, and the summaries made
 * since it began, which may hold words of it. The run itself stays as a record of what was spent. Belongs inside a write of the log, and only for the newest run of a session.
 */
export function rollBackRows(store: Store, sessionId: string, runId: string, nowMs: number): EventDraft[] {
  const messageIds = store.messages.ofRun(runId).map((row) => row.id);
  const before = store.runs.stateBefore(runId);
  store.messages.removeRun(runId);
  store.events.markRolledBack(runId);
  store.runs.markRolledBack(runId);
  if (before !== null) store.sessions.restore(sessionId, before);
  store.versions.moveAnchor(sessionId, runId, store.messages.newestRunId(sessionId));
  const restored = restoreReplacedRows(store, sessionId, runId);
  store.sessions.setMessageCount(sessionId, store.messages.count(sessionId));
  const place = before?.newest_compaction;
  const isUndone = place !== undefined && store.compactions.undoAfter(sessionId, place, nowMs);
  const compactions = store.compactions.list(sessionId);
  return [
    { event: 'run.rolled_back', run_id: runId, message_ids: messageIds },
    ...restored,
    ...(isUndone ? [{ event: 'compaction.changed' as const, reason: 'undone' as const, compactions }] : []),
  ];
}

/** What a live run has so far, for a process that takes it up. */
export function writtenAnswer(view: RunView): WrittenAnswer {
  const answers = view.live.filter((row) => row.role === 'assistant');
  const last = view.live.at(-1);
  const open = last?.role === 'assistant' ? last : null;
  return {
    whole: answers.map((row) => row.content).join(''),
    segment: open?.content ?? '',
    openMessageId: open?.id ?? null,
    hasTools: view.live.some((row) => row.role === 'tool'),
    approvalIds: view.approvals.map((approval) => approval.approval_id),
    clarifyIds: view.clarifications.map((question) => question.clarify_id),
    tools: view.live
      .filter((row) => row.role === 'tool')
      .map((row) => ({
        messageId: row.id,
        callId: row.tool_call_id,
        name: row.tool_name ?? '',
        isOpen: row.tool_state === 'running',
      })),
  };
}
