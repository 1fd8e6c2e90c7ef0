import { assertNever } from './assert-never.ts';
import type {
  Approval,
  Clarification,
  CompressionFigures,
  ConversationVersion,
  LoggedEvent,
  QueuedMessage,
  QueuePauseReason,
  ResumedPayload,
} from './events.ts';
import type { FailureSaying } from './failure-saying.ts';
import {
  addToolDetails,
  appendPart,
  closeRows,
  pinnedRows,
  reconciledRows,
  replaceAt,
  startTool,
} from './live-rows.ts';
import { emptyMessage, type Message } from './message.ts';
import type { Compaction, RunRecord, RunState } from './records.ts';
import { shortenedBy } from './shortened-context.ts';

/** The run that a session is making now, as far as its events tell. */
export interface LiveRun {
  runId: string;
  state: RunState;
  profile: string;
  model: string | null;
  startedAtMs: number;
  /** When the first text or reasoning of the answer came. */
  firstPartAtMs: number | null;
  /** The upstream takes nothing now and is asked again at `untilMs`; null otherwise. */
  retry: { attempt: number; untilMs: number; reason: string; said?: FailureSaying } | null;
}

/**
 * A session as a viewer sees it. Rows of finished runs stand in `settled`, rows of the live run in `live`, so that an
 * event costs the length of one run and never the length of the conversation.
 */
export interface RunView {
  sessionId: string | null;
  lastSeq: number;
  settled: Message[];
  live: Message[];
  run: LiveRun | null;
  /** Runs by id, for status, error and footer facts of the rows on this page. */
  runs: Record<string, RunRecord>;
  queue: QueuedMessage[];
  queuePaused: QueuePauseReason | null;
  approvals: Approval[];
  clarifications: Clarification[];
  versions: ConversationVersion[];
  compactions: Compaction[];
  compression: { state: 'running' } | ({ state: 'done' } & CompressionFigures) | null;
  inputTokens: number | null;
  outputTokens: number | null;
  contextTokens: number | null;
  hasMoreBefore: boolean;
  messageTotal: number;
}

export function emptyRunView(sessionId: string | null): RunView {
  return {
    sessionId,
    lastSeq: 0,
    settled: [],
    live: [],
    run: null,
    runs: {},
    queue: [],
    queuePaused: null,
    approvals: [],
    clarifications: [],
    versions: [],
    compactions: [],
    compression: null,
    inputTokens: null,
    outputTokens: null,
    contextTokens: null,
    hasMoreBefore: false,
    messageTotal: 0,
  };
}

function waitOf(event: Extract<LoggedEvent, { event: 'run.retrying' }>): NonNullable<LiveRun['retry']> {
  const { attempt, reason, said } = event;
  return { attempt, untilMs: event.ts + event.waitMs, reason, ...(said === undefined ? {} : { said }) };
}

/** The wait that the newest state event of a snapshot tells of. */
function retryOf(snapshot: ResumedPayload): LiveRun['retry'] {
  const last = snapshot.events.at(-1);
  if (last?.event !== 'run.retrying') return null;
  return waitOf(last);
}

/** The view that a `resumed` answer describes. Rows of the run that is still working become the live rows. */
export function viewFromSnapshot(sessionId: string, snapshot: ResumedPayload): RunView {
  const liveId = snapshot.isWorking ? snapshot.run_id : undefined;
  const runs = Object.fromEntries(snapshot.runs.map((run) => [run.id, run]));
  const live = liveId === undefined ? [] : snapshot.messages.filter((message) => message.run_id === liveId);
  const settled =
    liveId === undefined ? snapshot.messages : snapshot.messages.filter((message) => message.run_id !== liveId);
  const record = liveId === undefined ? undefined : runs[liveId];
  return {
    ...emptyRunView(sessionId),
    lastSeq: snapshot.lastSeq,
    settled,
    live,
    run:
      liveId === undefined
        ? null
        : {
            runId: liveId,
            state: snapshot.state,
            profile: record?.profile ?? '',
            model: record?.model ?? null,
            startedAtMs: record?.startedAtMs ?? record?.createdAtMs ?? 0,
            firstPartAtMs: live.find((message) => message.role !== 'user')?.created_at_ms ?? null,
            retry: retryOf(snapshot),
          },
    runs,
    queue: snapshot.queueMessages,
    queuePaused: snapshot.queuePaused,
    approvals: snapshot.approvals,
    clarifications: snapshot.clarifications,
    versions: snapshot.versions,
    compactions: snapshot.compactions,
    compression: snapshot.isCompacting ? { state: 'running' } : null,
    inputTokens: snapshot.inputTokens,
    outputTokens: snapshot.outputTokens,
    contextTokens: snapshot.contextTokens,
    hasMoreBefore: snapshot.hasMoreBefore,
    messageTotal: snapshot.messageTotal,
  };
}

