import { formatDecimal, PICO_PLACES } from '#contract/money';
import type { Compaction } from '#contract/records';
import type { Usage } from '#contract/usage';
import type { CostSum, FigureSource } from '#contract/usage-report';
import type { SqliteDatabase } from './database.ts';
import { fromJson, toJson } from './json-column.ts';

/** A summary that stands for the beginning of a conversation, with what it covers. */
export interface CompactionRow {
  id: string;
  sessionId: string;
  summary: string;
  /** The last message that it covers. */
  lastMessageId: string;
  messageCount: number;
  sourceHash: string;
  tokens: number;
  beforeTokens: number;
  afterTokens: number;
  trigger: Compaction['trigger'];
  profile: string | null;
  model: string | null;
  usage: Usage | null;
  /** The call that made it, by its id in the ledger; null for a text that no call made, or not here. */
  callId: string | null;
  createdAtMs: number;
}

interface StoredRow {
  id: string;
  session_id: string;
  summary: string;
  last_message_id: string;
  message_count: number;
  source_hash: string;
  tokens: number;
  before_tokens: number;
  after_tokens: number;
  trigger: Compaction['trigger'];
  profile: string | null;
  model: string | null;
  usage: string | null;
  call_id: string | null;
  undone_at_ms: number | null;
  created_at_ms: number;
}

function toRow(row: StoredRow): CompactionRow {
  return {
    id: row.id,
    sessionId: row.session_id,
    summary: row.summary,
    lastMessageId: row.last_message_id,
    messageCount: row.message_count,
    sourceHash: row.source_hash,
    tokens: row.tokens,
    beforeTokens: row.before_tokens,
    afterTokens: row.after_tokens,
    trigger: row.trigger,
    profile: row.profile,
    model: row.model,
    usage: fromJson<Usage>(row.usage),
    callId: row.call_id,
    createdAtMs: row.created_at_ms,
  };
}

/** What the ledger says of the call of a summary; all null where it has no such row. */
interface BookedCall {
  billable: number | null;
  source: FigureSource | null;
  cost_text: string | null;
  currency: string | null;
}

function costOf({ billable, source, cost_text, currency }: BookedCall): CostSum | null {
  if (billable !== 1) return null;
  if (cost_text === null || currency === null) return { amounts: [], unpricedCalls: 1 };
  const amount = formatDecimal(BigInt(cost_text), PICO_PLACES);
  return { amounts: [{ currency, amount, estimated: source === 'estimate' ? amount : '0' }], unpricedCalls: 0 };
}

export type CompactionRepository = ReturnType<typeof createCompactionRepository>;

/** Summaries, kept as history: an undo marks the newest one and brings back the one before. Writes belong inside an entry. */
export function createCompactionRepository(db: SqliteDatabase) {
  const insert = db.prepare<[Omit<StoredRow, 'undone_at_ms'>]>(`
    insert into compactions (id, session_id, summary, last_message_id, message_count, source_hash, tokens, before_tokens,
      after_tokens, trigger, profile, model, usage, call_id, created_at_ms)
    values (@id, @session_id, @summary, @last_message_id, @message_count, @source_hash, @tokens, @before_tokens,
      @after_tokens, @trigger, @profile, @model, @usage, @call_id, @created_at_ms)`);
  // In the order in which they were stored: a clock that was set back must not make an older one hold.
  const current = db.prepare<[string], StoredRow>(
    'select * from compactions where session_id = ? and undone_at_ms is null order by rowid desc limit 1',
  );
  const list = db.prepare<[string], StoredRow>(
    'select * from compactions where session_id = ? and undone_at_ms is null order by rowid',
  );
  const withCosts = db.prepare<[string], StoredRow & BookedCall>(
    `select c.*, u.billable, u.source, cast(u.cost_picos as text) as cost_text, u.currency from compactions c
     left join (select k.id, k.billable, k.cost_picos, l.source, l.currency
       from usage_calls k join usage_lines l on l.id = k.line_id) u on u.id = c.call_id
     where c.session_id = ? and c.undone_at_ms is null order by c.rowid`,
  );
  const newestPlace = db
    .prepare<[string], number>('select coalesce(max(rowid), 0) from compactions where session_id = ?')
    .pluck();
  const undoAfter = db.prepare<[number, string, number]>(
    'update compactions set undone_at_ms = ? where session_id = ? and rowid > ? and undone_at_ms is null',
  );
  const undo = db.prepare<[number, string]>('update compactions set undone_at_ms = ? where id = ?');
  return {
    insert: (row: CompactionRow): void =>
      void insert.run({
        id: row.id,
        session_id: row.sessionId,
        summary: row.summary,
        last_message_id: row.lastMessageId,
        message_count: row.messageCount,
        source_hash: row.sourceHash,
        tokens: row.tokens,
        before_tokens: row.beforeTokens,
        after_tokens: row.afterTokens,
        trigger: row.trigger,
        profile: row.profile,
        model: row.model,
        usage: toJson(row.usage),
        call_id: row.callId,
        created_at_ms: row.createdAtMs,
      }),
    /** The newest one that was not undone. */
    current(sessionId: string): CompactionRow | null {
      const row = current.get(sessionId);
      return row === undefined ? null : toRow(row);
    },
    /** Marks one as undone. Its text stays in the store. */
    undo: (id: string, atMs: number): void => void undo.run(atMs, id),
    /** Where the next summary comes behind, to be given to `undoAfter`. */
    newestPlace: (sessionId: string): number => newestPlace.get(sessionId) ?? 0,
    /** Marks all that were made since as undone. @returns whether there were any. */
    undoAfter: (sessionId: string, place: number, atMs: number): boolean =>
      undoAfter.run(atMs, sessionId, place).changes > 0,
    rows: (sessionId: string): CompactionRow[] => list.all(sessionId).map(toRow),
    /** As viewers are told of them, oldest first. */
    list: (sessionId: string): Compaction[] =>
      withCosts.all(sessionId).map((row) => ({
        id: row.id,
        summary: row.summary,
        lastMessageId: row.last_message_id,
        messageCount: row.message_count,
        beforeTokens: row.before_tokens,
        afterTokens: row.after_tokens,
        trigger: row.trigger,
        cost: costOf(row),
        createdAtMs: row.created_at_ms,
      })),
  };
}
