import type { ContentBlock, Message, MessageRole, ToolCall, ToolState } from '#contract/message';
import type { SqliteDatabase } from './database.ts';
import { fromJson, toJson } from './json-column.ts';
import { indexText } from './search-terms.ts';

interface MessageRow {
  number: number;
  id: string;
  session_id: string;
  run_id: string | null;
  position: number;
  role: MessageRole;
  content: string;
  content_blocks: string | null;
  reasoning: string | null;
  reasoning_ms: number | null;
  tool_calls: string | null;
  tool_call_id: string | null;
  tool_name: string | null;
  tool_arguments: string | null;
  tool_preview: string | null;
  tool_state: ToolState | null;
  tool_duration: number | null;
  finish_reason: string | null;
  status: 'final' | 'aborted' | 'error';
  pinned: number;
  token_count: number | null;
  created_at_ms: number;
}

/** One damaged column costs that column, never the row and never the page; the row says so (E6-06). */
function readJson<T>(text: string | null, damage: { found: boolean }): T | null {
  try {
    return fromJson<T>(text);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    damage.found = true;
    return null;
  }
}

export function toMessage(row: MessageRow): Message {
  const damage = { found: false };
  const message: Message = {
    id: row.id,
    session_id: row.session_id,
    run_id: row.run_id,
    role: row.role,
    content: row.content,
    content_blocks: readJson<ContentBlock[]>(row.content_blocks, damage),
    reasoning: row.reasoning,
    reasoning_ms: row.reasoning_ms,
    tool_calls: readJson<ToolCall[]>(row.tool_calls, damage),
    tool_call_id: row.tool_call_id,
    tool_name: row.tool_name,
    tool_arguments: row.tool_arguments,
    tool_preview: row.tool_preview,
    tool_state: row.tool_state,
    tool_duration: row.tool_duration,
    finish_reason: row.finish_reason,
    status: row.status,
    created_at_ms: row.created_at_ms,
    timestamp: row.created_at_ms / 1000,
  };
  return {
    ...message,
    ...(damage.found ? { damaged: true as const } : {}),
    ...(row.pinned === 1 ? { pinned: true as const } : {}),
  };
}

const COLUMNS = `number, id, session_id, run_id, position, role, content, content_blocks, reasoning, reasoning_ms,
  tool_calls, tool_call_id, tool_name, tool_arguments, tool_preview, tool_state, tool_duration, finish_reason, status,
  pinned, token_count, created_at_ms`;

export type MessageRepository = ReturnType<typeof createMessageRepository>;

