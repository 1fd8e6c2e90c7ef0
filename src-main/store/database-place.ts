import { statSync } from 'node:fs';
import type { FailureSaying } from '#contract/failure-saying';

/** What keeps writes from being kept; null where nothing does. */
export type FindObstacle = () => FailureSaying | null;

/**
 * Watches whether the file that was just opened still is the one at its path. SQLite goes on writing into a file that was
 * deleted, moved or replaced, and what it acknowledges then is gone with the process. The file is known by its inode, as SQLite
 * knows it where it looks by itself (`SQLITE_READONLY_DBMOVED`, not in WAL mode).
 *
 * @param path of an open database. A look costs some 3 µs.
 * @throws what `stat` throws when there is nothing at the path now.
 */
export function watchPlace(path: string): FindObstacle {
  const opened = statSync(path, { bigint: true });
  return () => {
    const found = lookAt(path, opened);
    return found?.ino === opened.ino ? null : { word: 'store_gone', with: { path } };
  };
}

/** What is at the path; what cannot be looked at just now counts as what was there. */
function lookAt<Stats extends { ino: bigint }>(path: string, before: Stats): { ino: bigint } | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    // A folder that lets nobody look into it says nothing about the file, and the write itself will tell.
    return before;
  }
}
