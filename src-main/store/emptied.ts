import { readdirSync, statSync } from 'node:fs';
import type { DataPaths } from '../platform/paths.ts';
import { readBackupName } from './backup-name.ts';

const sizeOf = (path: string): number | null => statSync(path, { throwIfNoEntry: false })?.size ?? null;

/**
 * Whether a database that once held something is a file without a byte, as a lost sector, a full disk or a program that
 * synchronises folders leaves it. A first start that was broken off leaves one, too, but no backups.
 */
export function isEmptied({ database, backups }: Pick<DataPaths, 'database' | 'backups'>): boolean {
  if (sizeOf(database) !== 0 || (sizeOf(`${database}-wal`) ?? 0) > 0) return false;
  if (sizeOf(backups) === null) return false;
  return readdirSync(backups).some((file) => readBackupName(file) !== null);
}
