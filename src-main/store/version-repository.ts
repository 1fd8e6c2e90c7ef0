import type { ConversationVersion } from '#contract/events';
import type { SqliteDatabase } from './database.ts';

interface VersionRow {
  id: string;
  session_id: string;
  anchor_run_id: string | null;
  replaced_by_run_id: string | null;
  preview: string;
  message_count: number;
  created_at_ms: number;
}

export type VersionRepository = ReturnType<typeof createVersionRepository>;

/** Turns that an edit or a regeneration replaced. Their rows carry the version's id. Writes belong inside a `Committer` entry. */
export function createVersionRepository(db: SqliteDatabase) {
  const insert = db.prepare<[VersionRow]>(`
    insert into message_versions (id, session_id, anchor_run_id, replaced_by_run_id, preview, message_count, created_at_ms)
    values (@id, @session_id, @anchor_run_id, @replaced_by_run_id, @preview, @message_count, @created_at_ms)`);
  const list = db.prepare<[string], VersionRow>(
    'select * from message_versions where session_id = ? order by created_at_ms, id',
  );
  const get = db.prepare<[string, string], VersionRow>(
    'select * from message_versions where id = ? and session_id = ?',
  );
  const byReplacement = db.prepare<[string], VersionRow>('select * from message_versions where replaced_by_run_id = ?');
  const remove = db.prepare<[string]>('delete from message_versions where id = ?');
  const moveAnchor = db.prepare<[string | null, string, string]>(
    'update message_versions set anchor_run_id = ? where session_id = ? and anchor_run_id = ?',
  );

  return {
    insert: (row: VersionRow): void => void insert.run(row),
    get: (sessionId: string, id: string): VersionRow | null => get.get(id, sessionId) ?? null,
    /** What a run took the place of; null when it took nobody's. */
    replacedBy: (runId: string): VersionRow | null => byReplacement.get(runId) ?? null,
    /** The run before a version is gone: it parts after the one before that. */
    moveAnchor: (sessionId: string, fromRunId: string, toRunId: string | null): void =>
      void moveAnchor.run(toRunId, sessionId, fromRunId),
    /** Forgets a version whose rows have been put back. */
    remove: (id: string): void => void remove.run(id),
    list: (sessionId: string): ConversationVersion[] =>
      list.all(sessionId).map((row) => ({
        version_id: row.id,
        anchor_run_id: row.anchor_run_id,
        preview: row.preview,
        message_count: row.message_count,
        created_at_ms: row.created_at_ms,
      })),
  };
}
