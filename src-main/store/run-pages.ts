import type { ErrorInfo } from '#contract/errors';
import type { EventDraft, LoggedEvent } from '#contract/events';
import type { Message } from '#contract/message';
import type { RunStatus } from '#contract/records';
import type { Usage } from '#contract/usage';
import type { SqliteDatabase } from './database.ts';
import { toLoggedEvent } from './event-repository.ts';
import { fromJson } from './json-column.ts';
import { toMessage } from './message-repository.ts';
import type { RunOptions } from './run-repository.ts';

/** A run as programs see it: one that waits in the queue is `pending`, like one that is being prepared (decision 4). */
export interface ListedRun {
  id: string;
  sessionId: string;
  status: RunStatus;
  options: RunOptions;
  /** The model that answers, once it is known. */
  model: string | null;
  error: string | null;
  errorInfo: ErrorInfo | null;
  usage: Usage | null;
  upstreamRunId: string | null;
  credentialId: string | null;
  followUpToRunId: string | null;
  firstHumanMessage: string | null;
  lastAiMessage: string | null;
  messageCount: number;
  createdAtMs: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
  isQueued: boolean;
}

interface ListedRow {
  id: string;
  session_id: string;
  status: RunStatus;
  options: string;
  model: string | null;
  error: string | null;
  error_info: string | null;
  usage: string | null;
  upstream_run_id: string | null;
  credential_id: string | null;
  follow_up_to_run_id: string | null;
  first_human_message: string | null;
  last_ai_message: string | null;
  message_count: number;
  created_at_ms: number;
  started_at_ms: number | null;
  ended_at_ms: number | null;
  is_queued: number;
}

const RUN_COLUMNS = `id, session_id, status, options, model, error, error_info, usage, upstream_run_id, credential_id,
  follow_up_to_run_id, first_human_message, last_ai_message, message_count, created_at_ms, started_at_ms, ended_at_ms,
  0 as is_queued`;
const QUEUE_COLUMNS = `run_id as id, session_id, 'pending' as status, options, null as model, null as error,
  null as error_info, null as usage, null as upstream_run_id, null as credential_id, null as follow_up_to_run_id,
  null as first_human_message, null as last_ai_message, 0 as message_count, created_at_ms, null as started_at_ms,
  null as ended_at_ms, 1 as is_queued`;

function toListed(row: ListedRow): ListedRun {
  const options = JSON.parse(row.options) as RunOptions;
  return {
    id: row.id,
    sessionId: row.session_id,
    status: row.status,
    options,
    model: row.model ?? options.model,
    error: row.error,
    errorInfo: fromJson<ErrorInfo>(row.error_info),
    usage: fromJson<Usage>(row.usage),
    upstreamRunId: row.upstream_run_id,
    credentialId: row.credential_id,
    followUpToRunId: row.follow_up_to_run_id,
    firstHumanMessage: row.first_human_message,
    lastAiMessage: row.last_ai_message,
    messageCount: row.message_count,
    createdAtMs: row.created_at_ms,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    isQueued: row.is_queued === 1,
  };
}

/** Where a page ends, in one of two directions; neither is the newest page. */
export interface PageBounds {
  before?: number;
  after?: number;
  limit: number;
}

/** A page in ascending order. `hasMore` is about the side on which it was cut. */
export interface Page<T> {
  rows: T[];
  hasMore: boolean;
}

/** A message and its place in the conversation: places grow and are never used twice within it. */
export interface PlacedMessage {
  place: number;
  message: Message;
}

/** Cuts what was read as limit + 1 rows. Read backwards, rows come newest first and are turned round. */
function cut<T>(rows: T[], limit: number, isBackwards: boolean): Page<T> {
  const page = rows.slice(0, limit);
  return { rows: isBackwards ? page.reverse() : page, hasMore: rows.length > limit };
}

const LAST = Number.MAX_SAFE_INTEGER;

export type RunPages = ReturnType<typeof createRunPages>;

