import { readdir, rm } from 'node:fs/promises';
import type { Clock } from '../platform/clock.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import { Mailbox } from '../platform/mailbox.ts';
import type { Store } from '../store/store.ts';
import type { AttachmentFolder } from './attachment-folder.ts';
import { isPartName } from './file-name.ts';
import { errnoOf } from './storage-failure.ts';

/** A file that was added and never sent may still stand in somebody's composer; after a day it does not. */
const UNSENT_KEPT_MS = 24 * 3_600_000;

/**
 * Removes files that no conversation holds: at once where one held them and is gone, after a day where none ever did.
 * A file goes before its row, so that a process that ends between the two tries again and forgets none.
 */
export class AttachmentSweep {
  readonly #parts: { store: Store; folder: AttachmentFolder; clock: Clock; logger: Logger };
  readonly #mailbox = new Mailbox();

  constructor(parts: { store: Store; folder: AttachmentFolder; clock: Clock; logger: Logger }) {
    this.#parts = parts;
  }

  /** Sweeps once, after any sweep that is under way. Never rejects: what stays is tried again by the next sweep. */
  run(): Promise<void> {
    return this.#mailbox.post(async () => {
      try {
        await this.#sweep();
      } catch (thrown) {
        this.#parts.logger.warn(describeThrown(thrown), 'files without a conversation stay until the next sweep');
      }
    });
  }

  /** Resolves when no sweep is under way. */
  settled(): Promise<void> {
    return this.#mailbox.post(() => Promise.resolve());
  }

  /**
   * Removes what uploads of an earlier process left. Only before the first upload of this one. A finished file whose row
   * is not in this database stays: the database may have been set aside, and may come back.
   */
  async removeLeftovers(): Promise<void> {
    const { folder, logger } = this.#parts;
    try {
      for (const fileName of (await readdir(folder.path)).filter(isPartName)) {
        await rm(folder.fileOf(fileName), { force: true });
      }
    } catch (thrown) {
      // No folder yet: nothing was ever added.
      if (errnoOf(thrown) === 'ENOENT') return;
      logger.warn(describeThrown(thrown), 'leftovers of uploads stay until the next start');
    }
  }

  async #sweep(): Promise<void> {
    const { store, folder, clock, logger } = this.#parts;
    const removed: string[] = [];
    for (const row of store.attachments.unused(clock.now() - UNSENT_KEPT_MS)) {
      try {
        await rm(folder.fileOf(row.file_name), { force: true });
        removed.push(row.id);
      } catch (thrown) {
        logger.warn(describeThrown(thrown), 'a file without a conversation could not be removed');
      }
    }
    if (removed.length === 0) return;
    await store.committer.commit(() => {
      for (const id of removed) store.attachments.removeUnused(id);
    });
  }
}
