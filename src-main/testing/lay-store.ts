import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataPaths } from '../platform/paths.ts';
import { openDatabase } from '../store/database.ts';

let empty: Buffer | null = null;

/** The file of an empty store, made once in a process by the same code that makes every first one. */
function emptyStore(): Buffer {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  try {
    const paths = dataPaths(dir);
    openDatabase(paths, { nowMs: 0 }).close();
    return readFileSync(paths.database);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * Lays an empty store into a data folder that has none, for tests that are not about how one comes to be: building the
 * tables anew costs more than most tests do.
 */
export function layStore(dir: string): void {
  const { database } = dataPaths(dir);
  if (existsSync(database)) return;
  empty ??= emptyStore();
  writeFileSync(database, empty);
}