/** Runs, messages and events in pages, for programs. Only reads; every filter stands before the limit. */
export function createRunPages(db: SqliteDatabase) {
  const oneRun = db.prepare<[string], ListedRow>(`select ${RUN_COLUMNS} from runs where id = ?`);
  const oneQueued = db.prepare<[string], ListedRow>(`select ${QUEUE_COLUMNS} from queued_runs where run_id = ?`);
  const list = db.prepare<
    [{ sessionId: string; statuses: string | null; atMs: number; id: string; limit: number; offset: number }],
    ListedRow
  >(`
    select * from (
      select ${RUN_COLUMNS} from runs
      where session_id = @sessionId and (@statuses is null or status in (select value from json_each(@statuses)))
        and (created_at_ms < @atMs or (created_at_ms = @atMs and id < @id))
      order by created_at_ms desc, id desc limit @limit + @offset)
    union all
    select * from (
      select ${QUEUE_COLUMNS} from queued_runs
      where session_id = @sessionId and (@statuses is null or 'pending' in (select value from json_each(@statuses)))
        and (created_at_ms < @atMs or (created_at_ms = @atMs and run_id < @id)))
    order by created_at_ms desc, id desc limit @limit offset @offset`);
  const messagesBefore = db.prepare<[string, number, number], Parameters<typeof toMessage>[0] & { position: number }>(
    `select * from messages where session_id = ? and version_id is null and position < ? order by position desc limit ?`,
  );
  const messagesAfter = db.prepare<[string, number, number], Parameters<typeof toMessage>[0] & { position: number }>(
    `select * from messages where session_id = ? and version_id is null and position > ? order by position limit ?`,
  );
  const runMessagesBefore = db.prepare<
    [string, number, number],
    Parameters<typeof toMessage>[0] & { position: number }
  >('select * from messages where run_id = ? and position < ? order by position desc limit ?');
  const runMessagesAfter = db.prepare<[string, number, number], Parameters<typeof toMessage>[0] & { position: number }>(
    'select * from messages where run_id = ? and position > ? order by position limit ?',
  );
  interface EventRow {
    session_id: string;
    seq: number;
    payload: string;
    at_ms: number;
  }
  const EVENTS = 'select session_id, seq, payload, at_ms from run_events where run_id = ?';
  const NAMED = '(? is null or event in (select value from json_each(?)))';
  const eventsBefore = db.prepare<[string, string | null, string | null, number, number], EventRow>(
    `${EVENTS} and ${NAMED} and seq < ? order by seq desc limit ?`,
  );
  const eventsAfter = db.prepare<[string, string | null, string | null, number, number], EventRow>(
    `${EVENTS} and ${NAMED} and seq > ? order by seq limit ?`,
  );
  const eventAt = db.prepare<[string, number], { run_id: string | null; at_ms: number; event: string }>(
    'select run_id, at_ms, event from run_events where session_id = ? and seq = ?',
  );
  const edges = db.prepare<[string], { first: number | null; last: number | null }>(
    'select min(seq) as first, max(seq) as last from run_events where run_id = ? and rolled_back = 0',
  );
  const timeAt = db
    .prepare<[string, number], number>('select at_ms from run_events where session_id = ? and seq = ?')
    .pluck();
  const isCompacted = db.prepare<[string], number>('select compacted from runs where id = ?').pluck();
  const live = db.prepare<[{ sessionId: string | null }], ListedRow>(`
    select ${RUN_COLUMNS} from runs
    where status in ('pending', 'running', 'cancelling') and (@sessionId is null or session_id = @sessionId)
    union all
    select ${QUEUE_COLUMNS} from queued_runs where @sessionId is null or session_id = @sessionId
    order by created_at_ms, id`);
  const countRuns = db
    .prepare<[string, number], number>(
      'select count(*) from runs where session_id = ? and (ended_at_ms is not null or ? = 1)',
    )
    .pluck();
  const settledRuns = db
    .prepare<[string, number, number], string>(`
      select run_id from messages where session_id = ? and version_id is null and run_id is not null
      group by run_id having max(position) < ? order by max(position) desc limit ?`)
    .pluck();
  const lastPlace = db.prepare<[string], number | null>('select max(position) from messages where run_id = ?').pluck();
  const until = db.prepare<[string, number], Parameters<typeof toMessage>[0]>(
    'select * from messages where session_id = ? and version_id is null and position <= ? order by position',
  );
  const firstPlace = db.prepare<[string], number | null>('select min(position) from messages where run_id = ?').pluck();
  const lastAnswer = db
    .prepare<[string], string>(
      "select id from messages where run_id = ? and role = 'assistant' order by position desc limit 1",
    )
    .pluck();

  const events = (rows: EventRow[]): LoggedEvent[] =>
    rows.map((row) => toLoggedEvent(row.session_id, row.seq, row.at_ms, JSON.parse(row.payload) as EventDraft));
  const placed = (row: Parameters<typeof toMessage>[0] & { position: number }): PlacedMessage => ({
    place: row.position,
    message: toMessage(row),
  });

  return {
    run(id: string): ListedRun | null {
      const row = oneRun.get(id) ?? oneQueued.get(id);
      return row === undefined ? null : toListed(row);
    },
    /**
     * Runs of a session, those that wait included, newest first; ties by id.
     *
     * @param page.before the run after which the page begins.
     */
    runs(
      sessionId: string,
      page: {
        limit: number;
        offset?: number;
        statuses?: readonly RunStatus[];
        before?: { createdAtMs: number; id: string };
      },
    ): ListedRun[] {
      return list
        .all({
          sessionId,
          statuses: page.statuses === undefined ? null : JSON.stringify(page.statuses),
          atMs: page.before?.createdAtMs ?? LAST,
          id: page.before?.id ?? '',
          limit: page.limit,
          offset: page.offset ?? 0,
        })
        .map(toListed);
    },
    /** Shown messages. Without a bound the newest ones: those never fall off a full page (BUG-C2). */
    messages(sessionId: string, { before, after, limit }: PageBounds): Page<PlacedMessage> {
      const rows =
        after === undefined
          ? messagesBefore.all(sessionId, before ?? LAST, limit + 1)
          : messagesAfter.all(sessionId, after, limit + 1);
      return cut(rows.map(placed), limit, after === undefined);
    },
    /** A run's messages, also of one that was replaced. */
    runMessages(runId: string, { before, after, limit }: PageBounds): Page<PlacedMessage> {
      const rows =
        after === undefined
          ? runMessagesBefore.all(runId, before ?? LAST, limit + 1)
          : runMessagesAfter.all(runId, after, limit + 1);
      return cut(rows.map(placed), limit, after === undefined);
    },
    /**
     * A run's events; those of one that was taken back as well, for audit. Without a bound from the beginning.
     *
     * @param names only these.
     */
    events(
      runId: string,
      { before, after, limit }: PageBounds,
      names: readonly string[] | null = null,
    ): Page<LoggedEvent> {
      const wanted = names === null ? null : JSON.stringify(names);
      const rows =
        before === undefined
          ? eventsAfter.all(runId, wanted, wanted, after ?? 0, limit + 1)
          : eventsBefore.all(runId, wanted, wanted, before, limit + 1);
      return cut(events(rows), limit, before !== undefined);
    },
    /** The row that feedback on a run belongs to; null for a run without an answer. */
    lastAnswerId: (runId: string): string | null => lastAnswer.get(runId) ?? null,
    /** Whose event stands at a place of the log, and when it was stored; null where none is. */
    eventAt(sessionId: string, seq: number): { runId: string | null; atMs: number; event: string } | null {
      const row = eventAt.get(sessionId, seq);
      return row === undefined ? null : { runId: row.run_id, atMs: row.at_ms, event: row.event };
    },
    /** First and last event of a run that can be replayed, with their times; null where there are none. */
    edges(sessionId: string, runId: string): { first: [number, number]; last: [number, number] } | null {
      const row = edges.get(runId);
      if (row === undefined || row.first === null || row.last === null) return null;
      const at = (seq: number): [number, number] => [seq, timeAt.get(sessionId, seq) ?? 0];
      return { first: at(row.first), last: at(row.last) };
    },
    /** Whether neighbouring parts of a run's text were joined: places within it no longer say what was heard. */
    isCompacted: (runId: string): boolean => isCompacted.get(runId) === 1,
    /** Runs that have not ended, those that wait included. @param sessionId null for all. */
    live: (sessionId: string | null): ListedRun[] => live.all({ sessionId }).map(toListed),
    /** Runs of a session, however they ended. @param isLive also those that go on. */
    count: (sessionId: string, isLive: boolean): number => countRuns.get(sessionId, Number(isLive)) ?? 0,
    /** Runs whose rows are shown, newest first. @param beforeRun leaves out this one and all that follow it. */
    shownRuns(sessionId: string, limit: number, beforeRun?: string): string[] {
      const place = beforeRun === undefined ? LAST : (lastPlace.get(beforeRun) ?? 0);
      return settledRuns.all(sessionId, place, limit);
    },
    /** The shown rows before a run's first; all of them for a run without rows. */
    messagesBeforeRun(sessionId: string, runId: string): Message[] {
      const first = firstPlace.get(runId) ?? null;
      return until.all(sessionId, first === null ? LAST : first - 1).map(toMessage);
    },
  };
}
