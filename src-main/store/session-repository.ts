import type { QueuePauseReason } from '#contract/events';
import type { RunStatus } from '#contract/records';
import type { SqliteDatabase } from './database.ts';

export interface SessionRow {
  id: string;
  title: string;
  title_source: 'auto' | 'user';
  profile: string | null;
  model: string | null;
  workspace: string | null;
  preview: string;
  message_count: number;
  last_seq: number;
  last_status: RunStatus | null;
  queue_paused: QueuePauseReason | null;
  pinned: number;
  /** JSON: texts. */
  tags: string;
  archived_at_ms: number | null;
  instructions: string | null;
  /** JSON: `ModelParameters`. */
  parameters: string;
  forked_from_session_id: string | null;
  compression_failed_at_ms: number | null;
  created_at_ms: number;
  updated_at_ms: number;
}

/** What a rollback puts back. Kept on the run's row from before it changed anything. */
export interface SessionStateBefore {
  title: string;
  title_source: 'auto' | 'user';
  preview: string;
  message_count: number;
  last_status: RunStatus | null;
  updated_at_ms: number;
  /** The place of the newest summary; absent in runs of older versions. */
  newest_compaction?: number;
}

type NewSessionRow = Omit<
  SessionRow,
  | 'message_count'
  | 'last_seq'
  | 'last_status'
  | 'queue_paused'
  | 'pinned'
  | 'tags'
  | 'archived_at_ms'
  | 'compression_failed_at_ms'
>;

/** What a person can change of a session. */
export type SessionChange = Pick<
  SessionRow,
  'pinned' | 'tags' | 'archived_at_ms' | 'profile' | 'model' | 'workspace' | 'instructions' | 'parameters'
>;

export type SessionRepository = ReturnType<typeof createSessionRepository>;

