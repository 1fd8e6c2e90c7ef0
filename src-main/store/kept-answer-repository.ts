import type { SqliteDatabase } from './database.ts';

/** An answer that is to be given again, as it went out. */
export interface KeptAnswerRow {
  key: string;
  digest: string;
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  untilMs: number;
}

/** All of them together; the ones that end first go first. */
const MOST_BYTES = 256 * 1024 * 1024;
/** A look at all of them now and then is enough to keep within it. */
const LOOK_EVERY = 64;

export type KeptAnswerRepository = ReturnType<typeof createKeptAnswerRepository>;

/** Answers under the digest of their `Idempotency-Key`. Writes belong inside a `Committer` entry. */
export function createKeptAnswerRepository(db: SqliteDatabase) {
  const find = db.prepare<[string, number], Omit<KeptAnswerRow, 'headers' | 'untilMs'> & { headers: string }>(
    'select key, digest, status, headers, body from kept_answers where key = ? and until_ms > ?',
  );
  const keep = db.prepare<[string, string, number, string, Buffer, number]>(
    'insert or replace into kept_answers (key, digest, status, headers, body, until_ms) values (?, ?, ?, ?, ?, ?)',
  );
  const forgetOld = db.prepare<[number]>('delete from kept_answers where until_ms <= ?');
  const forgetOldest = db.prepare<[number]>(`
    delete from kept_answers where key in (
      select key from (
        select key, sum(length(body)) over (order by until_ms desc, key) as bytes from kept_answers
      ) where bytes > ?
    )`);
  const forgetAll = db.prepare('delete from kept_answers');
  let kept = 0;
  return {
    forgetAll(): void {
      forgetAll.run();
    },
    /** Null where there is none, or its time is over. */
    find(key: string, nowMs: number): Omit<KeptAnswerRow, 'untilMs'> | null {
      const row = find.get(key, nowMs);
      return row === undefined ? null : { ...row, headers: JSON.parse(row.headers) as Record<string, string> };
    },
    keep(row: KeptAnswerRow, nowMs: number): void {
      forgetOld.run(nowMs);
      keep.run(row.key, row.digest, row.status, JSON.stringify(row.headers), row.body, row.untilMs);
      if (kept++ % LOOK_EVERY === 0) forgetOldest.run(MOST_BYTES);
    },
  };
}
