import type { RunInput } from '#contract/message';
import type { SqliteDatabase } from './database.ts';
import type { RunOptions } from './run-repository.ts';

export interface QueuedRun {
  queueId: string;
  sessionId: string;
  runId: string;
  position: number;
  /** Goes out even while the queue is paused: a person asked for it by name. */
  sendNow: boolean;
  input: RunInput;
  options: RunOptions;
  idempotencyKey: string | null;
  createdAtMs: number;
}

interface QueueRow {
  queue_id: string;
  session_id: string;
  run_id: string;
  position: number;
  send_now: number;
  input: string;
  options: string;
  idempotency_key: string | null;
  created_at_ms: number;
}

function toQueuedRun(row: QueueRow): QueuedRun {
  return {
    queueId: row.queue_id,
    sessionId: row.session_id,
    runId: row.run_id,
    position: row.position,
    sendNow: row.send_now === 1,
    input: JSON.parse(row.input) as RunInput,
    options: JSON.parse(row.options) as RunOptions,
    idempotencyKey: row.idempotency_key,
    createdAtMs: row.created_at_ms,
  };
}

export type QueueRepository = ReturnType<typeof createQueueRepository>;

/** Messages that wait for their turn. Writes belong inside a `Committer` entry. */
export function createQueueRepository(db: SqliteDatabase) {
  const insert = db.prepare<[QueueRow]>(`
    insert into queued_runs (queue_id, session_id, run_id, position, send_now, input, options, idempotency_key, created_at_ms)
    values (@queue_id, @session_id, @run_id, @position, @send_now, @input, @options, @idempotency_key, @created_at_ms)`);
  const list = db.prepare<[string], QueueRow>(
    'select * from queued_runs where session_id = ? order by position, created_at_ms, queue_id',
  );
  const get = db.prepare<[string, string], QueueRow>('select * from queued_runs where session_id = ? and queue_id = ?');
  const byKey = db.prepare<[string], QueueRow>('select * from queued_runs where idempotency_key = ?');
  const byRun = db.prepare<[string], QueueRow>('select * from queued_runs where run_id = ?');
  const count = db.prepare<[string], number>('select count(*) from queued_runs where session_id = ?').pluck();
  const lastPosition = db
    .prepare<[string], number>('select coalesce(max(position), 0) from queued_runs where session_id = ?')
    .pluck();
  const firstPosition = db
    .prepare<[string], number>('select coalesce(min(position), 1) from queued_runs where session_id = ?')
    .pluck();
  const remove = db.prepare<[string, string]>('delete from queued_runs where session_id = ? and queue_id = ?');
  const edit = db.prepare<[string, string, string]>(
    'update queued_runs set input = ? where session_id = ? and queue_id = ?',
  );
  const place = db.prepare<[number, number, string, string]>(
    'update queued_runs set position = ?, send_now = ? where session_id = ? and queue_id = ?',
  );

  const forget = db.prepare<[string]>(
    "update queued_runs set send_now = 0, options = json_remove(options, '$.replaces') where session_id = ?",
  );

  return {
    /** Adds an item at the end, or before all others. */
    insert(item: Omit<QueuedRun, 'position'>, where: 'end' | 'front'): void {
      const position =
        where === 'end' ? (lastPosition.get(item.sessionId) ?? 0) + 1 : (firstPosition.get(item.sessionId) ?? 1) - 1;
      insert.run({
        queue_id: item.queueId,
        session_id: item.sessionId,
        run_id: item.runId,
        position,
        send_now: item.sendNow ? 1 : 0,
        input: JSON.stringify(item.input),
        options: JSON.stringify(item.options),
        idempotency_key: item.idempotencyKey,
        created_at_ms: item.createdAtMs,
      });
    },
    list: (sessionId: string): QueuedRun[] => list.all(sessionId).map(toQueuedRun),
    get(sessionId: string, queueId: string): QueuedRun | null {
      const row = get.get(sessionId, queueId);
      return row === undefined ? null : toQueuedRun(row);
    },
    byIdempotencyKey(key: string): QueuedRun | null {
      const row = byKey.get(key);
      return row === undefined ? null : toQueuedRun(row);
    },
    byRunId(runId: string): QueuedRun | null {
      const row = byRun.get(runId);
      return row === undefined ? null : toQueuedRun(row);
    },
    count: (sessionId: string): number => count.get(sessionId) ?? 0,
    remove: (sessionId: string, queueId: string): boolean => remove.run(sessionId, queueId).changes > 0,
    edit: (sessionId: string, queueId: string, input: RunInput): boolean =>
      edit.run(JSON.stringify(input), sessionId, queueId).changes > 0,
    /** Moves an item to a place counted from 0. Returns false for an unknown item. */
    move(sessionId: string, queueId: string, to: number): boolean {
      const items = list.all(sessionId);
      const from = items.findIndex((item) => item.queue_id === queueId);
      const [item] = from < 0 ? [] : items.splice(from, 1);
      if (item === undefined) return false;
      items.splice(Math.min(to, items.length), 0, item);
      for (const [position, row] of items.entries()) place.run(position + 1, row.send_now, sessionId, row.queue_id);
      return true;
    },
    /**
     * After a restart nothing passes the pause any more, and nothing replaces a message: the conversation may go on before
     * the queue does, and would lose what came since.
     */
    forgetSendNow: (sessionId: string): void => void forget.run(sessionId),
    /** Puts an item first and lets it pass a pause. */
    sendNow(sessionId: string, queueId: string): boolean {
      const position = (firstPosition.get(sessionId) ?? 1) - 1;
      return place.run(position, 1, sessionId, queueId).changes > 0;
    },
  };
}
