import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import type { BackupReason, BackupRecord } from '#contract/data';
import type { FailureFact, FailureSaying } from '#contract/failure-saying';
import { failureOf } from '../platform/app-failure.ts';
import type { Disk } from '../platform/disk.ts';
import { backupName, readBackupName } from './backup-name.ts';

/** How many backups of one reason stay; older ones go only after a newer one proved good. */
export const KEPT_BACKUPS = 3;
/** Left over beside what a copy needs: a disk that is filled to the brim harms everybody. */
const SPARE_BYTES = 16 * 1024 * 1024;

type Connection = Database.Database;

/** How many rows each table holds. */
export type RowCounts = ReadonlyMap<string, number>;

export function rowCounts(db: Connection): RowCounts {
  const tables = db
    .prepare(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like '%_fts%'",
    )
    .pluck()
    .all() as string[];
  return new Map(tables.map((table) => [table, db.prepare(`select count(*) from "${table}"`).pluck().get() as number]));
}

/** Opens a copy and compares it with what its source held: integrity, tables, row counts. Returns what is wrong, or null. */
export function findBackupDefect(wanted: RowCounts, copyPath: string): FailureFact | null {
  let copy: Connection;
  try {
    copy = new Database(copyPath, { readonly: true, fileMustExist: true });
  } catch (thrown) {
    return { word: 'defect_unopened', with: { text: thrown instanceof Error ? thrown.message : String(thrown) } };
  }
  try {
    const check = copy.pragma('quick_check', { simple: true });
    if (check !== 'ok') return { word: 'defect_check', with: { text: String(check) } };
    const found = rowCounts(copy);
    for (const [table, count] of wanted) {
      if (found.get(table) !== count)
        return { word: 'defect_rows', with: { table, rows: found.get(table) ?? 0, wanted: count } };
    }
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } finally {
    copy.close();
  }
}

/**
 * Refuses what there is no room for, before anything is written.
 *
 * @param purpose what the room is for: one of the words `room_…`.
 * @throws AppFailure `storage_full` with both sizes.
 */
export function assertRoom(disk: Disk, dir: string, neededBytes: number, purpose: FailureSaying): void {
  const needed = neededBytes + SPARE_BYTES;
  const free = disk.freeBytes(dir);
  if (free >= needed) return;
  throw failureOf(
    'storage_full',
    { word: 'no_room', with: { purpose, neededBytes: needed, freeBytes: free } },
    {
      retry: { kind: 'user-action', action: 'free-disk-space' },
      details: { neededBytes: needed, freeBytes: free },
    },
  );
}

/** The backups of a folder that go by their names, the newest first. */
function named(dir: string): { file: string; reason: BackupReason; createdAtMs: number }[] {
  return readdirSync(dir)
    .flatMap((file) => {
      const said = readBackupName(file);
      return said === null ? [] : [{ file, ...said }];
    })
    .sort((a, b) => b.createdAtMs - a.createdAtMs || b.file.localeCompare(a.file));
}

/** Where a backup is written to before it counts as one. Removes what an earlier process was killed in the middle of. */
export function beginBackup(dir: string, disk: Disk): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  // Each has the size of the whole database.
  for (const file of readdirSync(dir)) if (file.includes('.partial')) disk.remove(join(dir, file));
}

/**
 * Makes a finished copy a backup, if it is one: it must open, pass its integrity check and hold as many rows as its source.
 * A copy that does not is removed. The newest three of its reason stay.
 *
 * @throws AppFailure `storage_unavailable` when the copy does not match; older backups are untouched then.
 */
export function keepBackup(partial: string, path: string, wanted: RowCounts, disk: Disk): void {
  const defect = findBackupDefect(wanted, partial);
  if (defect !== null) {
    disk.remove(partial);
    throw failureOf('storage_unavailable', { word: 'backup_not_trusted', with: { defect } });
  }
  const dir = dirname(path);
  disk.sync(partial);
  disk.rename(partial, path);
  disk.sync(dir);
  keepNewest(dir, disk);
}

