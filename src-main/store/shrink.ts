import Database from 'better-sqlite3';

/**
 * Rewrites a live database without what was deleted from it, and empties its write-ahead log: after that neither file holds
 * a byte of a deleted row. For a worker thread. Others may go on reading and writing; they wait while the file is rewritten.
 */
export function shrinkDatabase(database: string): void {
  const db = new Database(database, { fileMustExist: true, timeout: 10_000 });
  try {
    // Words of deleted messages stay in the index until its pieces are merged.
    db.exec("insert into messages_fts (messages_fts) values ('optimize')");
    db.exec('vacuum');
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}
