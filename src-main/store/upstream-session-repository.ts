import type { UpstreamLeftover } from '#contract/records';
import type { SqliteDatabase } from './database.ts';

interface UpstreamSessionRow {
  upstream_session_id: string;
  profile: string;
  status: 'pending' | 'dead';
  attempts: number;
  last_error: string | null;
  next_attempt_at_ms: number;
  created_at_ms: number;
}

function toLeftover(row: UpstreamSessionRow): UpstreamLeftover {
  return {
    profile: row.profile,
    upstreamSessionId: row.upstream_session_id,
    status: row.status,
    attempts: row.attempts,
    lastError: row.last_error,
    createdAtMs: row.created_at_ms,
  };
}

export type UpstreamSessionRepository = ReturnType<typeof createUpstreamSessionRepository>;

/** Throw-away sessions that runs left at their upstreams (E8-29). Writes belong inside a `Committer` entry. */
export function createUpstreamSessionRepository(db: SqliteDatabase) {
  const insert = db.prepare<[string, string, string, number, number]>(`
    insert or ignore into upstream_sessions (upstream_session_id, run_id, profile, next_attempt_at_ms, created_at_ms)
    values (?, ?, ?, ?, ?)`);
  // A session is removed at its upstream only after everything of its run is stored here (BUG-A6).
  const due = db.prepare<[number, number], UpstreamSessionRow>(`
    select * from upstream_sessions u
    where status = 'pending' and next_attempt_at_ms <= ?
      and not exists (select 1 from runs r where r.id = u.run_id and r.ended_at_ms is null)
      and not exists (select 1 from upstream_follow_ups f where f.run_id = u.run_id)
    order by next_attempt_at_ms limit ?`);
  const remove = db.prepare<[string]>('delete from upstream_sessions where upstream_session_id = ?');
  const failed = db.prepare<[string, number, number, string]>(`
    update upstream_sessions set attempts = attempts + 1, last_error = ?, next_attempt_at_ms = ?,
      status = case when attempts + 1 >= ? then 'dead' else 'pending' end
    where upstream_session_id = ?`);
  const list = db.prepare<[], UpstreamSessionRow>('select * from upstream_sessions order by created_at_ms limit 1000');
  return {
    add: (item: { id: string; runId: string; profile: string; atMs: number }): void =>
      void insert.run(item.id, item.runId, item.profile, item.atMs, item.atMs),
    /** Those whose turn has come, longest due first. */
    due: (nowMs: number, limit: number): UpstreamLeftover[] => due.all(nowMs, limit).map(toLeftover),
    remove: (id: string): void => void remove.run(id),
    /** Counts a try that failed; the last one of `most` makes it dead. */
    failed: (id: string, error: string, nextAttemptAtMs: number, most: number): void =>
      void failed.run(error, nextAttemptAtMs, most, id),
    list: (): UpstreamLeftover[] => list.all().map(toLeftover),
  };
}
