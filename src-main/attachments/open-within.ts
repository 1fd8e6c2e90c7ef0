import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { errnoOf } from './storage-failure.ts';

/** Where files may be read; all absolute. */
export interface ReadableFolders {
  attachments: string;
  /** Folders that a person chose for conversations. */
  workspaces: readonly string[];
  /** Sluice's own folder: but for the attachments nothing in it is read, whatever working folder holds it. */
  dataDir: string;
}

export type OpenedFile =
  /** The caller closes the handle. */
  | { ok: true; handle: FileHandle; path: string; stats: Stats }
  | { ok: false; reason: 'outside' | 'missing' | 'unreadable' | 'not-a-file' };

/** Whether a path lies below a folder; both absolute and without `..`. */
export function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Whether a path may be read. Pure; asked before anything is touched and again for where its links lead. */
export function isReadable(path: string, { attachments, workspaces, dataDir }: ReadableFolders): boolean {
  if (isBelow(attachments, path)) return true;
  if (path === dataDir || isBelow(dataDir, path)) return false;
  return workspaces.some(
    // A whole drive is no choice of a folder: not everything on it is meant to be shown.
    (workspace) => isAbsolute(workspace) && dirname(workspace) !== workspace && isBelow(workspace, path),
  );
}

/** The folders as they are called once their links are followed. One that is gone keeps its name and holds nothing. */
async function realFolders({ attachments, workspaces, dataDir }: ReadableFolders): Promise<ReadableFolders> {
  const real = (folder: string) => realpath(folder).catch(() => resolve(folder));
  return {
    attachments: await real(attachments),
    workspaces: await Promise.all(workspaces.filter((folder) => isAbsolute(folder)).map(real)),
    dataDir: await real(dataDir),
  };
}

/**
 * Opens a file for reading if it lies in one of the folders, by its name and by where its links lead. Nothing outside is
 * touched, not even to see whether it is there.
 */
export async function openWithin(path: string, folders: ReadableFolders): Promise<OpenedFile> {
  if (path.includes('\0') || !isAbsolute(path)) return { ok: false, reason: 'outside' };
  const asked = resolve(path);
  if (!isReadable(asked, folders)) return { ok: false, reason: 'outside' };
  let handle: FileHandle | null = null;
  try {
    const real = await realpath(asked);
    if (!isReadable(real, await realFolders(folders))) return { ok: false, reason: 'outside' };
    // No link at the end, and no waiting for a pipe's other end. Windows has neither flag, which counts as 0 here.
    handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = await handle.stat();
    // A folder on the way may have become a link since it was looked at: what is open must be what the path still names.
    const again = (await realpath(asked)) === real ? await stat(real) : null;
    const isSame = again !== null && again.ino === stats.ino && again.dev === stats.dev;
    if (isSame && stats.isFile()) return { ok: true, handle, path: real, stats };
    await handle.close();
    return { ok: false, reason: isSame ? 'not-a-file' : 'missing' };
  } catch (thrown) {
    await handle?.close();
    return { ok: false, reason: reasonOf(thrown) };
  }
}

function reasonOf(thrown: unknown): 'missing' | 'unreadable' | 'not-a-file' {
  const code = errnoOf(thrown);
  if (code === '') throw thrown;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG') return 'missing';
  return code === 'EISDIR' || code === 'ENXIO' ? 'not-a-file' : 'unreadable';
}
