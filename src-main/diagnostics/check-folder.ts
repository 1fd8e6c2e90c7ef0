import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DataPaths } from '../platform/paths.ts';
import { type Finding, note, problem, well } from './finding.ts';

/** Below this a conversation of some length, with a backup, may not find room. */
const LITTLE_ROOM_BYTES = 200 * 1024 * 1024;

/** The nearest folder that is there: where a missing one would be made. */
function standing(dir: string): string {
  let at = dir;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    // Why it is not makes no difference to what helps.
    return false;
  }
}

export function checkFolder(paths: DataPaths): Finding {
  const facts = { path: paths.dir, log: paths.log, database: paths.database };
  const other = 'Give this folder back to your user, or choose another one with SLUICE_DATA_DIR.';
  const stat = statSync(paths.dir, { throwIfNoEntry: false });
  if (stat === undefined) {
    return isWritable(standing(paths.dir))
      ? note('folder', `The data folder ${paths.dir} is not there yet; the first start makes it.`, facts)
      : problem('folder', `The data folder ${paths.dir} is not there and cannot be made.`, other, facts);
  }
  if (!stat.isDirectory())
    return problem('folder', `${paths.dir} is a file and no folder.`, 'Move it away, or set SLUICE_DATA_DIR.', facts);
  return isWritable(paths.dir)
    ? well('folder', `The data folder is ${paths.dir}.`, facts)
    : problem('folder', `The data folder ${paths.dir} cannot be written.`, other, facts);
}

/** Whether other users of this computer can read what lies in the folder. Windows has no such bits. */
export function checkPermissions(paths: DataPaths, platform: NodeJS.Platform): Finding | null {
  if (platform === 'win32') return null;
  const open = [paths.dir, paths.database, paths.token, paths.log, paths.crash].filter((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat !== undefined && (stat.mode & 0o077) !== 0;
  });
  const [first] = open;
  if (first === undefined)
    return existsSync(paths.dir) ? well('permissions', 'Only you can read what is in it.') : null;
  // A folder that is closed to others closes what is in it.
  if (!open.includes(paths.dir))
    return note('permissions', `${first} alone would be open to others; its folder is closed to them.`, {
      path: first,
    });
  return problem(
    'permissions',
    `Other users of this computer can look into ${paths.dir}.`,
    `chmod 700 "${paths.dir}"`,
    { path: paths.dir, mode: (statSync(paths.dir).mode & 0o777).toString(8) },
  );
}

/** @param freeBytes what the disk of a folder still takes. */
export function checkSpace(paths: DataPaths, freeBytes: (dir: string) => number): Finding {
  let free: number;
  try {
    free = freeBytes(standing(paths.dir));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return note('space', `How much room the disk has is not to be found out (${reason}).`);
  }
  const size = statSync(paths.database, { throwIfNoEntry: false })?.size ?? 0;
  const needed = Math.max(LITTLE_ROOM_BYTES, 2 * size);
  const facts = { freeBytes: free, neededBytes: needed };
  return free >= needed
    ? well('space', `${megabytes(free)} MB are free on its disk.`, facts)
    : problem(
        'space',
        `Only ${megabytes(free)} MB are free on the disk of the data folder.`,
        `Free some space: an update and its backup take up to ${megabytes(needed)} MB.`,
        facts,
      );
}

const megabytes = (bytes: number): string => Math.floor(bytes / (1024 * 1024)).toLocaleString('en');
