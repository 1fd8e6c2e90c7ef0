import { existsSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import type { FailureFact } from '#contract/failure-saying';
import { AppFailure, failureOf } from '../platform/app-failure.ts';
import type { Disk } from '../platform/disk.ts';
import type { DataPaths } from '../platform/paths.ts';
import { assertRoom, beginBackup, findBackupDefect, keepNewest, rowCounts } from './backup.ts';
import { backupName, readBackupName, stampOf } from './backup-name.ts';
import { migrations } from './migrations/index.ts';

/** The backup's copy while it is written, and once it is whole and waits for its place. */
const copyingPath = (paths: DataPaths): string => `${paths.database}.copying`;
const restoringPath = (paths: DataPaths): string => `${paths.database}.restoring`;

/** Moves a database out of the way, with its log files. Nothing is deleted. Returns the new path. */
export function setAside(databasePath: string, nowMs: number): string {
  const target = join(dirname(databasePath), `${basename(databasePath, '.db')}.unreadable-${stampOf(nowMs)}.db`);
  for (const suffix of ['-wal', '-shm', '']) {
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

/** Whether every page of a database can be read. Changes nothing in it. */
function isWhole(path: string): boolean {
  let db: Database.Database | null = null;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    return db.pragma('quick_check', { simple: true }) === 'ok';
  } catch {
    return false;
  } finally {
    db?.close();
  }
}

/** Folds the log of a database into its file. False where that is not possible, because somebody else has it open. */
function isInOneFile(path: string): boolean {
  const db = new Database(path, { fileMustExist: true });
  try {
    return db.pragma('journal_mode = DELETE', { simple: true }) === 'delete';
  } finally {
    db.close();
  }
}

/**
 * Puts a backup in the place of the database, which no process may have open. The database that was there stays: as a
 * backup where it is whole, set aside otherwise. A process that ends in the middle leaves one of the two in place, and
 * `finishRestore` completes what was begun.
 *
 * @returns where the database that was there lies now; null where there was none.
 * @throws AppFailure `not_found`, `invalid_payload` for a backup that cannot be trusted or is newer than this program,
 *   `storage_full`; the database is as it was then.
 */
export function restoreBackup(paths: DataPaths, file: string, options: { nowMs: number; disk: Disk }): string | null {
  const { disk, nowMs } = options;
  const backup = join(paths.backups, file);
  if (readBackupName(file) === null || !existsSync(backup)) {
    throw failureOf('not_found', { word: 'backup_gone' });
  }
  const source = new Database(backup, { readonly: true, fileMustExist: true });
  let counts: ReturnType<typeof rowCounts>;
  try {
    const version = Number(source.pragma('user_version', { simple: true }));
    const known = migrations.at(-1)?.version ?? 0;
    if (version > known) {
      throw failureOf('invalid_payload', { word: 'backup_newer', with: { version, known } });
    }
    counts = rowCounts(source);
    if (!counts.has('sessions')) throw untrusted({ word: 'defect_no_conversations' });
  } catch (thrown) {
    if (thrown instanceof AppFailure) throw thrown;
    throw untrusted(thrown instanceof Error ? thrown.message : String(thrown));
  } finally {
    source.close();
  }
  assertRoom(disk, paths.dir, statSync(backup).size, { word: 'room_to_restore' });
  const copying = copyingPath(paths);
  disk.copy(backup, copying);
  const defect = findBackupDefect(counts, copying);
  if (defect !== null) {
    disk.remove(copying);
    throw untrusted(defect);
  }
  disk.sync(copying);
  const restoring = restoringPath(paths);
  disk.rename(copying, restoring);
  disk.sync(paths.dir);
  const old = moveAway(paths, nowMs, disk);
  disk.rename(restoring, paths.database);
  disk.sync(paths.dir);
  return old;
}

function untrusted(defect: FailureFact): AppFailure {
  return failureOf('invalid_payload', { word: 'backup_untrusted', with: { defect } });
}

function moveAway(paths: DataPaths, nowMs: number, disk: Disk): string | null {
  if (!existsSync(paths.database)) return null;
  if (!isWhole(paths.database) || !isInOneFile(paths.database)) return setAside(paths.database, nowMs);
  const kept = join(paths.backups, backupName('restore', nowMs));
  beginBackup(paths.backups, disk);
  disk.rename(paths.database, kept);
  disk.sync(paths.backups);
  keepNewest(paths.backups, disk);
  return kept;
}

/** Completes a restore that was broken off between its two renames; forgets one that had not come that far. Before any opening. */
export function finishRestore(paths: DataPaths, disk: Disk): void {
  disk.remove(copyingPath(paths));
  if (!existsSync(restoringPath(paths))) return;
  if (existsSync(paths.database)) disk.remove(restoringPath(paths));
  else {
    disk.rename(restoringPath(paths), paths.database);
    disk.sync(paths.dir);
  }
}
