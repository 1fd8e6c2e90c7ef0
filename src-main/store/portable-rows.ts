import { basename } from 'node:path';
import type { ContentBlock } from '#contract/message';
import type { SqliteDatabase } from './database.ts';
import { indexText } from './search-terms.ts';

/** A value as it stands in a portable file. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type PortableRow = Record<string, Json>;

/** Everything that a conversation is, row by row, in the words of the store. What the host alone knows is not in it. */
export interface PortableConversation {
  session: PortableRow;
  runs: PortableRow[];
  versions: PortableRow[];
  messages: PortableRow[];
  compactions: PortableRow[];
  attachments: PortableRow[];
}

/** Columns that hold JSON: they are JSON in the file, too, and not text with JSON in it. */
const JSON_COLUMNS = new Set([
  'content_blocks',
  'tool_calls',
  'options',
  'error_info',
  'usage',
  'shortened',
  'tags',
  'parameters',
]);

/**
 * What of each table goes along, by name. Left out are places in the log, keys, whoever asked, and what is counted anew;
 * docs/data-format.md describes them.
 */
export const PORTABLE_COLUMNS = {
  session:
    'id title title_source profile model workspace instructions parameters preview message_count last_status pinned tags archived_at_ms forked_from_session_id created_at_ms updated_at_ms',
  runs: 'id status profile model options error error_info finish_reason usage synced shortened parameters first_human_message last_ai_message message_count created_at_ms started_at_ms ended_at_ms',
  versions: 'id anchor_run_id replaced_by_run_id preview message_count created_at_ms',
  messages:
    'id run_id version_id position role content content_blocks reasoning reasoning_ms tool_calls tool_call_id tool_name tool_arguments tool_preview tool_state tool_duration finish_reason status pinned created_at_ms',
  compactions:
    'id summary last_message_id message_count source_hash tokens before_tokens after_tokens trigger profile model usage undone_at_ms created_at_ms',
  attachments: 'id file_name name media_type size_bytes created_at_ms',
} as const;

const namesOf = (part: keyof typeof PORTABLE_COLUMNS): string[] => PORTABLE_COLUMNS[part].split(' ');
const listOf = (part: keyof typeof PORTABLE_COLUMNS, table: string): string =>
  namesOf(part)
    .map((name) => `${table}."${name}"`)
    .join(', ');

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (thrown) {
    // One damaged column costs that column, never the conversation.
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

function toPortable(row: Record<string, unknown>): PortableRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      JSON_COLUMNS.has(name) && typeof value === 'string' ? parseJson(value) : (value as Json),
    ]),
  );
}

function toStored(row: PortableRow): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      JSON_COLUMNS.has(name) && value !== null ? JSON.stringify(value) : value,
    ]),
  );
}

/** The blocks of a message with each path mapped; text stays. */
function mapPaths(blocks: Json | undefined, map: (path: string) => string): Json {
  if (!Array.isArray(blocks)) return blocks ?? null;
  return (blocks as unknown as ContentBlock[]).map((block) =>
    block.type === 'text' ? block : { ...block, path: map(block.path) },
  );
}

/** How an attachment is named in a portable file: by its name in the folder beside the conversations. */
const PORTABLE_FOLDER = 'attachments/';

export type PortableRows = ReturnType<typeof createPortableRows>;