/** Rows of transcripts. Writes belong inside a `Committer` entry. */
export function createMessageRepository(db: SqliteDatabase) {
  const insert = db.prepare<[Omit<MessageRow, 'number' | 'pinned' | 'token_count'> & { pinned: number }]>(`
    insert into messages (id, session_id, run_id, position, role, content, content_blocks, reasoning, reasoning_ms,
      tool_calls, tool_call_id, tool_name, tool_arguments, tool_preview, tool_state, tool_duration, finish_reason, status,
      pinned, created_at_ms)
    values (@id, @session_id, @run_id, @position, @role, @content, @content_blocks, @reasoning, @reasoning_ms,
      @tool_calls, @tool_call_id, @tool_name, @tool_arguments, @tool_preview, @tool_state, @tool_duration,
      @finish_reason, @status, @pinned, @created_at_ms)`);
  const index = db.prepare<[number | bigint, string]>('insert into messages_fts (rowid, body) values (?, ?)');
  const unindexRun = db.prepare<[string]>(
    'delete from messages_fts where rowid in (select number from messages where run_id = ?)',
  );
  const unindexSession = db.prepare<[string]>(
    'delete from messages_fts where rowid in (select number from messages where session_id = ?)',
  );
  const nextPosition = db
    .prepare<[string], number>('select coalesce(max(position), 0) + 1 from messages where session_id = ?')
    .pluck();
  const newest = db.prepare<[string, number], MessageRow>(
    `select ${COLUMNS} from messages where session_id = ? and version_id is null order by position desc limit ?`,
  );
  const before = db.prepare<[string, string, string, number], MessageRow>(
    `select ${COLUMNS} from messages
     where session_id = ? and version_id is null and position < (select position from messages where id = ? and session_id = ?)
     order by position desc limit ?`,
  );
  const ofRun = db.prepare<[string], MessageRow>(`select ${COLUMNS} from messages where run_id = ? order by position`);
  const all = db.prepare<[string], MessageRow>(
    `select ${COLUMNS} from messages where session_id = ? and version_id is null order by position`,
  );
  const count = db
    .prepare<[string], number>('select count(*) from messages where session_id = ? and version_id is null')
    .pluck();
  const newestRun = db
    .prepare<[string], string | null>(
      'select run_id from messages where session_id = ? and version_id is null order by position desc limit 1',
    )
    .pluck();
  const shownFrom = db.prepare<[string, string], { id: string; run_id: string | null; content: string }>(`
    select id, run_id, content from messages
    where session_id = ? and version_id is null and position >= (select position from messages where id = ?)
    order by position`);
  const setAside = db.prepare<[string, string, string]>(`
    update messages set version_id = ?
    where session_id = ? and version_id is null and position >= (select position from messages where id = ?)`);
  const putBack = db.prepare<[string]>('update messages set version_id = null where version_id = ?');
  const runBefore = db
    .prepare<[string, string], string | null>(`
      select run_id from messages
      where session_id = ? and version_id is null and position < (select position from messages where id = ?)
      order by position desc limit 1`)
    .pluck();
  const firstShownAfterRun = db
    .prepare<[string, string], string>(`
      select id from messages
      where session_id = ? and version_id is null and position > (select max(position) from messages where run_id = ?)
      order by position limit 1`)
    .pluck();
  const firstShown = db
    .prepare<[string], string>(
      'select id from messages where session_id = ? and version_id is null order by position limit 1',
    )
    .pluck();
  const one = db.prepare<[string, string], MessageRow & { version_id: string | null }>(
    `select ${COLUMNS}, version_id from messages where id = ? and session_id = ?`,
  );
  const setPinned = db.prepare<[number, string, string]>(
    'update messages set pinned = ? where id = ? and session_id = ?',
  );
  const uncounted = db.prepare<[string, number], MessageRow>(
    `select ${COLUMNS} from messages
     where session_id = ? and version_id is null and token_count is null order by position limit ?`,
  );
  const counts = db.prepare<[string], { id: string; token_count: number | null }>(
    'select id, token_count from messages where session_id = ? and version_id is null',
  );
  const countOf = db.prepare<[string], number | null>('select token_count from messages where id = ?').pluck();
  const after = db.prepare<[string, string, string], MessageRow>(
    `select ${COLUMNS} from messages
     where session_id = ? and version_id is null and position > (select position from messages where id = ? and session_id = ?)
     order by position`,
  );
  const setCount = db.prepare<[number, string]>('update messages set token_count = ? where id = ?');
  const setContent = db.prepare<[string, string]>('update messages set content = ?, token_count = null where id = ?');
  const unindex = db.prepare<[number]>('delete from messages_fts where rowid = ?');
  const removeRun = db.prepare<[string]>('delete from messages where run_id = ?');
  const removeOne = db.prepare<[string, string]>('delete from messages where id = ? and session_id = ?');
  let rewrites = 0;
  let removals = 0;

  return {
    /** Appends rows in order and indexes their text. */
    append(sessionId: string, messages: readonly Message[]): void {
      let position = nextPosition.get(sessionId) ?? 1;
      for (const message of messages) {
        const { lastInsertRowid } = insert.run({
          id: message.id,
          session_id: sessionId,
          run_id: message.run_id,
          position: position++,
          role: message.role,
          content: message.content,
          content_blocks: toJson(message.content_blocks),
          reasoning: message.reasoning,
          reasoning_ms: message.reasoning_ms,
          tool_calls: toJson(message.tool_calls),
          tool_call_id: message.tool_call_id,
          tool_name: message.tool_name,
          tool_arguments: message.tool_arguments,
          tool_preview: message.tool_preview,
          tool_state: message.tool_state,
          tool_duration: message.tool_duration,
          finish_reason: message.finish_reason,
          status: message.status === 'open' ? 'final' : message.status,
          pinned: message.pinned === true ? 1 : 0,
          created_at_ms: message.created_at_ms,
        });
        if (message.content !== '') index.run(lastInsertRowid, indexText(message.content));
      }
    },
    /** The newest `limit` rows in ascending order, and whether older ones exist. */
    page(sessionId: string, limit: number, beforeId?: string): { messages: Message[]; hasMoreBefore: boolean } {
      const rows =
        beforeId === undefined
          ? newest.all(sessionId, limit + 1)
          : before.all(sessionId, beforeId, sessionId, limit + 1);
      const hasMoreBefore = rows.length > limit;
      return { messages: rows.slice(0, limit).reverse().map(toMessage), hasMoreBefore };
    },
    ofRun: (runId: string): Message[] => ofRun.all(runId).map(toMessage),
    all: (sessionId: string): Message[] => all.all(sessionId).map(toMessage),
    /** The run that the transcript ends with. Runs that never began have no rows and are no candidates. */
    newestRunId: (sessionId: string): string | null => newestRun.get(sessionId) ?? null,
    /** A message that is shown now; null for one that is set aside, of another session, or unknown. */
    shown(sessionId: string, id: string): Message | null {
      const row = one.get(id, sessionId);
      return row === undefined || row.version_id !== null ? null : toMessage(row);
    },
    /** The shown rows from one on, in order. */
    shownFrom: (sessionId: string, id: string): { id: string; run_id: string | null; content: string }[] =>
      shownFrom.all(sessionId, id),
    /** The run of the row before this one; null at the beginning. */
    runBefore: (sessionId: string, id: string): string | null => runBefore.get(sessionId, id) ?? null,
    /** The first shown row after a run, or of the conversation for null. */
    firstAfterRun: (sessionId: string, runId: string | null): string | null =>
      (runId === null ? firstShown.get(sessionId) : firstShownAfterRun.get(sessionId, runId)) ?? null,
    /** Takes the shown rows from one on out of the conversation and keeps them as a version. */
    setAside(sessionId: string, fromId: string, versionId: string): void {
      rewrites++;
      setAside.run(versionId, sessionId, fromId);
    },
    putBack(versionId: string): void {
      rewrites++;
      putBack.run(versionId);
    },
    setPinned(sessionId: string, id: string, pinned: boolean): boolean {
      rewrites++;
      return setPinned.run(Number(pinned), id, sessionId).changes > 0;
    },
    /**
     * Changes whenever anything but an addition was done to stored rows, in any conversation. As long as it stays, what
     * was known of rows holds.
     */
    rewrites: (): number => rewrites,
    /** Changes whenever the index was told to forget rows, in any conversation. */
    removals: (): number => removals,
    /** The shown rows after one, in order. */
    after: (sessionId: string, id: string): Message[] => after.all(sessionId, id, sessionId).map(toMessage),
    /** Shown rows whose tokens nobody has counted yet, oldest first. */
    uncounted: (sessionId: string, limit: number): Message[] => uncounted.all(sessionId, limit).map(toMessage),
    /** Tokens of the shown rows by id; rows that nobody has counted are missing. */
    tokenCounts: (sessionId: string): Map<string, number> =>
      new Map(counts.all(sessionId).flatMap((row) => (row.token_count === null ? [] : [[row.id, row.token_count]]))),
    /** Tokens of one row; null where nobody has counted it. */
    tokenCount: (id: string): number | null => countOf.get(id) ?? null,
    setTokenCount: (id: string, tokens: number): void => void setCount.run(tokens, id),
    /** Adds text that came late to a stored row, and to the index. */
    extend(sessionId: string, id: string, text: string): boolean {
      const row = one.get(id, sessionId);
      if (row === undefined) return false;
      rewrites++;
      setContent.run(row.content + text, id);
      unindex.run(row.number);
      index.run(row.number, indexText(row.content + text));
      return true;
    },
    count: (sessionId: string): number => count.get(sessionId) ?? 0,
    removeRun(runId: string): void {
      rewrites++;
      removals++;
      unindexRun.run(runId);
      removeRun.run(runId);
    },
    /** One row, for those that belong to no run. */
    remove(sessionId: string, id: string): void {
      const row = one.get(id, sessionId);
      if (row === undefined) return;
      rewrites++;
      removals++;
      unindex.run(row.number);
      removeOne.run(id, sessionId);
    },
    /** The rows themselves go with the session; only the index has to be told. */
    unindexSession(sessionId: string): void {
      removals++;
      unindexSession.run(sessionId);
    },
  };
}
