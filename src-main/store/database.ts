import { chmodSync, mkdirSync } from 'node:fs';
import Database from 'better-sqlite3';
import { failureOf } from '../platform/app-failure.ts';
import { type Disk, systemDisk } from '../platform/disk.ts';
import type { DataPaths } from '../platform/paths.ts';
import { isEmptied } from './emptied.ts';
import { type Migration, migrations as shipped } from './migrations/index.ts';
import { finishRestore } from './restore.ts';
import { StoreTrouble, troubleOf } from './store-trouble.ts';
import { upgradeDatabase } from './upgrade.ts';

export type SqliteDatabase = Database.Database;

/**
 * How long a statement may wait for another connection's lock. The wait blocks the event loop, so it is short and
 * `Committer` retries without blocking (decision 28).
 */
const BUSY_TIMEOUT_MS = 15;

/** SQLite up to 3.51.2 could corrupt a database on a WAL reset with two connections (sqlite.org/changes, 3.51.3). */
const OLDEST_SQLITE = [3, 51, 3] as const;

/** better-sqlite3 13 crashes the process on a Node without Node-API 10, so this is asked before it is loaded. */
function assertRuntime(napi: string | undefined = process.versions['napi']): void {
  if (Number(napi ?? 0) < 10) {
    throw failureOf('internal', { word: 'node_too_old', with: { version: process.version } });
  }
}

function applyPragmas(db: SqliteDatabase): void {
  db.pragma('journal_mode = WAL');
  // NORMAL survives a killed process without loss; only a power cut may cost the last commits (sqlite.org/pragma, 2026).
  db.pragma('synchronous = NORMAL');
  db.pragma('foreign_keys = ON');
  db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  db.pragma('temp_store = MEMORY');
  // What a person deletes is overwritten, and not only forgotten.
  db.pragma('secure_delete = ON');
}

function assertSqliteVersion(db: SqliteDatabase): void {
  const version = db.prepare('select sqlite_version()').pluck().get() as string;
  const parts = version.split('.').map(Number);
  for (const [index, least] of OLDEST_SQLITE.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) return;
    if (part < least)
      throw failureOf('internal', { word: 'sqlite_too_old', with: { version, needed: OLDEST_SQLITE.join('.') } });
  }
}

/**
 * Opens the store of a data directory, creating or updating it. The caller owns the connection and closes it.
 *
 * @throws StoreTrouble when a person has to choose what to do: the file is damaged, locked, newer than this program, could
 *   not be upgraded, or there is no room. Nothing was changed then.
 */
export function openDatabase(
  paths: DataPaths,
  options: { nowMs: number; migrations?: readonly Migration[]; disk?: Disk },
): SqliteDatabase {
  assertRuntime();
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  const { nowMs, migrations = shipped, disk = systemDisk } = options;
  const connect = (): SqliteDatabase => {
    const db = new Database(paths.database, { timeout: BUSY_TIMEOUT_MS });
    // The log files take over the mode of the database; conversations are for their owner only.
    if (!db.memory && process.platform !== 'win32') chmodSync(paths.database, 0o600);
    return db;
  };
  let db: SqliteDatabase | null = null;
  try {
    finishRestore(paths, disk);
    if (isEmptied(paths)) throw new StoreTrouble('damaged', { word: 'trouble_emptied' });
    db = connect();
    assertSqliteVersion(db);
    if (upgradeDatabase(db, paths, { migrations, nowMs, disk })) db = connect();
    applyPragmas(db);
    return db;
  } catch (thrown) {
    db?.close();
    throw troubleOf(thrown) ?? thrown;
  }
}