/** Conversations as rows that can leave this store and come into another one. Writes belong inside a `Committer` entry. */
export function createPortableRows(db: SqliteDatabase, attachmentsDir: string) {
  const session = db.prepare<[string], Record<string, unknown>>(
    `select ${listOf('session', 's')} from sessions s where s.id = ?`,
  );
  const ids = db
    .prepare<[], string>('select id from sessions where archived_at_ms is not 0 order by created_at_ms, id')
    .pluck();
  const runs = db.prepare<[string], Record<string, unknown>>(
    `select ${listOf('runs', 'r')} from runs r where r.session_id = ? order by r.created_at_ms, r.id`,
  );
  const versions = db.prepare<[string], Record<string, unknown>>(
    `select ${listOf('versions', 'v')} from message_versions v where v.session_id = ? order by v.created_at_ms, v.id`,
  );
  const messages = db.prepare<[string], Record<string, unknown>>(
    `select ${listOf('messages', 'm')} from messages m where m.session_id = ? order by m.position`,
  );
  const compactions = db.prepare<[string], Record<string, unknown>>(
    `select ${listOf('compactions', 'c')} from compactions c where c.session_id = ? order by c.rowid`,
  );
  const attachments = db.prepare<[string], Record<string, unknown>>(
    `select ${listOf('attachments', 'a')} from attachments a join attachment_uses u on u.attachment_id = a.id
     where u.session_id = ? order by a.created_at_ms, a.id`,
  );
  const insertInto = (table: string, part: keyof typeof PORTABLE_COLUMNS, fixed: Record<string, string> = {}) => {
    const own = namesOf(part);
    const columns = [...own, ...Object.keys(fixed)].map((name) => `"${name}"`).join(', ');
    const values = [...own.map((name) => `@${name}`), ...Object.values(fixed)].join(', ');
    return db.prepare<[Record<string, unknown>]>(`insert into ${table} (${columns}) values (${values})`);
  };
  const insertSession = insertInto('sessions', 'session');
  const insertRun = insertInto('runs', 'runs', {
    session_id: '@session_id',
    queue_id: '@id',
    compacted: '1',
  });
  const insertVersion = insertInto('message_versions', 'versions', { session_id: '@session_id' });
  const insertMessage = insertInto('messages', 'messages', { session_id: '@session_id' });
  const insertCompaction = insertInto('compactions', 'compactions', { session_id: '@session_id' });
  const insertAttachment = insertInto('attachments', 'attachments', { was_used: '1' });
  const index = db.prepare<[number | bigint, string]>('insert into messages_fts (rowid, body) values (?, ?)');
  const show = db.prepare<[number | null, string]>('update sessions set archived_at_ms = ? where id = ?');

  const relative = (path: string): string =>
    path === `${attachmentsDir}/${basename(path)}` || path === `${attachmentsDir}\\${basename(path)}`
      ? PORTABLE_FOLDER + basename(path)
      : path;

  return {
    /** The conversations that a person can see, oldest first. */
    ids: (): string[] => ids.all(),
    read(sessionId: string): PortableConversation | null {
      const row = session.get(sessionId);
      if (row === undefined) return null;
      const end = Number(row['updated_at_ms']);
      return {
        session: toPortable(row),
        runs: runs.all(sessionId).map((each) => {
          const run = toPortable(each);
          const { program: _left, ...options } = (run['options'] ?? {}) as Record<string, Json>;
          // One that is being made is as it would be if this were the end.
          const isLive = run['ended_at_ms'] === null;
          return { ...run, options, ...(isLive ? { status: 'interrupted', ended_at_ms: end } : {}) };
        }),
        versions: versions.all(sessionId).map(toPortable),
        messages: messages.all(sessionId).map((each) => {
          const message = toPortable(each);
          return { ...message, content_blocks: mapPaths(message['content_blocks'], relative) };
        }),
        compactions: compactions.all(sessionId).map(toPortable),
        attachments: attachments.all(sessionId).map(toPortable),
      };
    },
    /** One row after the other, so that a damaged place costs only what comes behind it. */
    *eachMessage(sessionId: string, order: 'asc' | 'desc'): Generator<PortableRow> {
      const each = db.prepare<[string], Record<string, unknown>>(
        `select ${listOf('messages', 'm')} from messages m where m.session_id = ? and m.version_id is null order by m.position ${order}`,
      );
      for (const row of each.iterate(sessionId)) {
        const message = toPortable(row);
        yield { ...message, content_blocks: mapPaths(message['content_blocks'], relative) };
      }
    },
    has: (sessionId: string): boolean => session.get(sessionId) !== undefined,
    /** Begins a conversation that nobody sees yet. Its messages follow. */
    begin({ session: row, runs: runRows, versions: versionRows }: PortableConversation): void {
      const session_id = row['id'] ?? null;
      insertSession.run({ ...toStored(row), archived_at_ms: 0 });
      for (const run of runRows) insertRun.run({ ...toStored(run), session_id });
      for (const version of versionRows) insertVersion.run({ ...toStored(version), session_id });
    },
    addMessages(sessionId: string, rows: readonly PortableRow[]): void {
      for (const row of rows) {
        const content_blocks = mapPaths(row['content_blocks'], (path) =>
          path.startsWith(PORTABLE_FOLDER) ? `${attachmentsDir}/${basename(path)}` : path,
        );
        const { lastInsertRowid } = insertMessage.run({
          ...toStored({ ...row, content_blocks }),
          session_id: sessionId,
        });
        const content = String(row['content']);
        if (content !== '') index.run(lastInsertRowid, indexText(content));
      }
    },
    /** Adds what comes after the messages and shows the conversation. */
    finish(conversation: PortableConversation): void {
      const { id, archived_at_ms } = conversation.session;
      for (const row of conversation.compactions) insertCompaction.run({ ...toStored(row), session_id: id });
      show.run(typeof archived_at_ms === 'number' && archived_at_ms > 0 ? archived_at_ms : null, String(id));
    },
    insertAttachment: (row: PortableRow): void => void insertAttachment.run(row),
  };
}
