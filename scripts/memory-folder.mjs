// Where tests put their data folders: in memory where the machine has a file system for that, or else where TMPDIR says.
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

const SHARED_MEMORY = '/dev/shm';
const PREFIX = 'sluice-tests-';
/** A whole run leaves less than a tenth of this lying at once. Containers give 64 MB unless they are told otherwise. */
const LEAST_FREE_BYTES = 2 ** 30;

/**
 * Whether a file system may hold the tests' folders: room enough, and programs may be started from it.
 *
 * @param {string} mounts /proc/mounts
 * @param {number} freeBytes
 */
export function isFit(mounts, freeBytes) {
  const mount = mounts.split('\n').findLast((line) => line.split(' ')[1] === SHARED_MEMORY);
  const options = mount?.split(' ')[3]?.split(',') ?? ['noexec'];
  return freeBytes >= LEAST_FREE_BYTES && options.includes('rw') && !options.includes('noexec');
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Points TMPDIR of this process and its children to a folder in memory, which goes with the process. Tests wait for a disk
 * more than they compute, and none can tell: a killed process loses nothing that it had written, synced or not. Harmless
 * where TMPDIR is set, on other systems and where there is too little room.
 */
export function keepTestFoldersInMemory() {
  if (process.env['TMPDIR'] !== undefined || process.platform !== 'linux') return;
  try {
    const { bavail, bsize } = statfsSync(SHARED_MEMORY);
    if (!isFit(readFileSync('/proc/mounts', 'utf8'), bavail * bsize)) return;
    for (const name of readdirSync(SHARED_MEMORY)) {
      // What a run that was killed left lying.
      const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : Number.NaN;
      if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(SHARED_MEMORY, name), { recursive: true, force: true });
    }
    const folder = join(SHARED_MEMORY, `${PREFIX}${process.pid}`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    process.env['TMPDIR'] = folder;
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    // No such file system, or none that this user may write to: the disk it is.
  }
}
