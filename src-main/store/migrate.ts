import type Database from 'better-sqlite3';
import { AppFailure } from '../platform/app-failure.ts';
import { writeVerifiedBackup } from './backup.ts';
import { type Migration, migrations as shipped } from './migrations/index.ts';

/**
 * Brings a database to the newest schema. An empty one is built without ceremony; one with content gets a verified backup
 * before each step, and each step is one transaction that either happens whole or not at all.
 *
 * @throws AppFailure `storage_unavailable` for a schema that is newer than this program; it is left untouched.
 */
export function migrate(
  db: Database.Database,
  options: { backupDir: string; migrations?: readonly Migration[]; nowMs: number },
): { from: number; to: number; backups: string[] } {
  const migrations = options.migrations ?? shipped;
  const newest = migrations.at(-1)?.version ?? 0;
  const from = db.pragma('user_version', { simple: true }) as number;
  if (from > newest) {
    throw new AppFailure(
      'storage_unavailable',
      `These conversations were written by a newer Sluice (data version ${from}; this one knows ${newest}). Install the newer Sluice, or choose another folder with SLUICE_DATA_DIR. Nothing was changed.`,
      { retry: { kind: 'no' }, details: { found: from, known: newest } },
    );
  }
  const backups: string[] = [];
  for (const migration of migrations) {
    if (migration.version <= from) continue;
    if (from > 0) {
      const stamp = new Date(options.nowMs).toISOString().replace(/[:.]/g, '-');
      backups.push(writeVerifiedBackup(db, options.backupDir, `before-v${migration.version}-${stamp}`));
    }
    db.transaction(() => {
      db.exec(migration.sql);
      db.pragma(`user_version = ${migration.version}`);
    }).immediate();
  }
  return { from, to: newest, backups };
}
