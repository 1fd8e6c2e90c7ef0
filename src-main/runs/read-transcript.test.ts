import { describe, expect, it } from 'vitest';
import { emptyMessage, type Message } from '#contract/message';
import { AbortReason } from '../platform/app-failure.ts';
import { readTranscript } from './read-transcript.ts';

function rowsOf(count: number): Message[] {
  return Array.from({ length: count }, (_, at) =>
    emptyMessage({ id: `m${at}`, session_id: 's', run_id: null, role: 'user', created_at_ms: at }),
  );
}

/** Pages as the store gives them. */
function storeOf(rows: Message[]) {
  let reads = 0;
  return {
    reads: () => reads,
    page(_session: string, limit: number, beforeId?: string) {
      reads++;
      const end = beforeId === undefined ? rows.length : rows.findIndex((row) => row.id === beforeId);
      const start = Math.max(0, end - limit);
      return { messages: rows.slice(start, end), hasMoreBefore: start > 0 };
    },
  };
}

describe('reading a whole conversation', () => {
  it('[decision 29] gives every row once and in order, at every length around a slice', async () => {
    for (const count of [0, 1, 499, 500, 501, 1000, 1723]) {
      const rows = rowsOf(count);
      expect(await readTranscript(storeOf(rows), 's', new AbortController().signal)).toEqual(rows);
    }
  });

  it('[decision 29] [E4-01] lets others have their turn between slices, and ends with a stop', async () => {
    const store = storeOf(rowsOf(5000));
    const controller = new AbortController();
    const reading = readTranscript(store, 's', controller.signal);
    expect(store.reads()).toBe(1);
    controller.abort(new AbortReason('user'));
    await expect(reading).rejects.toMatchObject({ kind: 'user' });
    expect(store.reads()).toBe(1);
  });
});
