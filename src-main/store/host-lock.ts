import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { FailureSaying } from '#contract/failure-saying';
import { failureOf } from '../platform/app-failure.ts';
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
 * @throws AppFailure `conflict` naming the holder.
 */
export function acquireHostLock(paths: DataPaths, holder: LockHolder): HostLock {
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  const db = new Database(paths.lock, { timeout: 0 });
  if (process.platform !== 'win32') chmodSync(paths.lock, 0o600);
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('begin exclusive');
  } catch (thrown) {
    db.close();
    if (classifySqliteFailure(thrown) !== 'busy') throw thrown;
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
  writeFileSync(paths.holder, JSON.stringify(holder), { mode: 0o600 });
  return {
    release() {
      rmSync(paths.holder, { force: true });
      db.close();
    },
  };
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