/** Conversations. Writes belong inside a `Committer` entry. */
export function createSessionRepository(db: SqliteDatabase) {
  const insert = db.prepare<[NewSessionRow]>(`
    insert into sessions (id, title, title_source, profile, model, workspace, instructions, parameters,
      forked_from_session_id, preview, created_at_ms, updated_at_ms)
    values (@id, @title, @title_source, @profile, @model, @workspace, @instructions, @parameters,
      @forked_from_session_id, @preview, @created_at_ms, @updated_at_ms)`);
  const get = db.prepare<[string], SessionRow>('select * from sessions where id = ?');
  const list = db.prepare<[number, number], SessionRow>(
    'select * from sessions where archived_at_ms is null order by pinned desc, updated_at_ms desc, id desc limit ? offset ?',
  );
  const total = db.prepare<[], number>('select count(*) from sessions where archived_at_ms is null').pluck();
  const archived = db.prepare<[number, number], SessionRow>(
    'select * from sessions where archived_at_ms > 0 order by archived_at_ms desc, id desc limit ? offset ?',
  );
  const totalArchived = db.prepare<[], number>('select count(*) from sessions where archived_at_ms > 0').pluck();
  const change = db.prepare<[SessionChange & { id: string }]>(`
    update sessions set pinned = @pinned, tags = @tags, archived_at_ms = @archived_at_ms, profile = @profile, model = @model,
      workspace = @workspace, instructions = @instructions, parameters = @parameters where id = @id`);
  // A conversation that is still being put together: in neither list, and gone when that does not end.
  const hide = db.prepare<[string]>('update sessions set archived_at_ms = 0 where id = ?');
  const show = db.prepare<[string]>('update sessions set archived_at_ms = null where id = ? and archived_at_ms = 0');
  const compressionFailed = db.prepare<[number | null, string]>(
    'update sessions set compression_failed_at_ms = ? where id = ?',
  );
  const hidden = db.prepare<[], string>('select id from sessions where archived_at_ms = 0').pluck();
  const count = db.prepare<[number, string]>('update sessions set message_count = ? where id = ?');
  const rename = db.prepare<[string, number, string]>(
    "update sessions set title = ?, title_source = 'user', updated_at_ms = ? where id = ?",
  );
  const firstTitle = db.prepare<[string, string, string]>(
    "update sessions set title = case when title_source = 'auto' and message_count = 0 then ? else title end, preview = case when preview = '' then ? else preview end where id = ?",
  );
  const remove = db.prepare<[string]>('delete from sessions where id = ?');
  const takeSeqs = db
    .prepare<[number, string], number>('update sessions set last_seq = last_seq + ? where id = ? returning last_seq')
    .pluck();
  const lastSeq = db.prepare<[string], number>('select last_seq from sessions where id = ?').pluck();
  const paused = db.prepare<[QueuePauseReason], string>('select id from sessions where queue_paused = ?').pluck();
  const pauseQueue = db.prepare<[QueuePauseReason | null, string]>('update sessions set queue_paused = ? where id = ?');
  const touch = db.prepare<[number, number, RunStatus | null, string]>(
    'update sessions set message_count = message_count + ?, updated_at_ms = ?, last_status = ? where id = ?',
  );
  const restore = db.prepare<[SessionStateBefore & { id: string }]>(`
    update sessions set title = case title_source when 'user' then title else @title end, preview = @preview, message_count = @message_count,
      last_status = @last_status, updated_at_ms = @updated_at_ms where id = @id`);
  const allIds = db.prepare<[], string>('select id from sessions').pluck();
  const tagCounts = db.prepare<[], { tag: string; count: number }>(
    `select t.value as tag, count(*) as count from sessions s, json_each(s.tags) t
     where s.archived_at_ms is not 0 group by t.value order by t.value`,
  );
  const withTag = db.prepare<[string], { id: string; tags: string }>(
    'select id, tags from sessions where exists (select 1 from json_each(sessions.tags) where value = ?)',
  );
  const setTags = db.prepare<[string, string]>('update sessions set tags = ? where id = ?');
  const withQueue = db.prepare<[], string>('select distinct session_id from queued_runs').pluck();

  return {
    insert: (
      row: Omit<NewSessionRow, 'instructions' | 'parameters' | 'forked_from_session_id' | 'preview'> &
        Partial<NewSessionRow>,
    ): void =>
      void insert.run({ instructions: null, parameters: '{}', forked_from_session_id: null, preview: '', ...row }),
    get: (id: string): SessionRow | null => get.get(id) ?? null,
    /** Pinned ones first, then the newest; or the archive, newest first. */
    list: (limit: number, offset: number, isArchive = false): SessionRow[] =>
      (isArchive ? archived : list).all(limit, offset),
    total: (isArchive = false): number => (isArchive ? totalArchived : total).get() ?? 0,
    /** Changes what a person chose for a session. @returns false when it does not exist. */
    change(id: string, fields: Partial<SessionChange>): boolean {
      const row = get.get(id);
      if (row === undefined) return false;
      const { pinned, tags, archived_at_ms, profile, model, workspace, instructions, parameters } = {
        ...row,
        ...fields,
      };
      const changed = { id, pinned, tags, archived_at_ms, profile, model, workspace, instructions, parameters };
      return change.run(changed).changes > 0;
    },
    /** When summarising failed last; null once it succeeded. */
    setCompressionFailed: (id: string, atMs: number | null): void => void compressionFailed.run(atMs, id),
    hide: (id: string): void => void hide.run(id),
    show: (id: string): void => void show.run(id),
    hidden: (): string[] => hidden.all(),
    setMessageCount: (id: string, messages: number): void => void count.run(messages, id),
    /** True when the session exists. */
    rename: (id: string, title: string, nowMs: number): boolean => rename.run(title, nowMs, id).changes > 0,
    /** Gives a session its first title and preview; a title that a person chose stays. */
    nameFromFirst: (id: string, title: string, preview: string): void => void firstTitle.run(title, preview, id),
    remove: (id: string): boolean => remove.run(id).changes > 0,
    /** Reserves `count` sequence numbers and returns the first. Rolls back with its transaction. */
    takeSeqs(id: string, count: number): number {
      const last = takeSeqs.get(count, id);
      if (last === undefined) throw new Error(`No session ${id} to take sequence numbers from`);
      return last - count + 1;
    },
    lastSeq: (id: string): number => lastSeq.get(id) ?? 0,
    /** Sessions whose queue stands still for this reason. */
    withQueuePaused: (reason: QueuePauseReason): string[] => paused.all(reason),
    setQueuePaused: (id: string, reason: QueuePauseReason | null): void => void pauseQueue.run(reason, id),
    touch(id: string, change: { messages: number; atMs: number; lastStatus: RunStatus | null }): void {
      touch.run(change.messages, change.atMs, change.lastStatus, id);
    },
    /** Puts back what a run had changed. A name that a person gave stays, whenever it was given. */
    restore: (id: string, before: SessionStateBefore): void => void restore.run({ ...before, id }),
    /** Every tag that is in use, archived conversations included, and how many have it. */
    tagCounts: (): { tag: string; count: number }[] => tagCounts.all(),
    /** Changes the tags of every conversation that has this one. @returns their ids. */
    retag: (tag: string, next: (tags: readonly string[]) => readonly string[]): string[] =>
      withTag.all(tag).map(({ id, tags }) => {
        setTags.run(JSON.stringify(next(JSON.parse(tags) as string[])), id);
        return id;
      }),
    /** Every conversation, in whichever list. */
    allIds: (): string[] => allIds.all(),
    withQueue: (): string[] => withQueue.all(),
  };
}
