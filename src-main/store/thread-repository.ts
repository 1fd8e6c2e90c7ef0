import type { SqliteDatabase } from './database.ts';
import type { SessionRow } from './session-repository.ts';

/** How programs see a conversation's state. `busy`: a run is live, or waits in a queue that moves. */
export type ThreadStatus = 'idle' | 'busy' | 'interrupted' | 'error';

/** A conversation as programs see it. */
export interface ThreadRow {
  session: SessionRow;
  metadata: Record<string, unknown>;
  status: ThreadStatus;
}

export interface ThreadQuery {
  /** Every leaf has to be there with the same value; other keys do not matter. */
  metadata?: Record<string, unknown>;
  ids?: readonly string[];
  status?: ThreadStatus;
  sortBy?: 'thread_id' | 'status' | 'created_at' | 'updated_at';
  sortOrder?: 'asc' | 'desc';
  limit: number;
  offset: number;
}

type StoredRow = SessionRow & { metadata: string | null; thread_status: ThreadStatus };

const STATUS = `case
  when exists (select 1 from runs r where r.session_id = s.id and r.status in ('pending', 'running', 'cancelling')) then 'busy'
  when s.queue_paused is null and exists (select 1 from queued_runs q where q.session_id = s.id) then 'busy'
  when s.last_status in ('error', 'timeout') then 'error'
  when s.last_status in ('interrupted', 'cancelled') then 'interrupted'
  else 'idle' end`;

// A conversation that is still being put together has 0 here and is nobody's business yet.
const FROM = `
  select s.*, m.metadata as metadata, ${STATUS} as thread_status
  from sessions s left join thread_metadata m on m.session_id = s.id
  where s.archived_at_ms is not 0`;

const SORT_COLUMNS = {
  thread_id: 'id',
  status: 'thread_status',
  created_at: 'created_at_ms',
  updated_at: 'updated_at_ms',
} as const;

interface Leaf {
  path: string;
  /** JSON text, so that `true` is not 1 and "1" is not 1. */
  value: string;
}

/**
 * The leaves of a filter, each with its JSON path. Lists are compared whole.
 *
 * @returns null for a key that no path can name.
 */
function metadataLeaves(filter: Record<string, unknown>, path = '$'): Leaf[] | null {
  const leaves: Leaf[] = [];
  for (const [key, value] of Object.entries(filter)) {
    if (key.includes('"')) return null;
    const at = `${path}."${key}"`;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const inner = isObject
      ? metadataLeaves(value as Record<string, unknown>, at)
      : [{ path: at, value: JSON.stringify(value) }];
    if (inner === null) return null;
    leaves.push(...inner);
  }
  return leaves;
}

/** The conditions of a query and the values for their places, in order. */
function conditions(query: Omit<ThreadQuery, 'limit' | 'offset'>): { where: string; values: unknown[] } {
  const where: string[] = [];
  const values: unknown[] = [];
  for (const leaf of metadataLeaves(query.metadata ?? {}) ?? []) {
    where.push('metadata -> ? = json(?)');
    values.push(leaf.path, leaf.value);
  }
  if (query.ids !== undefined) {
    where.push('id in (select value from json_each(?))');
    values.push(JSON.stringify(query.ids));
  }
  if (query.status !== undefined) {
    where.push('thread_status = ?');
    values.push(query.status);
  }
  return { where: where.length === 0 ? '' : ` where ${where.join(' and ')}`, values };
}

export type ThreadRepository = ReturnType<typeof createThreadRepository>;

/** Conversations with what programs keep beside them. Writes belong inside a `Committer` entry. */
export function createThreadRepository(db: SqliteDatabase) {
  const one = db.prepare<[string], StoredRow>(`${FROM} and s.id = ?`);
  const put = db.prepare<[string, string]>(
    'insert into thread_metadata (session_id, metadata) values (?, ?) on conflict (session_id) do update set metadata = excluded.metadata',
  );
  const toThread = ({ metadata, thread_status, ...session }: StoredRow): ThreadRow => ({
    session,
    metadata: metadata === null ? {} : (JSON.parse(metadata) as Record<string, unknown>),
    status: thread_status,
  });
  return {
    get(sessionId: string): ThreadRow | null {
      const row = one.get(sessionId);
      return row === undefined ? null : toThread(row);
    },
    setMetadata: (sessionId: string, metadata: Record<string, unknown>): void =>
      void put.run(sessionId, JSON.stringify(metadata)),
    /** Every filter stands before the limit. Newest change first, where nothing else is asked. */
    search(query: ThreadQuery): ThreadRow[] {
      const { where, values } = conditions(query);
      const column = SORT_COLUMNS[query.sortBy ?? 'updated_at'];
      const order = query.sortOrder === 'asc' ? 'asc' : 'desc';
      const sql = `select * from (${FROM})${where} order by ${column} ${order}, id ${order} limit ? offset ?`;
      return db
        .prepare<unknown[], StoredRow>(sql)
        .all(...values, query.limit, query.offset)
        .map(toThread);
    },
    count(query: Omit<ThreadQuery, 'limit' | 'offset'>): number {
      const { where, values } = conditions(query);
      return (
        db
          .prepare<unknown[], number>(`select count(*) from (${FROM})${where}`)
          .pluck()
          .get(...values) ?? 0
      );
    },
  };
}