/** Removes all but the newest three of each reason. */
export function keepNewest(dir: string, disk: Disk): void {
  const seen = new Map<BackupReason, number>();
  for (const { file, reason } of named(dir)) {
    const count = (seen.get(reason) ?? 0) + 1;
    seen.set(reason, count);
    if (count > KEPT_BACKUPS) disk.remove(join(dir, file));
  }
}

/** How many pages of a live database are copied between two looks at whether the thread was told to end. */
const STEP_PAGES = 4096;

/**
 * Writes a verified backup of a database that others may be using: of one moment, whatever is written meanwhile. For a
 * worker thread, because the check reads every page.
 *
 * @throws AppFailure `storage_full`, `storage_unavailable`; nothing stays of the attempt then.
 */
export async function backUpLive(
  database: string,
  dir: string,
  options: { reason: BackupReason; nowMs: number; disk: Disk; onProgress?: (done: number, total: number) => void },
): Promise<BackupRecord> {
  const { disk } = options;
  beginBackup(dir, disk);
  const file = backupName(options.reason, options.nowMs);
  const partial = join(dir, `${file}.partial`);
  const source = new Database(database, { readonly: true, timeout: 5000 });
  try {
    // The read transaction holds the moment: rows that come later are in neither the counts nor the copy.
    source.exec('begin');
    const sizeBytes =
      Number(source.pragma('page_count', { simple: true })) * Number(source.pragma('page_size', { simple: true }));
    assertRoom(disk, dir, sizeBytes, { word: 'room_to_back_up' });
    const wanted = rowCounts(source);
    await source.backup(partial, {
      progress({ totalPages, remainingPages }) {
        options.onProgress?.(totalPages - remainingPages, totalPages);
        return STEP_PAGES;
      },
    });
    source.exec('rollback');
    // A copy carries its source's mode; without this a look at it would leave log files beside it.
    const copy = new Database(partial);
    copy.pragma('journal_mode = DELETE');
    copy.close();
    keepBackup(partial, join(dir, file), wanted, disk);
  } catch (thrown) {
    disk.remove(partial);
    throw thrown;
  } finally {
    source.close();
  }
  return describeBackup(dir, file) as BackupRecord;
}

/** What a backup holds. Null for a file that is none. */
function describeBackup(dir: string, file: string): BackupRecord | null {
  const said = readBackupName(file);
  if (said === null) return null;
  const path = join(dir, file);
  const { size } = statSync(path);
  const unread = { file, ...said, sizeBytes: size, schemaVersion: null, conversations: null, messages: null };
  let db: Connection | null = null;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    const count = (sql: string) => db?.prepare(sql).pluck().get() as number;
    return {
      ...unread,
      schemaVersion: Number(db.pragma('user_version', { simple: true })),
      conversations: count('select count(*) from sessions'),
      messages: count('select count(*) from messages'),
      defect: null,
    };
  } catch (thrown) {
    return { ...unread, defect: thrown instanceof Error ? thrown.message : String(thrown) };
  } finally {
    db?.close();
  }
}

/** Every backup of a folder, the newest first, with what each holds. */
export function listBackups(dir: string): BackupRecord[] {
  let files: { file: string }[];
  try {
    files = named(dir);
  } catch (thrown) {
    // No folder yet: nothing was ever backed up.
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return [];
    throw thrown;
  }
  return files.flatMap(({ file }) => describeBackup(dir, file) ?? []);
}

/** Reads every page of a backup. Returns why it cannot be restored, or null. */
export function findFileDefect(dir: string, file: string): FailureFact | null {
  if (readBackupName(file) === null) return { word: 'defect_no_backup' };
  const path = join(dir, file);
  let counts: RowCounts;
  try {
    const db = new Database(path, { readonly: true, fileMustExist: true });
    try {
      counts = rowCounts(db);
    } finally {
      db.close();
    }
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
  if (!counts.has('sessions')) return { word: 'defect_no_conversations' };
  return findBackupDefect(counts, path);
}