/** All rows in order. */
export function viewMessages(view: RunView): Message[] {
  return view.live.length === 0 ? view.settled : [...view.settled, ...view.live];
}

/** A run with an open question of either kind waits for a person. */
function waitsFor(approvals: readonly Approval[], clarifications: readonly Clarification[]): RunState {
  return approvals.length > 0 || clarifications.length > 0 ? 'waiting' : 'running';
}

function endRun(
  view: RunView,
  event: LoggedEvent,
  runId: string,
  rows: Message[],
  change: Partial<RunRecord>,
): RunView {
  const record = view.runs[runId];
  return {
    ...view,
    lastSeq: event.seq,
    settled: rows.length === 0 ? view.settled : [...view.settled, ...rows],
    // The message that began the run has been counted when it came.
    messageTotal: view.messageTotal + rows.filter((row, index) => index > 0 || row.role !== 'user').length,
    live: [],
    run: null,
    approvals: [],
    clarifications: [],
    compression: null,
    runs: record === undefined ? view.runs : { ...view.runs, [runId]: { ...record, ...change, endedAtMs: event.ts } },
  };
}

function withRun(view: RunView, change: Partial<LiveRun>): LiveRun | null {
  return view.run === null ? null : { ...view.run, ...change };
}

/** The live run in another state. A stop that is under way is not undone by other news of the run. */
function inState(view: RunView, state: RunState, change: Partial<LiveRun> = {}): LiveRun | null {
  return withRun(view, { ...change, ...(view.run?.state === 'aborting' ? {} : { state }) });
}

/** Events that belong to a run while it lives; after its end they would speak of the wrong one. */
function isOfAnotherRun(view: RunView, event: LoggedEvent): boolean {
  switch (event.event) {
    case 'run.peer_user_message':
    case 'run.queued':
    case 'queue.paused':
    case 'queue.resumed':
    case 'usage.updated':
    case 'run.rolled_back':
    case 'run.reconciled':
    case 'history.changed':
      return false;
    default:
      return view.run !== null && event.run_id !== undefined && event.run_id !== view.run.runId;
  }
}

/**
 * The one reducer of a session: the main process folds its log with it for snapshots, the renderer folds the live
 * stream with it. Pure; never changes its arguments. Events at or below `view.lastSeq` leave the view as it is, so a
 * replay is harmless. A gap is the caller's to detect (`event.seq > view.lastSeq + 1`).
 */
