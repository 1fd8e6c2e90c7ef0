import { emptyMessage, type Message } from '#contract/message';
import { systemClock } from '../src-main/platform/clock.ts';
import { dataPaths, ensureDataDir } from '../src-main/platform/paths.ts';
import { openStore, type Store } from '../src-main/store/store.ts';

// Stores that a bench begins with, written directly: what is measured is what comes after.

const ROWS_A_TRANSACTION = 1000;
/** Questions, answers and tool rows of an ordinary length. */
const PARAGRAPH =
  'The pump stands behind the house and has to be primed before the first frost, otherwise the seal dries out and cracks. ';

/** Opens the store of a folder, lets it be filled and closes it. */
export async function seedStore(dataDir: string, fill: (store: Store) => Promise<void>): Promise<void> {
  ensureDataDir(dataDir);
  const store = openStore(dataPaths(dataDir), { clock: systemClock });
  try {
    await fill(store);
    store.db.pragma('wal_checkpoint(truncate)');
  } finally {
    store.close();
  }
}

export async function seedSession(store: Store, id: string): Promise<void> {
  const nowMs = Date.now();
  await store.committer.commit(() =>
    store.sessions.insert({
      id,
      title: id,
      title_source: 'auto',
      profile: null,
      model: null,
      workspace: null,
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
    }),
  );
}

/** A settled row. */
export function settledRow(fields: {
  id: string;
  sessionId: string;
  runId: string | null;
  role: Message['role'];
  content: string;
  atMs: number;
}): Message {
  return {
    ...emptyMessage({
      id: fields.id,
      session_id: fields.sessionId,
      run_id: fields.runId,
      role: fields.role,
      created_at_ms: fields.atMs,
    }),
    content: fields.content,
    status: 'final',
  };
}

const fewLines = (index: number): string => PARAGRAPH.repeat(1 + (index % 6));

/** A conversation of so many rows, a question and an answer a run, the answers of one to six lines. @returns the row ids. */
export async function seedConversation(
  store: Store,
  sessionId: string,
  rows: number,
  answer: (index: number) => string = fewLines,
): Promise<string[]> {
  await seedSession(store, sessionId);
  const ids: string[] = [];
  for (let from = 0; from < rows; from += ROWS_A_TRANSACTION) {
    await store.committer.commit(() => {
      const batch: Message[] = [];
      for (let index = from; index < Math.min(rows, from + ROWS_A_TRANSACTION); index++) {
        const runId = `${sessionId}-run-${Math.floor(index / 2)}`;
        const isQuestion = index % 2 === 0;
        if (isQuestion) insertRun(store, sessionId, runId, index);
        batch.push(
          settledRow({
            id: `${sessionId}-${index}`,
            sessionId,
            runId,
            role: isQuestion ? 'user' : 'assistant',
            content: isQuestion ? `Question ${index}: what about the pump?` : answer(index),
            atMs: index + 1,
          }),
        );
      }
      store.messages.append(sessionId, batch);
      ids.push(...batch.map((row) => row.id));
    });
  }
  await store.committer.commit(() =>
    store.sessions.touch(sessionId, { messages: rows, atMs: Date.now(), lastStatus: 'success' }),
  );
  return ids;
}

function insertRun(store: Store, sessionId: string, runId: string, atMs: number): void {
  store.db
    .prepare(
      `insert into runs (id, session_id, status, profile, model, queue_id, created_at_ms, started_at_ms, ended_at_ms)
       values (?, ?, 'success', 'demo', 'm', ?, ?, ?, ?)`,
    )
    .run(runId, sessionId, runId, atMs, atMs, atMs + 1);
}
