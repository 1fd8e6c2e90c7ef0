import { statSync } from 'node:fs';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { ReadClient } from './read-client.ts';
import type { Store } from './store.ts';

/** The write-ahead log is folded back once it is this long: SQLite's own default of 1000 pages. */
const CHECKPOINT_AT_BYTES = 4 * 1024 * 1024;
/** How many commits pass between two looks at the file. */
const LOOK_EVERY = 128;
/** SQLite's own checkpoint on the main thread, for when the worker cannot keep up or has died: 64 MB. */
const FALLBACK_PAGES = 16_384;

/**
 * Folds the write-ahead log back into the database from the worker thread. A checkpoint waits for the disk (`fsync`), for
 * tens of milliseconds on a slow one, and on the main thread every stream would wait with it.
 */
export function checkpointInWorker(store: Store, reads: ReadClient, walPath: string, logger: Logger): void {
  let commits = 0;
  let running = false;
  store.db.pragma(`wal_autocheckpoint = ${FALLBACK_PAGES}`);
  store.committer.onCommit(() => {
    if (++commits % LOOK_EVERY !== 0 || running) return;
    if ((statSync(walPath, { throwIfNoEntry: false })?.size ?? 0) < CHECKPOINT_AT_BYTES) return;
    running = true;
    reads
      .ask('checkpoint', {})
      .catch((thrown: unknown) => logger.warn(describeThrown(thrown), 'the write-ahead log could not be folded back'))
      .finally(() => {
        running = false;
      });
  });
}
