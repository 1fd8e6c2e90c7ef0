import type { SqliteDatabase } from './database.ts';

/** Pages of the index that one step rewrites: some milliseconds, for which another write may have to wait. */
const STEP_PAGES = 16;

/**
 * One step of taking the words of deleted messages out of the search index. FTS5 only marks a deleted row: its words stay in
 * the file until the piece of the index that holds them is merged (sqlite.org/fts5, 4.3 and 6.7, 2026).
 *
 * @param isFirst begins with all of the index.
 * @returns whether anything is left to do.
 */
export function forgetWordsStep(db: SqliteDatabase, isFirst: boolean): boolean {
  const changes = db.prepare<[], number>('select total_changes()').pluck();
  const before = changes.get() ?? 0;
  db.prepare("insert into messages_fts (messages_fts, rank) values ('merge', ?)").run(
    isFirst ? -STEP_PAGES : STEP_PAGES,
  );
  // The command itself counts as one change.
  return (changes.get() ?? 0) - before > 1;
}
