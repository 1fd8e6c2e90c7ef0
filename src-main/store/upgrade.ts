import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { FailureSaying } from '#contract/failure-saying';
import { AppFailure, factOf, failureOf } from '../platform/app-failure.ts';
import type { Disk } from '../platform/disk.ts';
import type { DataPaths } from '../platform/paths.ts';
import { assertRoom, beginBackup, keepBackup, type RowCounts, rowCounts } from './backup.ts';
import { backupName } from './backup-name.ts';
import type { Migration } from './migrations/index.ts';
import { StoreTrouble, troubleOf } from './store-trouble.ts';

type Connection = Database.Database;

export interface UpgradeOptions {
  migrations: readonly Migration[];
  nowMs: number;
  disk: Disk;
}

const versionOf = (db: Connection): number => Number(db.pragma('user_version', { simple: true }));
const foreignKeyFaults = (db: Connection): number => (db.pragma('foreign_key_check') as unknown[]).length;
const schemaSize = (db: Connection): number => db.prepare('select count(*) from sqlite_schema').pluck().get() as number;

/** Each step is one transaction that happens whole or not at all. */
function applyMigrations(db: Connection, migrations: readonly Migration[], from: number): void {
  for (const migration of migrations) {
    if (migration.version <= from) continue;
    db.transaction(() => {
      db.exec(migration.sql);
      db.pragma(`user_version = ${migration.version}`);
    }).immediate();
  }
}

/** What is wrong with an upgraded copy; null where it may take its source's place. */
function findUpgradeDefect(copy: Connection, source: { counts: RowCounts; faults: number }): FailureSaying | null {
  const check = copy.pragma('quick_check', { simple: true });
  if (check !== 'ok') return { word: 'defect_check', with: { text: String(check) } };
  if (foreignKeyFaults(copy) > source.faults) return { word: 'defect_lost_rows' };
  const found = rowCounts(copy);
  for (const [table, count] of source.counts) {
    const left = found.get(table);
    if (left === undefined) return { word: 'defect_table_missing', with: { table } };
    if (left < count) return { word: 'defect_rows', with: { table, rows: left, wanted: count } };
  }
  return null;
}

/**
 * Brings a database to the newest schema. An empty one is built where it is. One with content is left alone: a verified
 * backup is made of it, a copy is upgraded and checked, and only then takes its place, in one step. Whatever fails before
 * that step, the database is as it was.
 *
 * @param db a connection to `paths.database`, the only one. It is closed when the database was replaced; otherwise it stays
 *   the caller's.
 * @returns whether the database was replaced. The caller opens it anew then.
 * @throws StoreTrouble `newer` for a schema that this program does not know, `full` without room, `locked` while another
 *   program has the file open, `upgrade` for everything else.
 */
export function upgradeDatabase(db: Connection, paths: DataPaths, options: UpgradeOptions): boolean {
  const { migrations, disk } = options;
  const newest = migrations.at(-1)?.version ?? 0;
  const from = versionOf(db);
  if (from > newest) {
    throw new StoreTrouble(
      'newer',
      { word: 'trouble_newer', with: { version: from, known: newest } },
      { details: { found: from, known: newest } },
    );
  }
  disk.remove(upgradingPath(paths));
  if (from === newest) return false;
  if (from === 0 && schemaSize(db) === 0) {
    // As one transaction: a first start that is broken off leaves an empty file, and waits for the disk once.
    db.transaction(() => applyMigrations(db, migrations, 0)).immediate();
    return false;
  }
  try {
    replaceByUpgraded(db, paths, { ...options, from, to: newest });
    return true;
  } catch (thrown) {
    removeQuietly(disk, upgradingPath(paths));
    const trouble = thrown instanceof AppFailure && thrown.code === 'storage_full' ? 'full' : troubleOf(thrown)?.kind;
    if (trouble === 'full' || trouble === 'locked') {
      const said = thrown instanceof AppFailure ? thrown.said : troubleOf(thrown)?.said;
      throw new StoreTrouble(trouble, said ?? { word: trouble === 'full' ? 'trouble_full' : 'trouble_locked' }, {
        retry: { kind: 'user-action', action: trouble === 'full' ? 'free-disk-space' : 'retry' },
        cause: thrown,
      });
    }
    throw new StoreTrouble(
      'upgrade',
      { word: 'trouble_upgrade', with: { known: newest, version: from, reason: factOf(thrown) } },
      { retry: { kind: 'user-action', action: 'retry' }, cause: thrown },
    );
  }
}

function upgradingPath(paths: DataPaths): string {
  return `${paths.database}.upgrading`;
}

/** For the way out of a failure, which is to stay the one that is told. What stays is removed by the next start. */
function removeQuietly(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch {
    // The next start removes it before it begins.
  }
}

function replaceByUpgraded(
  db: Connection,
  paths: DataPaths,
  options: UpgradeOptions & { from: number; to: number },
): void {
  const { disk, migrations, from, to } = options;
  // Folds the write-ahead log into the file, and proves that nobody else has it open: what is copied and replaced is whole.
  if (db.pragma('journal_mode = DELETE', { simple: true }) !== 'delete') throw busy();
  const unchanged = db.pragma('data_version', { simple: true });
  const sizeBytes =
    Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
  beginBackup(paths.backups, disk);
  assertRoom(disk, paths.backups, 2 * sizeBytes, { word: 'room_to_upgrade', with: { version: to } });
  const counts = rowCounts(db);
  const faults = foreignKeyFaults(db);

  const backup = join(paths.backups, backupName('upgrade', options.nowMs, to));
  disk.copy(paths.database, `${backup}.partial`);
  keepBackup(`${backup}.partial`, backup, counts, disk);

  const upgrading = upgradingPath(paths);
  disk.copy(backup, upgrading);
  const copy = new Database(upgrading);
  try {
    // The copy is thrown away when anything fails, and synced as a whole when nothing did.
    copy.pragma('journal_mode = MEMORY');
    copy.pragma('synchronous = OFF');
    copy.pragma('foreign_keys = ON');
    applyMigrations(copy, migrations, from);
    const defect = findUpgradeDefect(copy, { counts, faults });
    if (defect !== null) throw failureOf('storage_unavailable', { word: 'upgrade_untrusted', with: { defect } });
  } finally {
    copy.close();
  }
  disk.sync(upgrading);
  if (db.pragma('data_version', { simple: true }) !== unchanged) throw busy();
  db.close();
  disk.rename(upgrading, paths.database);
  disk.sync(paths.dir);
}

function busy(): Error {
  return Object.assign(new Error('Another program has the conversations file open.'), { code: 'SQLITE_BUSY' });
}
