import type { EventDraft, LoggedEvent, QueueState } from '#contract/events';
import { cutText } from '#contract/message';
import type { SqliteDatabase } from './database.ts';

interface EventRow {
  session_id: string;
  seq: number;
  run_id: string | null;
  payload: string;
  at_ms: number;
}

/** A stored line as the event it was: the payload is kept verbatim, the envelope is put back around it. */
export function toLoggedEvent(sessionId: string, seq: number, atMs: number, draft: EventDraft): LoggedEvent {
  return { v: 1, session_id: sessionId, seq, ts: atMs, ...draft };
}

const QUEUE_EVENTS: ReadonlySet<string> = new Set(['run.queued', 'queue.paused', 'queue.resumed']);
const SHORT_PAYLOAD_CHARS = 4096;
const SHORT_TEXT_CHARS = 200;

/** An event of the queue with the beginnings of its messages. */
function shortened(payload: string): string {
  const draft = JSON.parse(payload) as QueueState;
  const queued_messages = draft.queued_messages.map((message) => ({
    ...message,
    content: cutText(message.content, SHORT_TEXT_CHARS),
    content_blocks: null,
  }));
  return JSON.stringify({ ...draft, queued_messages });
}

type TextDraft = Extract<EventDraft, { event: 'message.delta' | 'reasoning.delta' }>;

/** The lines from one on that say more of the same thing in the same row, with nothing else between them. */
function groupAt(rows: EventRow[], from: number, isFree: (after: number, before: number) => boolean): EventRow[] {
  const group: EventRow[] = [];
  let head: TextDraft | null = null;
  for (const row of rows.slice(from)) {
    const draft = JSON.parse(row.payload) as TextDraft;
    const before = group.at(-1);
    if (head !== null && before !== undefined) {
      const isSame = draft.event === head.event && draft.message_id === head.message_id;
      if (!isSame || !(row.seq === before.seq + 1 || isFree(before.seq, row.seq))) break;
    }
    head ??= draft;
    group.push(row);
  }
  return group;
}

function joined(group: readonly EventRow[]): string {
  const drafts = group.map((row) => JSON.parse(row.payload) as TextDraft);
  const delta = drafts.map((draft) => draft.delta).join('');
  const [first] = drafts;
  return JSON.stringify({ ...first, delta, ...(first?.event === 'reasoning.delta' ? { text: delta } : {}) });
}

export type EventRepository = ReturnType<typeof createEventRepository>;

