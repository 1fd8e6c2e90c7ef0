import type { SqliteDatabase } from './database.ts';

/** A message that went into a running answer instead of beginning a run of its own. */
export interface SteeredMessage {
  sessionId: string;
  queueId: string;
  idempotencyKey: string | null;
  runId: string;
}

interface SteeredRow {
  session_id: string;
  queue_id: string;
  idempotency_key: string | null;
  run_id: string;
}

export type SteerRepository = ReturnType<typeof createSteerRepository>;

/** Names of messages that went into answers. Writes belong inside a `Committer` entry. */
export function createSteerRepository(db: SqliteDatabase) {
  const insert = db.prepare<[SteeredRow]>(`
    insert or ignore into steered_messages (session_id, queue_id, idempotency_key, run_id)
    values (@session_id, @queue_id, @idempotency_key, @run_id)`);
  const byQueueId = db.prepare<[string, string], SteeredRow>(
    'select * from steered_messages where session_id = ? and queue_id = ?',
  );
  const byKey = db.prepare<[string], SteeredRow>('select * from steered_messages where idempotency_key = ?');
  return {
    add: (item: SteeredMessage): void =>
      void insert.run({
        session_id: item.sessionId,
        queue_id: item.queueId,
        idempotency_key: item.idempotencyKey,
        run_id: item.runId,
      }),
    /** The message of that queue id in the session, or of that key anywhere. */
    find(sessionId: string, queueId: string, key: string | null): SteeredMessage | null {
      const row = byQueueId.get(sessionId, queueId) ?? (key === null ? undefined : byKey.get(key));
      if (row === undefined) return null;
      return {
        sessionId: row.session_id,
        queueId: row.queue_id,
        idempotencyKey: row.idempotency_key,
        runId: row.run_id,
      };
    },
  };
}
