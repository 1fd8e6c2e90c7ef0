import type { ErrorInfo } from '#contract/errors';
import type { Usage } from '#contract/events';
import type { RunRecord, RunStatus } from '#contract/records';
import type { SqliteDatabase } from './database.ts';
import { fromJson, toJson } from './json-column.ts';
import type { SessionStateBefore } from './session-repository.ts';

/** What a run was asked to do, captured with it: a later change of the session's model does not reach it (E2-19). */
export interface RunOptions {
  profile: string;
  model: string | null;
  instructions: string | null;
  reasoningEffort: 'low' | 'medium' | 'high' | null;
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
  created_at_ms: number;
  started_at_ms: number | null;
  ended_at_ms: number | null;
}

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
  endedAtMs: number;
}

export type RunRepository = ReturnType<typeof createRunRepository>;

/** Answers being made and made. Writes belong inside a `Committer` entry. */
export function createRunRepository(db: SqliteDatabase) {
  const insert = db.prepare<
    [
      Omit<
        RunRow,
        'upstream_run_id' | 'credential_id' | 'error' | 'error_info' | 'finish_reason' | 'usage' | 'started_at_ms'
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
  const unfinished = db.prepare<[], RunRow>(
    "select * from runs where status in ('pending', 'running', 'cancelling') order by created_at_ms, id",
  );
  const accepted = db.prepare<[string | null, string | null, string | null, number, string]>(
    `update runs set status = case status when 'pending' then 'running' else status end, upstream_run_id = ?,
       model = coalesce(?, model), credential_id = ?, started_at_ms = ?
     where id = ? and status in ('pending', 'cancelling')`,
  );
  const cancelling = db.prepare<[string]>(
    "update runs set status = 'cancelling' where id = ? and status in ('pending', 'running')",
  );
  const finish = db.prepare<[RunStatus, string | null, string | null, string | null, string | null, number, string]>(
    `update runs set status = ?, error = ?, error_info = ?, finish_reason = ?, usage = ?, ended_at_ms = ?
     where id = ? and status in ('pending', 'running', 'cancelling')`,
  );
  const markRolledBack = db.prepare<[string]>(
    "update runs set status = 'error', error = 'Rolled back by user', error_info = null where id = ?",
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
      return row === undefined ? null : fromJson<SessionStateBefore>(row.state_before);
    },
    byQueueId(sessionId: string, queueId: string): RunRecord | null {
      const row = byQueueId.get(sessionId, queueId);
      return row === undefined ? null : toRecord(row);
    },
    byIdempotencyKey(key: string): RunRecord | null {
      const row = byKey.get(key);
      return row === undefined ? null : toRecord(row);
    },
    /** Newest first. */
    list: (sessionId: string, limit: number): RunRecord[] => list.all(sessionId, limit).map(toRecord),
    unfinished: (): RunRecord[] => unfinished.all().map(toRecord),
    accepted(
      id: string,
      fields: { upstreamRunId: string | null; model: string | null; credentialId: string | null; atMs: number },
    ): void {
      accepted.run(fields.upstreamRunId, fields.model, fields.credentialId, fields.atMs, id);
    },
    cancelling: (id: string): void => void cancelling.run(id),
    /**
     * Ends a live run. A run that has already ended stays as it is: a late write of an older epoch changes nothing.
     *
     * @returns whether this call ended it.
     */
    finish(id: string, end: RunEnd): boolean {
      return (
        finish.run(end.status, end.error, toJson(end.errorInfo), end.finishReason, toJson(end.usage), end.endedAtMs, id)
          .changes > 0
      );
    },
    markRolledBack: (id: string): void => void markRolledBack.run(id),
  };
}
