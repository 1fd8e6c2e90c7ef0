import { chmodSync, mkdirSync } from 'node:fs';
import Database from 'better-sqlite3';
import { AppFailure } from '../platform/app-failure.ts';
import type { DataPaths } from '../platform/paths.ts';
import { setAside } from './backup.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migrations/index.ts';
import { classifySqliteFailure } from './sqlite-failure.ts';

export type SqliteDatabase = Database.Database;

/**
 * How long a statement may wait for another connection's lock. The wait blocks the event loop, so it is short and
 * `Committer` retries without blocking (decision 28).
 */
const BUSY_TIMEOUT_MS = 15;

/** SQLite up to 3.51.2 could corrupt a database on a WAL reset with two connections (sqlite.org/changes, 3.51.3). */
const OLDEST_SQLITE = [3, 51, 3] as const;

/** better-sqlite3 13 crashes the process on a Node without Node-API 10, so this is asked before it is loaded. */
export function assertRuntime(napi: string | undefined = process.versions['napi']): void {
  if (Number(napi ?? 0) < 10) {
    throw new AppFailure(
      'internal',
      `Sluice needs Node 22.14 or newer; this is ${process.version}. Start it with "npm start", which brings its own.`,
    );
  }
}

function applyPragmas(db: SqliteDatabase): void {
  db.pragma('journal_mode = WAL');
  // NORMAL survives a killed process without loss; only a power cut may cost the last commits (sqlite.org/pragma, 2026).
  db.pragma('synchronous = NORMAL');
  db.pragma('foreign_keys = ON');
  db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  db.pragma('temp_store = MEMORY');
}

function assertSqliteVersion(db: SqliteDatabase): void {
  const version = db.prepare('select sqlite_version()').pluck().get() as string;
  const parts = version.split('.').map(Number);
  for (const [index, least] of OLDEST_SQLITE.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) return;
    if (part < least)
      throw new AppFailure('internal', `SQLite ${version} is too old: ${OLDEST_SQLITE.join('.')} is needed.`);
  }
}

export interface OpenedDatabase {
  db: SqliteDatabase;
  /** Where an unreadable file was moved, so that the window can say so; null when all was well. */
  setAsidePath: string | null;
}

/**
 * Opens the store of a data directory, creating or updating it. A file that SQLite cannot read is moved aside, never
 * deleted, and a new one begins. The caller owns the connection and closes it.
 *
 * @throws AppFailure `storage_unavailable` for a newer schema, `storage_full` without room for the backup.
 */
export function openDatabase(
  paths: DataPaths,
  options: { nowMs: number; migrations?: readonly Migration[] },
): OpenedDatabase {
  assertRuntime();
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  const open = (): SqliteDatabase => {
    const db = new Database(paths.database, { timeout: BUSY_TIMEOUT_MS });
    // The log files take over the mode of the database; conversations are for their owner only.
    if (!db.memory && process.platform !== 'win32') chmodSync(paths.database, 0o600);
    try {
      assertSqliteVersion(db);
      applyPragmas(db);
      migrate(db, {
        backupDir: paths.backups,
        nowMs: options.nowMs,
        ...(options.migrations === undefined ? {} : { migrations: options.migrations }),
      });
      return db;
    } catch (thrown) {
      db.close();
      throw thrown;
    }
  };
  try {
    return { db: open(), setAsidePath: null };
  } catch (thrown) {
    if (classifySqliteFailure(thrown) !== 'corrupt') throw thrown;
    const stamp = new Date(options.nowMs).toISOString().replace(/[:.]/g, '-');
    return { setAsidePath: setAside(paths.database, stamp), db: open() };
  }
}
