import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { dataPaths } from '../platform/paths.ts';
import { rowCounts } from './backup.ts';
import { isEmptied } from './emptied.ts';
import { migrations } from './migrations/index.ts';
import { readUnchanged } from './read-unchanged.ts';
import { classifySqliteFailure, type SqliteFailureKind } from './sqlite-failure.ts';

/** What stands in a database, in numbers. */
export interface StoreFacts {
  schemaVersion: number;
  /** The one that this program writes. */
  knownSchemaVersion: number;
  sqliteVersion: string;
  sizeBytes: number;
  walBytes: number;
  rows: Record<string, number>;
}

/** What a look at a database found, which changed nothing in its folder. */
export type StoreFinding =
  | { state: 'absent' }
  | { state: 'whole'; schemaVersion: number; sizeBytes: number }
  | { state: 'damaged'; defect: string }
  | { state: 'unreadable'; kind: SqliteFailureKind; message: string };

const CHECK_TIMEOUT_MS = 5000;

export const knownSchemaVersion = (): number => migrations.at(-1)?.version ?? 0;

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Counts what is in a live database. Reads every table once, so it belongs into a thread of its own. */
export function describeStore(database: string): StoreFacts {
  const db = new Database(database, { readonly: true, fileMustExist: true, timeout: CHECK_TIMEOUT_MS });
  try {
    return {
      schemaVersion: Number(db.pragma('user_version', { simple: true })),
      knownSchemaVersion: knownSchemaVersion(),
      sqliteVersion: db.prepare('select sqlite_version()').pluck().get() as string,
      sizeBytes: sizeOf(database),
      walBytes: sizeOf(`${database}-wal`),
      rows: Object.fromEntries(rowCounts(db)),
    };
  } finally {
    db.close();
  }
}

/** The versions of SQLite and of what binds it, without touching any file. */
export function sqliteVersions(): { sqlite: string; betterSqlite3: string } {
  const db = new Database(':memory:');
  try {
    const manifest = createRequire(import.meta.url).resolve('better-sqlite3/package.json');
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    return { sqlite: db.prepare('select sqlite_version()').pluck().get() as string, betterSqlite3: version };
  } finally {
    db.close();
  }
}

/** Reads every page of a database, also while a host has it open; nothing in its folder changes. */
export async function inspectStore(database: string): Promise<StoreFinding> {
  if (!existsSync(database)) return { state: 'absent' };
  const { backups } = dataPaths(dirname(database));
  if (isEmptied({ database, backups })) return { state: 'damaged', defect: 'it is empty, and there are backups' };
  try {
    const found = await check(database);
    // A host that began meanwhile wrote under a look that expected nobody.
    return found.state === 'damaged' && existsSync(`${database}-wal`) ? await check(database) : found;
  } catch (thrown) {
    const kind = classifySqliteFailure(thrown);
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return kind === 'corrupt' || /malformed|not a database/.test(message)
      ? { state: 'damaged', defect: message }
      : { state: 'unreadable', kind, message };
  }
}

function check(database: string): Promise<StoreFinding> {
  return readUnchanged(database, (rows) =>
    verdict(
      database,
      String(rows('pragma quick_check(1)')[0]?.['quick_check']),
      Number(rows('pragma user_version')[0]?.['user_version']),
    ),
  );
}

function verdict(database: string, said: string, schemaVersion: number): StoreFinding {
  return said === 'ok'
    ? { state: 'whole', schemaVersion, sizeBytes: sizeOf(database) }
    : { state: 'damaged', defect: said.slice(0, 300) };
}
