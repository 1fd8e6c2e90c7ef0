import type { EventDraft, LoggedEvent } from '#contract/events';
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
  const notText = db.prepare<[string], EventRow>(
    `select session_id, seq, run_id, payload, at_ms from run_events
     where run_id = ? and event not in ('message.delta', 'reasoning.delta') and rolled_back = 0 order by seq`,
  );
  const firstSeq = db.prepare<[string], number>('select min(seq) from run_events where session_id = ?').pluck();
  const rollBack = db.prepare<[string]>('update run_events set rolled_back = 1 where run_id = ?');

  const read = (row: EventRow): LoggedEvent =>
    toLoggedEvent(row.session_id, row.seq, row.at_ms, JSON.parse(row.payload) as EventDraft);

  return {
    append(sessionId: string, firstSeqOfBatch: number, drafts: readonly EventDraft[], atMs: number): LoggedEvent[] {
      return drafts.map((draft, index) => {
        const seq = firstSeqOfBatch + index;
        const runId = 'run_id' in draft ? (draft.run_id ?? null) : null;
        insert.run(sessionId, seq, runId, draft.event, JSON.stringify(draft), atMs);
        return toLoggedEvent(sessionId, seq, atMs, draft);
      });
    },
    after: (sessionId: string, seq: number, limit: number): LoggedEvent[] => after.all(sessionId, seq, limit).map(read),
    ofRun: (runId: string): LoggedEvent[] => ofRun.all(runId).map(read),
    /** A run's events without its text. */
    ofRunWithoutText: (runId: string): LoggedEvent[] => notText.all(runId).map(read),
    earliestSeq: (sessionId: string): number | null => firstSeq.get(sessionId) ?? null,
    markRolledBack: (runId: string): void => void rollBack.run(runId),
  };
}
