import type { ErrorInfo } from '#contract/errors';
import type { Usage } from '#contract/events';
import { cutText, type Message } from '#contract/message';
import type { ModelParameters, RunParameters } from '#contract/model-parameters';
import type { RunRecord, RunStatus, ShortenedContext } from '#contract/records';
import type { SqliteDatabase } from './database.ts';
import { fromJson, toJson } from './json-column.ts';
import type { SessionStateBefore } from './session-repository.ts';

/** What a run was asked to do, captured with it: a later change of the session's model does not reach it (E2-19). */
export interface RunOptions {
  profile: string;
  /** The profile's address when the message was taken: a change in between leads it nowhere else. Absent in older rows. */
  baseUrl?: string;
  model: string | null;
  instructions: string | null;
  /** The effort that the message itself named. */
  reasoningEffort: 'low' | 'medium' | 'high' | null;
  /** What the message itself named beside it; wins over `parameters`. */
  asked?: ModelParameters;
  /** What held for the conversation when the message was taken (E2-19). Absent where nothing did. */
  parameters?: ModelParameters;
  /** The upstream's own name of a provider, where one serves several. */
  provider?: string | null;
  /** The message whose turn, with all that follows it, this run takes the place of. */
  replaces?: { messageId: string; reason: 'edited' | 'regenerated' };
  /** The folder of a session that this run begins. */
  workspace?: string;
  /** The instructions of a session that this run begins. */
  sessionInstructions?: string;
  /** What a program asked for beside the message; absent where a person sent it. */
  program?: ProgramRequest;
}

/** A program's request, kept with the run from the moment it is taken: it survives the queue and a restart (E8-01). */
export interface ProgramRequest {
  /** The key that it came with; null for the owner's token. */
  clientId: string | null;
  assistantId: string;
  metadata: Record<string, unknown>;
  /** `config` and `context` as they were given, for whoever reads the record. */
  kwargs: Record<string, unknown>;
  strategy: 'reject' | 'enqueue' | 'interrupt' | 'rollback';
  streamModes: string[];
  onDisconnect: 'cancel' | 'continue';
  onCompletion: 'delete' | 'keep';
}

interface RunRow {
  id: string;
  session_id: string;
  status: RunStatus;
  profile: string;
  model: string | null;
  upstream_run_id: string | null;
  credential_id: string | null;
  queue_id: string;
  idempotency_key: string | null;
  follow_up_to_run_id: string | null;
  options: string;
  state_before: string;
  error: string | null;
  error_info: string | null;
  finish_reason: string | null;
  usage: string | null;
  synced: number | null;
  shortened: string | null;
  parameters: string | null;
  created_at_ms: number;
  started_at_ms: number | null;
  ended_at_ms: number | null;
}

/** How much of a message a run's record shows. */
const RECORD_CHARS = 2000;

function toRecord(row: RunRow): RunRecord {
  return {
    id: row.id,
    sessionId: row.session_id,
    status: row.status,
    profile: row.profile,
    model: row.model,
    upstreamRunId: row.upstream_run_id,
    credentialId: row.credential_id,
    queueId: row.queue_id,
    followUpToRunId: row.follow_up_to_run_id,
    error: row.error,
    errorInfo: fromJson<ErrorInfo>(row.error_info),
    finishReason: row.finish_reason,
    usage: fromJson<Usage>(row.usage),
    synced: row.synced === null ? null : row.synced === 1,
    shortened: fromJson<ShortenedContext>(row.shortened),
    parameters: fromJson<RunParameters>(row.parameters),
    createdAtMs: row.created_at_ms,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
  };
}

export interface RunEnd {
  status: RunStatus;
  error: string | null;
  errorInfo: ErrorInfo | null;
  finishReason: string | null;
  usage: Usage | null;
  /** Whether the upstream confirmed a stop; absent where nothing was stopped. */
  synced?: boolean;
  endedAtMs: number;
}

export type RunRepository = ReturnType<typeof createRunRepository>;

