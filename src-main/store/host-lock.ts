import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { FailureSaying } from '#contract/failure-saying';
import { type AppFailure, failureOf } from '../platform/app-failure.ts';
import type { DataPaths } from '../platform/paths.ts';
import { classifySqliteFailure } from './sqlite-failure.ts';

export interface LockHolder {
  pid: number;
  host: 'electron' | 'headless';
  startedAtMs: number;
}

export interface HostLock {
  release(): void;
}

function readHolder(path: string): LockHolder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockHolder;
  } catch (thrown) {
    const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
    if (missing || thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

/**
 * Makes this process the only host of a data directory. The lock is a file lock that SQLite takes on `host.lock`, so the
 * system lets go of it whenever and however the process ends: there is no stale lock to clear. `host.json` beside it only
 * says who holds it.
 *
 * @throws AppFailure `conflict` naming the holder, `storage_unavailable` naming the file where it cannot be locked.
 */
export function acquireHostLock(paths: DataPaths, holder: LockHolder): HostLock {
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  const db = openLock(paths.lock);
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('begin exclusive');
  } catch (thrown) {
    db.close();
    if (classifySqliteFailure(thrown) !== 'busy') throw unusable(paths.lock, thrown);
    const other = readHolder(paths.holder);
    const said: FailureSaying =
      other === null
        ? { word: 'other_sluice', with: { dir: paths.dir } }
        : {
            word: other.host === 'electron' ? 'other_window' : 'other_headless',
            with: { dir: paths.dir, process: String(other.pid) },
          };
    throw failureOf('conflict', said, {
      details: other === null ? {} : { pid: other.pid, host: other.host },
      cause: thrown,
    });
  }
  sayHolder(paths.holder, holder);
  return {
    release() {
      sayHolder(paths.holder, null);
      db.close();
    },
  };
}

/** @throws AppFailure `storage_unavailable` naming the file: where it cannot be opened, nobody can be kept away. */
function openLock(path: string): Database.Database {
  let db: Database.Database | null = null;
  try {
    db = new Database(path, { timeout: 0 });
    if (process.platform !== 'win32') chmodSync(path, 0o600);
    return db;
  } catch (thrown) {
    db?.close();
    throw unusable(path, thrown);
  }
}

function unusable(path: string, thrown: unknown): AppFailure {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
  return failureOf('storage_unavailable', { word: 'path_unusable', with: { path, code } }, { cause: thrown });
}

/** Says who holds the folder, or that nobody does. */
function sayHolder(path: string, holder: LockHolder | null): void {
  try {
    if (holder === null) rmSync(path, { force: true });
    else writeFileSync(path, JSON.stringify(holder), { mode: 0o600 });
  } catch {
    // Only a help for whoever finds the folder taken: the lock is what holds, and it neither fails nor stays for want of this.
  }
}

/**
 * Who holds a data directory, without taking it and without changing anything in it. Null while nobody does.
 */
export function findHostLock(paths: DataPaths): { holder: LockHolder | null } | null {
  if (!existsSync(paths.lock)) return null;
  const db = new Database(paths.lock, { readonly: true, fileMustExist: true, timeout: 0 });
  try {
    // The holder's lock lets nobody read.
    db.prepare('select count(*) from sqlite_schema').get();
    return null;
  } catch (thrown) {
    if (classifySqliteFailure(thrown) !== 'busy') throw thrown;
    return { holder: readHolder(paths.holder) };
  } finally {
    db.close();
  }
}
