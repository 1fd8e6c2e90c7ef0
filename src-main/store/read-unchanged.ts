import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';

/** How long another connection's lock is waited for. The wait blocks. */
const LOCK_TIMEOUT_MS = 5000;

/** Every row that a statement finds. */
export type Rows = (statement: string) => Record<string, unknown>[];

/**
 * Reads a database so that nothing in its folder changes, also while a host has it open. A closed one is opened as one that
 * nobody writes, because SQLite would otherwise lay its log files beside it.
 *
 * @param read asks and returns before the connection closes.
 * @throws whatever SQLite throws; whatever `read` throws.
 */
export async function readUnchanged<T>(database: string, read: (rows: Rows) => T): Promise<T> {
  if (existsSync(`${database}-wal`)) {
    const db = new Database(database, { readonly: true, fileMustExist: true, timeout: LOCK_TIMEOUT_MS });
    try {
      return read((statement) => db.prepare<[], Record<string, unknown>>(statement).all());
    } finally {
      db.close();
    }
  }
  // Node's own: better-sqlite3 takes no URI, and only a URI says that a file does not change.
  const { DatabaseSync } = await import('node:sqlite');
  const address = pathToFileURL(database);
  address.search = '?immutable=1';
  const db = new DatabaseSync(address, { readOnly: true });
  try {
    return read((statement) => db.prepare(statement).all());
  } finally {
    db.close();
  }
}
