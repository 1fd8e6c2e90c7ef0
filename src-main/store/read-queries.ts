import type { Message } from '#contract/message';
import type { SearchHit } from '#contract/records';
import type { RoutePayload } from '#contract/routes';
import type { SqliteDatabase } from './database.ts';
import { forgetWordsStep } from './forget-words-step.ts';
import { createMessageRepository } from './message-repository.ts';
import { createPortableRows, type PortableConversation } from './portable-rows.ts';
import { searchQuery, snippetAround } from './search-terms.ts';
import type { SessionRow } from './session-repository.ts';
import { createUsageQueries, type UsageQueries } from './usage-queries.ts';

/** Questions that may take long. They run in the read worker, on a connection of their own. */
export interface ReadQueries extends UsageQueries {
  search(input: RoutePayload<'sessions.search'>): SearchHit[];
  /** The models that answered, the most used first. */
  models(input: Record<string, never>): string[];
  exportSession(input: { sessionId: string }): { session: SessionRow; messages: Message[] } | null;
  /** A conversation as it can come into another store. */
  portable(input: { sessionId: string; attachmentsDir: string }): PortableConversation | null;
  /** The shown rows of a conversation, oldest first. */
  shownRows(input: { sessionId: string }): Message[];
  quickCheck(input: Record<string, never>): string;
  /** Folds the write-ahead log back without waiting for readers or writers. Returns the pages that are still in it. */
  checkpoint(input: Record<string, never>): number;
  /** A step of taking the words of deleted messages out of the index. Returns whether anything is left to do. */
  forgetWords(input: { isFirst: boolean }): boolean;
  /** Folds the write-ahead log back and empties it; false where somebody reads from it just now. */
  emptyLog(input: Record<string, never>): boolean;
}

interface HitRow {
  session_id: string;
  title: string;
  id: string;
  role: string;
  content: string;
  created_at_ms: number;
  model: string | null;
}

/** Null asks for nothing. */
interface HitFilter {
  match: string;
  limit: number;
  sessionId: string | null;
  role: string | null;
  model: string | null;
  fromMs: number | null;
  toMs: number | null;
  hasCode: number;
  tag: string | null;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}

/**
 * @param db a read-only connection; owned by the caller.
 * @param openWritable opens a second connection, for the log and the index alone; called at its first use.
 */
export function createReadQueries(db: SqliteDatabase, openWritable?: () => SqliteDatabase): ReadQueries {
  let writable: SqliteDatabase | null = null;
  const open = (): SqliteDatabase => {
    writable ??= openWritable?.() ?? null;
    if (writable === null) throw new Error('These queries cannot write.');
    return writable;
  };
  const messages = createMessageRepository(db);
  // Newest first: in a conversation the recent match is nearly always the wanted one, and the order needs no ranking of
  // every match.
  const byText = db.prepare<[HitFilter], HitRow>(`
    select m.session_id, s.title, m.id, m.role, m.content, m.created_at_ms, r.model
    from messages_fts f join messages m on m.number = f.rowid join sessions s on s.id = m.session_id
      left join runs r on r.id = m.run_id
    where f.body match @match and m.version_id is null and s.archived_at_ms is not 0
      and (@sessionId is null or m.session_id = @sessionId)
      and (@role is null or m.role = @role)
      and (@model is null or (r.model = @model and m.role <> 'user'))
      and (@fromMs is null or m.created_at_ms >= @fromMs) and (@toMs is null or m.created_at_ms < @toMs)
      and (@hasCode = 0 or instr(m.content, '\`\`\`') > 0)
      and (@tag is null or exists (select 1 from json_each(s.tags) where value = @tag))
    order by f.rowid desc limit @limit`);
  const models = db
    .prepare<[], string>(
      'select model from runs where model is not null group by model order by count(*) desc, model limit 100',
    )
    .pluck();
  const byTitle = db.prepare<[string, number], SessionRow>(
    "select * from sessions where title like ? escape '\\' and archived_at_ms is not 0 order by updated_at_ms desc limit ?",
  );
  const session = db.prepare<[string], SessionRow>('select * from sessions where id = ?');

  return {
    search({ query, limit, sessionId, role, model, fromMs, toMs, hasCode, tag }) {
      const match = searchQuery(query);
      if (match === null) return [];
      const filter: Omit<HitFilter, 'match' | 'limit'> = {
        sessionId: sessionId ?? null,
        role: role ?? null,
        model: model ?? null,
        fromMs: fromMs ?? null,
        toMs: toMs ?? null,
        hasCode: Number(hasCode ?? false),
        tag: tag ?? null,
      };
      // A name has no writer, no date and no code: whoever asks for one of these asks for messages.
      const isFiltered = Object.values(filter).some((value) => value !== null && value !== 0);
      const titles = (isFiltered ? [] : byTitle.all(`%${escapeLike(query.trim())}%`, limit)).map(
        (row): SearchHit => ({
          sessionId: row.id,
          sessionTitle: row.title,
          messageId: null,
          role: 'title',
          snippet: row.title,
          createdAtMs: row.updated_at_ms,
          model: null,
        }),
      );
      const texts = byText.all({ ...filter, match, limit }).map(
        (row): SearchHit => ({
          sessionId: row.session_id,
          sessionTitle: row.title,
          messageId: row.id,
          role: row.role,
          snippet: snippetAround(row.content, query, row.role),
          createdAtMs: row.created_at_ms,
          model: row.model,
        }),
      );
      return [...titles, ...texts].slice(0, limit);
    },
    models: () => models.all(),
    exportSession({ sessionId }) {
      const row = session.get(sessionId);
      return row === undefined ? null : { session: row, messages: messages.all(sessionId) };
    },
    portable: ({ sessionId, attachmentsDir }) => createPortableRows(db, attachmentsDir).read(sessionId),
    shownRows: ({ sessionId }) => messages.all(sessionId),
    checkpoint() {
      const [row] = open().pragma('wal_checkpoint(PASSIVE)') as { log: number; checkpointed: number }[];
      return row === undefined ? 0 : row.log - row.checkpointed;
    },
    forgetWords: ({ isFirst }) => forgetWordsStep(open(), isFirst),
    emptyLog() {
      const [row] = open().pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
      return row?.busy === 0;
    },
    ...createUsageQueries(db),
    quickCheck: () => String(db.pragma('quick_check', { simple: true })),
  };
}