/** Answers being made and made. Writes belong inside a `Committer` entry. */
export function createRunRepository(db: SqliteDatabase) {
  const insert = db.prepare<
    [
      Omit<
        RunRow,
        | 'upstream_run_id'
        | 'credential_id'
        | 'error'
        | 'error_info'
        | 'finish_reason'
        | 'usage'
        | 'synced'
        | 'shortened'
        | 'parameters'
        | 'started_at_ms'
      >,
    ]
  >(`
    insert into runs (id, session_id, status, profile, model, queue_id, idempotency_key, follow_up_to_run_id, options,
      state_before, created_at_ms, ended_at_ms)
    values (@id, @session_id, @status, @profile, @model, @queue_id, @idempotency_key, @follow_up_to_run_id, @options,
      @state_before, @created_at_ms, @ended_at_ms)`);
  const get = db.prepare<[string], RunRow>('select * from runs where id = ?');
  const byQueueId = db.prepare<[string, string], RunRow>('select * from runs where session_id = ? and queue_id = ?');
  const byKey = db.prepare<[string], RunRow>('select * from runs where idempotency_key = ?');
  const list = db.prepare<[string, number], RunRow>(
    'select * from runs where session_id = ? order by created_at_ms desc, id desc limit ?',
  );
  const newestEnd = db
    .prepare<[string], string | null>(
      'select finish_reason from runs where session_id = ? order by created_at_ms desc, id desc limit 1',
    )
    .pluck();
  const unfinished = db.prepare<[], RunRow>(
    "select * from runs where status in ('pending', 'running', 'cancelling') order by created_at_ms, id",
  );
  const removeEnded = db.prepare<[string]>('delete from runs where id = ? and ended_at_ms is not null');
  const moved = db.prepare<[string | null, string]>('update runs set credential_id = ? where id = ?');
  const accepted = db.prepare<[string | null, string | null, string | null, number, string | null, string]>(
    `update runs set status = case status when 'pending' then 'running' else status end, upstream_run_id = ?,
       model = coalesce(?, model), credential_id = ?, started_at_ms = ?, parameters = ?
     where id = ? and status in ('pending', 'cancelling')`,
  );
  const cancelling = db.prepare<[string]>(
    "update runs set status = 'cancelling' where id = ? and status in ('pending', 'running')",
  );
  const finish = db.prepare<
    [RunStatus, string | null, string | null, string | null, string | null, number | null, number, string]
  >(
    `update runs set status = ?, error = ?, error_info = ?, finish_reason = ?, usage = ?, synced = ?, ended_at_ms = ?
     where id = ? and status in ('pending', 'running', 'cancelling')`,
  );
  const reconcile = db.prepare<[string | null, string]>(
    'update runs set synced = 1, usage = coalesce(?, usage) where id = ? and ended_at_ms is not null',
  );
  const shortened = db.prepare<[string, string]>('update runs set shortened = ? where id = ?');
  const toCompact = db
    .prepare<[number, number], string>(
      'select id from runs where compacted = 0 and ended_at_ms is not null and ended_at_ms < ? order by ended_at_ms limit ?',
    )
    .pluck();
  const compacted = db.prepare<[string]>('update runs set compacted = 1 where id = ?');
  const copy = db.prepare<[string, string, string, string]>(`
    insert into runs (id, session_id, status, profile, model, credential_id, queue_id, follow_up_to_run_id, options,
      error, error_info, finish_reason, usage, synced, shortened, parameters, compacted, created_at_ms, started_at_ms, ended_at_ms)
    select ?, ?, case when ended_at_ms is null then 'interrupted' else status end, profile, model, credential_id, ?, null,
      options, error, error_info, finish_reason, usage, synced, shortened, parameters, 1, created_at_ms, started_at_ms,
      coalesce(ended_at_ms, started_at_ms, created_at_ms) from runs where id = ?`);
  const markRolledBack = db.prepare<[string]>(
    `update runs set status = 'error', error = 'Rolled back by user', error_info = null, first_human_message = null,
       last_ai_message = null, message_count = 0 where id = ?`,
  );
  const forgetMessages = db.prepare<[string]>(
    'update runs set first_human_message = null, last_ai_message = null, message_count = 0 where id = ?',
  );
  const keepMessages = db.prepare<[string | null, string | null, number, string]>(
    `update runs set first_human_message = coalesce(?, first_human_message),
       last_ai_message = coalesce(?, last_ai_message), message_count = message_count + ? where id = ?`,
  );

  return {
    insert(run: {
      id: string;
      sessionId: string;
      status: RunStatus;
      options: RunOptions;
      queueId: string;
      idempotencyKey: string | null;
      followUpToRunId: string | null;
      stateBefore: SessionStateBefore | null;
      createdAtMs: number;
      endedAtMs?: number;
    }): void {
      insert.run({
        id: run.id,
        session_id: run.sessionId,
        status: run.status,
        profile: run.options.profile,
        model: run.options.model,
        queue_id: run.queueId,
        idempotency_key: run.idempotencyKey,
        follow_up_to_run_id: run.followUpToRunId,
        options: JSON.stringify(run.options),
        state_before: JSON.stringify(run.stateBefore ?? {}),
        created_at_ms: run.createdAtMs,
        ended_at_ms: run.endedAtMs ?? null,
      });
    },
    get(id: string): RunRecord | null {
      const row = get.get(id);
      return row === undefined ? null : toRecord(row);
    },
    options(id: string): RunOptions | null {
      const row = get.get(id);
      return row === undefined ? null : fromJson<RunOptions>(row.options);
    },
    stateBefore(id: string): SessionStateBefore | null {
      const row = get.get(id);
      // A copy of another conversation's run changed nothing here.
      return row === undefined || row.state_before === '{}' ? null : fromJson<SessionStateBefore>(row.state_before);
    },
    byQueueId(sessionId: string, queueId: string): RunRecord | null {
      const row = byQueueId.get(sessionId, queueId);
      return row === undefined ? null : toRecord(row);
    },
    byIdempotencyKey(key: string): RunRecord | null {
      const row = byKey.get(key);
      return row === undefined ? null : toRecord(row);
    },
    /** Forgets the record of a run that has ended. @returns false for one that has not. */
    removeEnded: (id: string): boolean => removeEnded.run(id).changes > 0,
    /** Newest first. */
    list: (sessionId: string, limit: number): RunRecord[] => list.all(sessionId, limit).map(toRecord),
    /** How the newest run of a session ended, as its answer says it; null while it is live and where there is none. */
    newestEnd: (sessionId: string): string | null => newestEnd.get(sessionId) ?? null,
    unfinished: (): RunRecord[] => unfinished.all().map(toRecord),
    /** Another key has taken over. */
    moved: (id: string, credentialId: string | null): void => void moved.run(credentialId, id),
    accepted(
      id: string,
      fields: {
        upstreamRunId: string | null;
        model: string | null;
        credentialId: string | null;
        /** What became of the parameters; absent where none were chosen. */
        parameters?: RunParameters | null;
        atMs: number;
      },
    ): void {
      const { upstreamRunId, model, credentialId, atMs, parameters = null } = fields;
      accepted.run(upstreamRunId, model, credentialId, atMs, toJson(parameters), id);
    },
    /** The conversation was sent shortened. */
    shortened: (id: string, how: ShortenedContext): void => void shortened.run(JSON.stringify(how), id),
    cancelling: (id: string): void => void cancelling.run(id),
    /**
     * Ends a live run. A run that has already ended stays as it is: a late write of an older epoch changes nothing.
     *
     * @returns whether this call ended it.
     */
    finish(id: string, end: RunEnd): boolean {
      const { changes } = finish.run(
        end.status,
        end.error,
        toJson(end.errorInfo),
        end.finishReason,
        toJson(end.usage),
        end.synced === undefined ? null : Number(end.synced),
        end.endedAtMs,
        id,
      );
      return changes > 0;
    },
    /** What an upstream said of a run after it had been let go of. Its status stays as it was told. */
    reconcile: (id: string, usage: Usage | null): void => void reconcile.run(toJson(usage), id),
    /** Ended runs, oldest first, whose parts still stand one by one in the log. */
    toCompact: (endedBeforeMs: number, limit: number): string[] => toCompact.all(endedBeforeMs, limit),
    markCompacted: (id: string): void => void compacted.run(id),
    /** The same run as a record of another conversation. */
    copy: (id: string, to: { id: string; sessionId: string }): void => void copy.run(to.id, to.sessionId, to.id, id),
    /** The record of a run whose messages were deleted. */
    forgetMessages: (id: string): void => void forgetMessages.run(id),
    markRolledBack: (id: string): void => void markRolledBack.run(id),
    /** Adds to what the record shows of its messages: the first of a person and the last of a model, shortened (E8-24). */
    keepMessages(id: string, rows: readonly Message[]): void {
      const first = rows.find((row) => row.role === 'user');
      const last = rows.findLast((row) => row.role === 'assistant' && row.content !== '');
      const short = (row: Message | undefined) => (row === undefined ? null : cutText(row.content, RECORD_CHARS));
      keepMessages.run(short(first), short(last), rows.length, id);
    },
  };
}
