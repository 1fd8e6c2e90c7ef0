import { rm } from 'node:fs/promises';
import type { DataJob, ImportPreview } from '#contract/data';
import type { Clock } from '../platform/clock.ts';
import { systemDisk } from '../platform/disk.ts';
import type { Logger } from '../platform/logger.ts';
import type { DataPaths } from '../platform/paths.ts';
import { createPortableRows } from '../store/portable-rows.ts';
import type { Store } from '../store/store.ts';
import type { ImportedItem } from './data-task.ts';
import { Exports } from './exports.ts';
import { ConversationImport } from './import-conversations.ts';
import { ImportFiles } from './import-files.ts';
import { DataJobs } from './jobs.ts';
import type { RunTask } from './run-task.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Progress of an import is told this often, and the list of conversations grows at the same pace. */
const TELL_EVERY = 25;

export interface PortabilityParts {
  paths: DataPaths;
  attachmentsDir: string;
  store: Store;
  runTask: RunTask;
  clock: Clock;
  logger: Logger;
  newId: () => string;
  /** Values that no export may hold. */
  secrets: () => readonly string[];
  version: string;
  tell: (job: DataJob) => void;
  /** Conversations were added. */
  added: (sessionIds: string[]) => void;
}

/** The ways out of this store and into it: exports and imports, each a job that can be watched and stopped. */
export class Portability {
  readonly #parts: PortabilityParts;
  readonly #jobs: DataJobs;
  readonly #files: ImportFiles;
  readonly #exports: Exports;

  constructor(parts: PortabilityParts) {
    const { newId, logger, tell, paths } = parts;
    this.#parts = parts;
    this.#jobs = new DataJobs({ newId, logger, tell });
    this.#exports = new Exports({ folder: paths.passing, clock: parts.clock, jobs: this.#jobs });
    this.#files = new ImportFiles({ folder: paths.passing, disk: systemDisk, newId, chunkBytes: CHUNK_BYTES });
  }

  /** Removes what an earlier process left under way. */
  async start(): Promise<void> {
    await rm(this.#parts.paths.passing, { recursive: true, force: true });
  }

  job = (jobId: string): DataJob => this.#jobs.get(jobId);
  cancel = (jobId: string): Promise<DataJob> => this.#jobs.cancel(jobId);

  /** Exports some conversations, or all for null. @throws AppFailure `conflict` while another export is under way. */
  export(sessionIds: readonly string[] | null): DataJob {
    const { paths, attachmentsDir, runTask, secrets, version } = this.#parts;
    return this.#exports.start((path, options) =>
      runTask(
        'export',
        { database: paths.database, attachmentsDir, path, ids: sessionIds, secrets: secrets(), version },
        options,
      ),
    );
  }

  /** A piece of a finished export; empty at its end. @throws AppFailure `not_found`. */
  readExport(jobId: string, offsetBytes: number): Promise<{ data: string; sizeBytes: number }> {
    return this.#exports.read(jobId, offsetBytes);
  }

  get files(): Pick<ImportFiles, 'begin' | 'append' | 'forget'> {
    return this.#files;
  }

  /** @throws AppFailure with a sentence for a file that cannot be imported. */
  async preview(importId: string): Promise<ImportPreview> {
    const file = this.#files.whole(importId);
    return { name: file.name, ...(await this.#parts.runTask('previewImport', file)) };
  }

  /** Imports a file that has arrived. @throws AppFailure `not_found`, `conflict`. */
  import(importId: string): DataJob {
    const { store, attachmentsDir, runTask, newId, added } = this.#parts;
    const file = this.#files.whole(importId);
    return this.#jobs.start('import', async (signal, progress) => {
      const rows = createPortableRows(store.db, attachmentsDir);
      const conversations = new ConversationImport({ store, rows, attachmentsDir, newId });
      let told = 0;
      let taking: Promise<void> = Promise.resolve();
      const tellAdded = () => {
        const fresh = conversations.sessionIds.slice(told);
        told = conversations.sessionIds.length;
        if (fresh.length > 0) added(fresh);
      };
      try {
        await runTask(
          'import',
          { ...file, attachmentsDir },
          {
            signal,
            onItem: async (given) => {
              const item = given as ImportedItem;
              taking = conversations.take(item, signal);
              await taking;
              if (item.done % TELL_EVERY !== 0 && item.done !== item.total) return;
              progress(item.done, item.total);
              tellAdded();
            },
          },
        );
      } catch (thrown) {
        if (!signal.aborted) throw thrown;
      } finally {
        // Stopped in the middle of a conversation: that one is taken back first.
        await taking.catch(() => undefined);
        tellAdded();
        await this.#files.forget(importId);
      }
      return { imported: conversations.result };
    });
  }

  /** Removes finished exports: their files were saved where a person wanted them. */
  forgetExports(): Promise<void> {
    return this.#exports.forget();
  }

  async close(): Promise<void> {
    await this.#jobs.close();
    await this.#files.close();
    await rm(this.#parts.paths.passing, { recursive: true, force: true });
  }
}
