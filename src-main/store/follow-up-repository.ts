import type { SqliteDatabase } from './database.ts';

/** A run that was let go of before its upstream had said how it ended. */
export interface FollowUp {
  runId: string;
  sessionId: string;
  profile: string;
  upstreamRunId: string;
  giveUpAtMs: number;
}

interface FollowUpRow {
  run_id: string;
  session_id: string;
  profile: string;
  upstream_run_id: string;
  give_up_at_ms: number;
}

export type FollowUpRepository = ReturnType<typeof createFollowUpRepository>;

/** What is still to be asked of upstreams. Writes belong inside a `Committer` entry. */
export function createFollowUpRepository(db: SqliteDatabase) {
  const insert = db.prepare<[FollowUpRow]>(`
    insert or ignore into upstream_follow_ups (run_id, session_id, profile, upstream_run_id, give_up_at_ms)
    values (@run_id, @session_id, @profile, @upstream_run_id, @give_up_at_ms)`);
  const list = db.prepare<[], FollowUpRow>('select * from upstream_follow_ups order by give_up_at_ms');
  const remove = db.prepare<[string]>('delete from upstream_follow_ups where run_id = ?');
  return {
    add: (item: FollowUp): void =>
      void insert.run({
        run_id: item.runId,
        session_id: item.sessionId,
        profile: item.profile,
        upstream_run_id: item.upstreamRunId,
        give_up_at_ms: item.giveUpAtMs,
      }),
    list: (): FollowUp[] =>
      list.all().map((row) => ({
        runId: row.run_id,
        sessionId: row.session_id,
        profile: row.profile,
        upstreamRunId: row.upstream_run_id,
        giveUpAtMs: row.give_up_at_ms,
      })),
    remove: (runId: string): void => void remove.run(runId),
  };
}
