import type { SqliteDatabase } from './database.ts';

/** What somebody thinks of a run's answer. */
export interface FeedbackRow {
  id: string;
  sessionId: string;
  runId: string;
  userId: string;
  messageId: string | null;
  rating: 1 | -1;
  comment: string | null;
  createdAtMs: number;
  updatedAtMs: number;
}

/** A vote as it once was. */
export interface FeedbackChange {
  rating: 1 | -1;
  comment: string | null;
  messageId: string | null;
  atMs: number;
}

interface StoredRow {
  id: string;
  session_id: string;
  run_id: string;
  user_id: string;
  message_id: string | null;
  rating: 1 | -1;
  comment: string | null;
  created_at_ms: number;
  updated_at_ms: number;
}

function toRow(row: StoredRow): FeedbackRow {
  return {
    id: row.id,
    sessionId: row.session_id,
    runId: row.run_id,
    userId: row.user_id,
    messageId: row.message_id,
    rating: row.rating,
    comment: row.comment,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

export type FeedbackRepository = ReturnType<typeof createFeedbackRepository>;

/**
 * Feedback: one vote per run and user. `userId` is a user's id, or null for everybody's: the filter stands in the query, so
 * that rows of others are neither counted nor seen (E1-10). Writes belong inside a `Committer` entry.
 */
export function createFeedbackRepository(db: SqliteDatabase) {
  const upsert = db.prepare<[StoredRow], StoredRow>(`
    insert into feedback (id, session_id, run_id, user_id, message_id, rating, comment, created_at_ms, updated_at_ms)
    values (@id, @session_id, @run_id, @user_id, @message_id, @rating, @comment, @created_at_ms, @updated_at_ms)
    on conflict (session_id, run_id, user_id) do update set
      rating = excluded.rating, comment = excluded.comment, message_id = coalesce(excluded.message_id, message_id),
      updated_at_ms = excluded.updated_at_ms
    returning *`);
  const note = db.prepare<[string, string | null, number, string | null, number]>(
    'insert into feedback_changes (feedback_id, message_id, rating, comment, at_ms) values (?, ?, ?, ?, ?)',
  );
  const changes = db.prepare<
    [string, string | null, string | null],
    { rating: 1 | -1; comment: string | null; message_id: string | null; at_ms: number }
  >(`
    select c.rating, c.comment, c.message_id, c.at_ms from feedback_changes c join feedback f on f.id = c.feedback_id
    where f.id = ? and (? is null or f.user_id = ?) order by c.number`);
  const ofRun = db.prepare<[string, string, string | null, string | null, number, number], StoredRow>(`
    select * from feedback where session_id = ? and run_id = ? and (? is null or user_id = ?)
    order by created_at_ms, id limit ? offset ?`);
  const ofSession = db.prepare<[string, string | null, string | null], StoredRow>(
    'select * from feedback where session_id = ? and (? is null or user_id = ?)',
  );
  const stats = db.prepare<[string, string], { total: number; positive: number }>(
    'select count(*) as total, coalesce(sum(rating = 1), 0) as positive from feedback where session_id = ? and run_id = ?',
  );
  const removeOwn = db.prepare<[string, string, string]>(
    'delete from feedback where session_id = ? and run_id = ? and user_id = ?',
  );
  const removeOne = db.prepare<[string, string, string, string | null, string | null]>(
    'delete from feedback where id = ? and session_id = ? and run_id = ? and (? is null or user_id = ?)',
  );
  const removeOfRun = db.prepare<[string, string]>('delete from feedback where session_id = ? and run_id = ?');
  return {
    /** Stores a vote, or changes the one there is: its id and its first moment stay, and what it was is kept. */
    upsert(row: Omit<FeedbackRow, 'createdAtMs' | 'updatedAtMs'>, atMs: number): FeedbackRow {
      const stored = upsert.get({
        id: row.id,
        session_id: row.sessionId,
        run_id: row.runId,
        user_id: row.userId,
        message_id: row.messageId,
        rating: row.rating,
        comment: row.comment,
        created_at_ms: atMs,
        updated_at_ms: atMs,
      });
      if (stored === undefined) throw new Error('An upsert returned no row');
      note.run(stored.id, stored.message_id, stored.rating, stored.comment, atMs);
      return toRow(stored);
    },
    /** What a vote was from its beginning to now, oldest first. */
    changes: (id: string, userId: string | null): FeedbackChange[] =>
      changes.all(id, userId, userId).map(({ rating, comment, message_id, at_ms }) => ({
        rating,
        comment,
        messageId: message_id,
        atMs: at_ms,
      })),
    ofRun: (sessionId: string, runId: string, userId: string | null, limit = 100, offset = 0): FeedbackRow[] =>
      ofRun.all(sessionId, runId, userId, userId, limit, offset).map(toRow),
    /** The votes on a session's runs, by run. */
    byRun: (sessionId: string, userId: string | null): Map<string, FeedbackRow> =>
      new Map(ofSession.all(sessionId, userId, userId).map((row) => [row.run_id, toRow(row)])),
    stats(sessionId: string, runId: string): { total: number; positive: number; negative: number } {
      const { total, positive } = stats.get(sessionId, runId) ?? { total: 0, positive: 0 };
      return { total, positive, negative: total - positive };
    },
    removeOwn: (sessionId: string, runId: string, userId: string): boolean =>
      removeOwn.run(sessionId, runId, userId).changes > 0,
    /** Everybody's votes on a run that is forgotten. */
    removeOfRun: (sessionId: string, runId: string): void => void removeOfRun.run(sessionId, runId),
    /** Removes one by its id; one of another run, thread or user is not there. */
    remove: (id: string, sessionId: string, runId: string, userId: string | null): boolean =>
      removeOne.run(id, sessionId, runId, userId, userId).changes > 0,
  };
}
