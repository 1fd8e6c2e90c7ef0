import { mkdirSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { AppFailure } from '../platform/app-failure.ts';

/** How many backups stay; older ones go only after a newer one proved good. */
export const KEPT_BACKUPS = 3;

type Connection = Database.Database;

function rowCounts(db: Connection): Map<string, number> {
  const tables = db
    .prepare(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like '%_fts%'",
    )
    .pluck()
    .all() as string[];
  return new Map(tables.map((table) => [table, db.prepare(`select count(*) from "${table}"`).pluck().get() as number]));
}

/** Opens a copy and compares it with its source: integrity, tables, row counts. Returns what is wrong, or null. */
export function findBackupDefect(source: Connection, copyPath: string): string | null {
  let copy: Connection;
  try {
    copy = new Database(copyPath, { readonly: true, fileMustExist: true });
  } catch (thrown) {
    return `it cannot be opened (${thrown instanceof Error ? thrown.message : String(thrown)})`;
  }
  try {
    const check = copy.pragma('quick_check', { simple: true });
    if (check !== 'ok') return `its integrity check says: ${String(check)}`;
    const wanted = rowCounts(source);
    const found = rowCounts(copy);
    for (const [table, count] of wanted) {
      if (found.get(table) !== count) return `table ${table} holds ${found.get(table) ?? 0} rows instead of ${count}`;
    }
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } finally {
    copy.close();
  }
}

/**
 * Writes a verified copy of an open database into `dir` and returns its path. A copy that does not match its source is
 * removed and never counts as a backup; the newest three stay.
 *
 * @throws AppFailure `storage_full` when there is no room, `storage_unavailable` when the copy does not match.
 */
export function writeVerifiedBackup(db: Connection, dir: string, label: string): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const sizeBytes = statSync(db.name).size;
  const free = statfsSync(dir);
  if (free.bavail * free.bsize < sizeBytes + 16 * 1024 * 1024) {
    throw new AppFailure(
      'storage_full',
      `There is no room for a backup of the conversations (${Math.ceil(sizeBytes / 1e6)} MB needed), and Sluice changes nothing without one. Free some space and start again.`,
      { retry: { kind: 'user-action', action: 'free-disk-space' } },
    );
  }
  const path = join(dir, `${label}.db`);
  const partial = `${path}.partial`;
  // Also those that an earlier start was killed in the middle of: each has the size of the whole database.
  for (const file of readdirSync(dir)) if (file.endsWith('.partial')) rmSync(join(dir, file), { force: true });
  // VACUUM INTO writes a consistent copy with the write-ahead log folded in, in one statement.
  db.prepare('vacuum into ?').run(partial);
  const defect = findBackupDefect(db, partial);
  if (defect !== null) {
    rmSync(partial, { force: true });
    throw new AppFailure(
      'storage_unavailable',
      `The backup before the update could not be trusted: ${defect}. Nothing was changed.`,
    );
  }
  renameSync(partial, path);
  const kept = readdirSync(dir)
    .filter((file) => file.endsWith('.db'))
    .map((file) => ({ file, atMs: statSync(join(dir, file)).mtimeMs }))
    .sort((a, b) => b.atMs - a.atMs || b.file.localeCompare(a.file));
  for (const old of kept.slice(KEPT_BACKUPS)) rmSync(join(dir, old.file), { force: true });
  return path;
}

/** Moves a database that cannot be read out of the way, with its log files. Nothing is deleted. Returns the new path. */
export function setAside(databasePath: string, stamp: string): string {
  const target = join(dirname(databasePath), `${basename(databasePath, '.db')}.unreadable-${stamp}.db`);
  for (const suffix of ['', '-wal', '-shm']) {
    try {
      renameSync(databasePath + suffix, target + suffix);
    } catch (thrown) {
      // A missing side file is normal; the database itself must have moved.
      const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
      if (!missing || suffix === '') throw thrown;
    }
  }
  return target;
}