export function applyRunEvent(view: RunView, event: LoggedEvent): RunView {
  if (event.seq <= view.lastSeq) return view;
  const next: RunView = { ...view, lastSeq: event.seq };
  if (isOfAnotherRun(view, event)) return next;
  switch (event.event) {
    case 'run.peer_user_message':
      return {
        ...next,
        live: [{ ...event.message }],
        messageTotal: view.messageTotal + 1,
        run: {
          runId: event.run_id,
          state: 'preparing',
          profile: event.profile,
          model: event.model,
          startedAtMs: event.ts,
          firstPartAtMs: null,
          retry: null,
        },
        runs: {
          ...view.runs,
          [event.run_id]: {
            id: event.run_id,
            sessionId: view.sessionId,
            status: 'running',
            profile: event.profile,
            model: event.model,
            upstreamRunId: null,
            credentialId: null,
            queueId: event.queue_id,
            followUpToRunId: null,
            error: null,
            errorInfo: null,
            finishReason: null,
            usage: null,
            synced: null,
            shortened: null,
            parameters: null,
            createdAtMs: event.ts,
            startedAtMs: null,
            endedAtMs: null,
          },
        },
      };
    case 'run.queued':
    case 'queue.paused':
    case 'queue.resumed':
      return { ...next, queue: event.queued_messages, queuePaused: event.paused };
    case 'run.started': {
      const record = view.runs[event.run_id];
      return {
        ...next,
        run: inState(view, 'running', { model: event.model, profile: event.profile, retry: null }),
        runs:
          record === undefined
            ? view.runs
            : {
                ...view.runs,
                [event.run_id]: {
                  ...record,
                  status: 'running',
                  model: event.model,
                  profile: event.profile,
                  upstreamRunId: event.upstream_run_id,
                  parameters: event.parameters ?? null,
                  startedAtMs: event.ts,
                },
              },
      };
    }
    case 'message.delta':
    case 'reasoning.delta':
      return {
        ...next,
        live: appendPart(view, event),
        // An answer that has begun waits for nothing any more.
        run: view.run?.firstPartAtMs === null ? withRun(view, { firstPartAtMs: event.ts, retry: null }) : view.run,
      };
    case 'message.replaced': {
      const index = view.live.findIndex((row) => row.id === event.message_id);
      return {
        ...next,
        live: replaceAt(view.live, index, {
          content: event.content,
          reasoning: event.reasoning,
          tool_calls: event.tool_calls,
        }),
      };
    }
    case 'reasoning.available':
      return next;
    case 'tool.started':
      return {
        ...next,
        live: startTool(view, event),
        run: view.run?.retry == null ? view.run : withRun(view, { retry: null }),
      };
    case 'tool.completed': {
      const index = view.live.findIndex((row) => row.id === event.message_id);
      return {
        ...next,
        live: replaceAt(view.live, index, {
          tool_state: event.error ? 'error' : 'done',
          tool_duration: event.duration,
          content: event.output ?? '',
          status: event.error ? 'error' : 'final',
        }),
      };
    }
    case 'tool.details':
      return { ...next, live: addToolDetails(view, event) };
    case 'clarify.requested':
      return {
        ...next,
        run: inState(view, 'waiting'),
        clarifications: [
          ...view.clarifications.filter((known) => known.clarify_id !== event.clarify_id),
          {
            clarify_id: event.clarify_id,
            run_id: event.run_id,
            question: event.question,
            choices: event.choices,
          },
        ],
      };
    case 'clarify.resolved': {
      const clarifications = view.clarifications.filter((known) => known.clarify_id !== event.clarify_id);
      return { ...next, clarifications, run: inState(view, waitsFor(view.approvals, clarifications)) };
    }
    case 'run.steered':
      if (event.message_id === null) return next;
      // Taken at first, but it never reached the model: it is no part of this answer and goes out as a message of its own.
      if (!event.accepted) return { ...next, live: view.live.filter((row) => row.id !== event.message_id) };
      // What a person put into the answer stands where it was put; what follows goes into a row of its own.
      return {
        ...next,
        live: [
          ...view.live,
          {
            ...emptyMessage({
              id: event.message_id,
              session_id: view.sessionId,
              run_id: event.run_id,
              role: 'user',
              created_at_ms: event.ts,
            }),
            content: event.text,
            status: 'final',
          },
        ],
      };
    case 'run.retrying':
      return {
        ...next,
        run: withRun(view, {
          retry: waitOf(event),
        }),
      };
    case 'approval.requested':
      return {
        ...next,
        run: inState(view, 'waiting'),
        approvals: [
          ...view.approvals.filter((known) => known.approval_id !== event.approval_id),
          {
            approval_id: event.approval_id,
            run_id: event.run_id,
            command: event.command,
            description: event.description,
            choices: event.choices,
          },
        ],
      };
    case 'approval.resolved': {
      const approvals = view.approvals.filter((known) => known.approval_id !== event.approval_id);
      return { ...next, approvals, run: inState(view, waitsFor(approvals, view.clarifications)) };
    }
    case 'usage.updated':
      return {
        ...next,
        inputTokens: event.inputTokens,
        outputTokens: event.outputTokens,
        contextTokens: event.contextTokens,
      };
    case 'compression.started':
      return { ...next, compression: { state: 'running' }, run: inState(view, 'compressing') };
    case 'compression.completed': {
      const record = event.run_id === undefined ? undefined : view.runs[event.run_id];
      return {
        ...next,
        compression: { ...event, state: 'done' },
        compactions: event.compactions,
        run: inState(view, 'preparing'),
        runs:
          record === undefined
            ? view.runs
            : { ...view.runs, [record.id]: { ...record, shortened: shortenedBy(event) } },
      };
    }
    case 'compaction.changed':
      return { ...next, compactions: event.compactions };
    case 'message.pinned':
      return { ...next, settled: pinnedRows(view.settled, event), live: pinnedRows(view.live, event) };
    case 'run.completed': {
      let rows = view.live;
      // The upstream's own text counts only where it streamed none: otherwise the answer would stand there twice.
      if (event.message_id !== undefined && event.output !== '') {
        rows = [
          ...rows,
          {
            ...emptyMessage({
              id: event.message_id,
              session_id: view.sessionId,
              run_id: event.run_id,
              role: 'assistant',
              created_at_ms: event.ts,
            }),
            content: event.parsed_content ?? event.output,
            reasoning: event.parsed_reasoning ?? null,
            tool_calls: event.parsed_tool_calls ?? null,
          },
        ];
      }
      rows = closeRows(rows, 'final', event.finish_reason, 'done');
      return endRun(view, event, event.run_id, rows, {
        status: 'success',
        usage: event.usage,
        finishReason: event.finish_reason,
      });
    }
    case 'run.failed': {
      const reason = event.status === 'interrupted' ? 'interrupted' : 'error';
      return endRun(view, event, event.run_id, closeRows(view.live, 'error', reason, 'error'), {
        status: event.status,
        usage: event.usage,
        error: event.error,
        errorInfo: event.error_info,
        finishReason: reason,
      });
    }
    case 'run.cancelled':
      return endRun(view, event, event.run_id, closeRows(view.live, 'aborted', 'aborted', 'aborted'), {
        status: 'cancelled',
        usage: event.usage,
        finishReason: 'aborted',
      });
    case 'abort.started':
      return { ...next, run: withRun(view, { state: 'aborting' }) };
    case 'abort.timeout':
      return next;
    case 'abort.completed':
      return endRun(view, event, event.run_id, closeRows(view.live, 'aborted', 'aborted', 'aborted'), {
        status: 'interrupted',
        usage: event.usage,
        finishReason: 'aborted',
        synced: event.synced,
      });
    case 'run.rolled_back': {
      const gone = new Set(event.message_ids);
      const settled = view.settled.filter((row) => !gone.has(row.id) && row.run_id !== event.run_id);
      const record = view.runs[event.run_id];
      return {
        ...next,
        settled,
        live: view.run?.runId === event.run_id ? [] : view.live,
        messageTotal: Math.max(0, view.messageTotal - event.message_ids.length),
        runs:
          record === undefined
            ? view.runs
            : { ...view.runs, [event.run_id]: { ...record, status: 'error', error: 'Rolled back by user' } },
      };
    }
    case 'run.reattached':
      return { ...next, run: inState(view, waitsFor(view.approvals, view.clarifications)) };
    case 'run.reattach_failed':
      return next;
    case 'run.reconciled': {
      const index = view.settled.findIndex((row) => row.id === event.message_id);
      const record = view.runs[event.run_id];
      return {
        ...next,
        settled: reconciledRows(view, event, index),
        messageTotal: view.messageTotal + (index < 0 && event.message_id !== null ? 1 : 0),
        runs:
          record === undefined
            ? view.runs
            : { ...view.runs, [event.run_id]: { ...record, synced: true, usage: event.usage ?? record.usage } },
      };
    }
    case 'history.changed': {
      const gone = new Set(event.message_ids);
      const settled = view.settled.filter((row) => !gone.has(row.id));
      return {
        ...next,
        settled,
        versions: event.versions,
        messageTotal: Math.max(0, view.messageTotal - event.message_ids.length),
      };
    }
    default:
      return assertNever(event);
  }
}
