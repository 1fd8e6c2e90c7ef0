import { closeSync, constants, copyFileSync, fsyncSync, openSync, renameSync, rmSync, statfsSync } from 'node:fs';

/** Whether a code of the system says that there is no room left, for everybody or for this user. */
export function isNoRoom(code: string): boolean {
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** What is done to whole files where a half-done step would cost data. A parameter, so that a test can let each step fail. */
export interface Disk {
  /** Bytes that this user may still write to the file system of a folder. */
  freeBytes(dir: string): number;
  /** Copies a file; nothing is on the disk for certain before `sync`. */
  copy(from: string, to: string): void;
  /** Returns when a file's bytes, or a folder's names, are on the disk. */
  sync(path: string): void;
  /** Puts a file in the place of another one in the same file system, in one step. */
  rename(from: string, to: string): void;
  /** Removes a file if it is there. */
  remove(path: string): void;
}

export const systemDisk: Disk = {
  freeBytes(dir) {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize;
  },
  // A copy on write where the file system knows one: then it costs neither time nor room.
  copy: (from, to) => copyFileSync(from, to, constants.COPYFILE_FICLONE),
  sync(path) {
    let file: number;
    try {
      file = openSync(path, process.platform === 'win32' ? 'r+' : 'r');
    } catch (thrown) {
      // Windows cannot open a folder to sync it; NTFS journals the rename.
      if (process.platform === 'win32') return;
      throw thrown;
    }
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  },
  rename: (from, to) => renameSync(from, to),
  remove: (path) => rmSync(path, { force: true }),
};
