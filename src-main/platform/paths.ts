import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { failureOf } from './app-failure.ts';

/**
 * The folder that holds everything Sluice must not lose. `SLUICE_DATA_DIR` wins; otherwise the place where each system
 * keeps application data. Both hosts use the same one, so a conversation begun in one is there in the other.
 */
export function defaultDataDir(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const chosen = env['SLUICE_DATA_DIR'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  const home = homedir();
  switch (platform) {
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Sluice');
    case 'win32':
      return join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Sluice');
    default:
      return join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'sluice');
  }
}

/** The files of a data directory, each named once. */
export interface DataPaths {
  dir: string;
  database: string;
  backups: string;
  /** Exports that wait to be fetched, and files that are being imported. Emptied at every start. */
  passing: string;
  lock: string;
  holder: string;
  token: string;
  log: string;
  /** What is known of the last end that nobody asked for. */
  crash: string;
  /** Programs' calls that the store has not taken in yet: two files, written in turns. */
  callJournal: readonly [string, string];
}

export function dataPaths(dir: string): DataPaths {
  return {
    dir,
    database: join(dir, 'sluice.db'),
    backups: join(dir, 'backups'),
    passing: join(dir, 'passing'),
    lock: join(dir, 'host.lock'),
    holder: join(dir, 'host.json'),
    token: join(dir, 'token'),
    log: join(dir, 'sluice.log'),
    crash: join(dir, 'crash.json'),
    callJournal: [join(dir, 'calls.a.journal'), join(dir, 'calls.b.journal')],
  };
}

/**
 * Makes sure that the data directory is there and can be written, before anything else touches it.
 *
 * @throws AppFailure `storage_unavailable` naming the folder and the way to choose another.
 */
export function ensureDataDir(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    accessSync(dir, constants.R_OK | constants.W_OK);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
    throw failureOf('storage_unavailable', { word: 'data_dir_unusable', with: { dir, code } }, { cause: thrown });
  }
}
