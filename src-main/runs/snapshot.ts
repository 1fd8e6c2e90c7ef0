import type { LoggedEvent, ResumedPayload } from '#contract/events';
import { STATE_EVENTS } from '#contract/events';
import type { ModelParameters } from '#contract/model-parameters';
import type { RunRecord, SessionRecord } from '#contract/records';
import type { SessionRow } from '../store/session-repository.ts';
import type { Store } from '../store/store.ts';
import { PAGE_ROWS } from './page-rows.ts';
import type { RunLog } from './run-log.ts';
import { toQueuedMessage } from './run-rows.ts';

/** A session as the list shows it: the stored row and what its actor is doing now. */
export function toSessionRecord(store: Store, log: RunLog, row: SessionRow): SessionRecord {
  return {
    id: row.id,
    title: row.title,
    profile: row.profile,
    model: row.model,
    workspace: row.workspace,
    instructions: row.instructions,
    parameters: JSON.parse(row.parameters) as ModelParameters,
    pinned: row.pinned === 1,
    tags: JSON.parse(row.tags) as string[],
    archivedAtMs: row.archived_at_ms,
    forkedFromSessionId: row.forked_from_session_id,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    messageCount: row.message_count,
    preview: row.preview,
    state: log.liveView(row.id)?.run?.state ?? 'idle',
    queueLength: store.queue.count(row.id),
    queuePaused: row.queue_paused !== null,
    lastStatus: row.last_status,
    wasStopped: row.last_status === 'interrupted' && store.runs.newestEnd(row.id) === 'aborted',
  };
}

/** The runs that the rows of a page belong to, each once. */
export function runsOf(store: Store, rows: readonly { run_id: string | null }[]): RunRecord[] {
  const ids = new Set(rows.flatMap((row) => (row.run_id === null ? [] : [row.run_id])));
  return [...ids].flatMap((id) => store.runs.get(id) ?? []);
}

/** State events of the live run, oldest first. */
function stateEvents(store: Store, runId: string): LoggedEvent[] {
  return store.events.ofRunNamed(runId, STATE_EVENTS);
}

const UNKNOWN: ResumedPayload = {
  messages: [],
  runs: [],
  isWorking: false,
  isAborting: false,
  isCompacting: false,
  state: 'idle',
  events: [],
  replayed: false,
  inputTokens: null,
  outputTokens: null,
  contextTokens: null,
  queueLength: 0,
  queueMessages: [],
  queuePaused: null,
  approvals: [],
  clarifications: [],
  versions: [],
  compactions: [],
  hasMoreBefore: false,
  messageTotal: 0,
  messageLoadedCount: 0,
  messagePageLimit: PAGE_ROWS,
  lastSeq: 0,
  session: null,
};

/**
 * Everything a viewer needs to draw a session, exactly as of the last committed event. Synchronous, so that a
 * subscription made in the same turn neither misses an event nor sees one twice (E5-02). An unknown session is empty.
 */
export function takeSnapshot(
  store: Store,
  log: RunLog,
  sessionId: string,
  { isCompacting, limit = PAGE_ROWS }: { isCompacting: boolean; limit?: number },
): ResumedPayload {
  const session = store.sessions.get(sessionId);
  if (session === null) return UNKNOWN;
  const live = log.liveView(sessionId);
  const page = store.messages.page(sessionId, limit);
  const liveId = live?.run?.runId ?? null;
  const messages =
    live === null ? page.messages : [...page.messages.filter((row) => row.run_id !== liveId), ...live.live];
  const queue = store.queue.list(sessionId);
  const spent = store.usage.sessionTokens(sessionId);
  const liveRun = liveId === null ? null : store.runs.get(liveId);
  return {
    messages,
    runs: runsOf(store, messages),
    isWorking: live !== null,
    isAborting: live?.run?.state === 'aborting',
    isCompacting,
    state: live?.run?.state ?? 'idle',
    ...(liveId === null ? {} : { run_id: liveId }),
    events:
      liveId === null || liveRun === null ? [] : stateEvents(store, liveId).map((event) => ({ ...event, data: event })),
    replayed: false,
    inputTokens: live?.inputTokens ?? spent.inputTokens,
    outputTokens: live?.outputTokens ?? spent.outputTokens,
    contextTokens: live?.contextTokens ?? spent.contextTokens,
    queueLength: queue.length,
    queueMessages: queue.map(toQueuedMessage),
    queuePaused: session.queue_paused,
    approvals: live?.approvals ?? [],
    clarifications: live?.clarifications ?? [],
    versions: store.versions.list(sessionId),
    compactions: store.compactions.list(sessionId),
    hasMoreBefore: page.hasMoreBefore,
    messageTotal: session.message_count,
    messageLoadedCount: messages.length,
    messagePageLimit: limit,
    lastSeq: session.last_seq,
    session: toSessionRecord(store, log, session),
  };
}