/** The log of a session, ordered by `seq`. Writes belong inside a `Committer` entry. */
export function createEventRepository(db: SqliteDatabase) {
  const insert = db.prepare<[string, number, string | null, string, string, number]>(
    'insert into run_events (session_id, seq, run_id, event, payload, at_ms) values (?, ?, ?, ?, ?, ?)',
  );
  const after = db.prepare<[string, number, number], EventRow>(
    'select session_id, seq, run_id, payload, at_ms from run_events where session_id = ? and seq > ? order by seq limit ?',
  );
  const ofRun = db.prepare<[string], EventRow>(
    'select session_id, seq, run_id, payload, at_ms from run_events where run_id = ? and rolled_back = 0 order by seq',
  );
  // The condition is that of the index `run_events_of_state`: a long answer is thousands of deltas and a handful of these.
  const named = db.prepare<[string, string], EventRow>(
    `select session_id, seq, run_id, payload, at_ms from run_events
     where run_id = ? and event not in ('message.delta', 'reasoning.delta') and rolled_back = 0
       and event in (select value from json_each(?)) order by seq`,
  );
  const firstSeq = db.prepare<[string], number>('select min(seq) from run_events where session_id = ?').pluck();
  const removeRun = db.prepare<[string]>('delete from run_events where run_id = ?');
  const rollBack = db.prepare<[string]>('update run_events set rolled_back = 1 where run_id = ?');

  const textOfRun = db.prepare<[string, number, number], EventRow>(
    `select session_id, seq, run_id, payload, at_ms from run_events
     where run_id = ? and seq > ? and event in ('message.delta', 'reasoning.delta') order by seq limit ?`,
  );
  const between = db
    .prepare<[string, number, number], number>(
      `select count(*) from run_events where session_id = ? and seq > ? and seq < ?
         and event not in ('message.delta', 'reasoning.delta')`,
    )
    .pluck();
  const rewrite = db.prepare<[string, string, number]>(
    'update run_events set payload = ? where session_id = ? and seq = ?',
  );
  const drop = db.prepare<[string, number, number]>(
    'delete from run_events where session_id = ? and seq > ? and seq <= ?',
  );

  const lastQueueSeq = db.prepare<[string], number | null>('select last_queue_seq from sessions where id = ?').pluck();
  const setLastQueueSeq = db.prepare<[number, string]>('update sessions set last_queue_seq = ? where id = ?');
  const payloadAt = db
    .prepare<[string, number], string>('select payload from run_events where session_id = ? and seq = ?')
    .pluck();

  const read = (row: EventRow): LoggedEvent =>
    toLoggedEvent(row.session_id, row.seq, row.at_ms, JSON.parse(row.payload) as EventDraft);

  /** Each event of the queue names all that waits. Only the newest is kept whole: else a long queue is stored again and again. */
  const shortenEarlierQueue = (sessionId: string, seq: number): void => {
    const before = lastQueueSeq.get(sessionId) ?? null;
    const row = before === null ? undefined : payloadAt.get(sessionId, before);
    if (row !== undefined && before !== null && row.length > SHORT_PAYLOAD_CHARS) {
      rewrite.run(shortened(row), sessionId, before);
    }
    setLastQueueSeq.run(seq, sessionId);
  };

  return {
    append(sessionId: string, firstSeqOfBatch: number, drafts: readonly EventDraft[], atMs: number): LoggedEvent[] {
      return drafts.map((draft, index) => {
        const seq = firstSeqOfBatch + index;
        if (QUEUE_EVENTS.has(draft.event)) shortenEarlierQueue(sessionId, seq);
        const runId = 'run_id' in draft ? (draft.run_id ?? null) : null;
        insert.run(sessionId, seq, runId, draft.event, JSON.stringify(draft), atMs);
        return toLoggedEvent(sessionId, seq, atMs, draft);
      });
    },
    after: (sessionId: string, seq: number, limit: number): LoggedEvent[] => after.all(sessionId, seq, limit).map(read),
    ofRun: (runId: string): LoggedEvent[] => ofRun.all(runId).map(read),
    /** A run's events of some names, none of which is text. */
    ofRunNamed: (runId: string, names: ReadonlySet<string>): LoggedEvent[] =>
      named.all(runId, JSON.stringify([...names])).map(read),
    earliestSeq: (sessionId: string): number | null => firstSeq.get(sessionId) ?? null,
    /** Forgets what a run's events said. Whoever asks for their places is told of a gap. */
    removeRun: (runId: string): void => void removeRun.run(runId),
    markRolledBack: (runId: string): void => void rollBack.run(runId),
    /**
     * Joins neighbouring parts of a settled run's text into one line each (decision 1). The first part's place and time
     * stay; the places of the others are gone, and whoever asks for them is told of a gap.
     *
     * @param afterSeq where an earlier slice ended; 0 for the beginning.
     * @param limit the most lines that one call reads.
     * @returns where the next slice begins, or null when the run is done.
     */
    joinText(runId: string, afterSeq: number, limit: number): number | null {
      const rows = textOfRun.all(runId, afterSeq, limit);
      for (let from = 0; from < rows.length; ) {
        const group = groupAt(
          rows,
          from,
          (after, before) => between.get(rows[0]?.session_id ?? '', after, before) === 0,
        );
        const [first] = group;
        const last = group.at(-1);
        if (first !== undefined && last !== undefined && first !== last) {
          rewrite.run(joined(group), first.session_id, first.seq);
          drop.run(first.session_id, first.seq, last.seq);
        }
        from += group.length;
      }
      const last = rows.at(-1);
      return last === undefined || rows.length < limit ? null : last.seq;
    },
  };
}
