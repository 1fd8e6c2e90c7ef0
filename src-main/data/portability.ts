import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataJob, ImportPreview } from '#contract/data';
import { AppFailure } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { systemDisk } from '../platform/disk.ts';
import type { Logger } from '../platform/logger.ts';
import type { DataPaths } from '../platform/paths.ts';
import { stampOf } from '../store/backup-name.ts';
import { createPortableRows } from '../store/portable-rows.ts';
import type { Store } from '../store/store.ts';
import type { ImportedItem } from './data-task.ts';
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
  readonly #exports = new Map<string, string>();

  constructor(parts: PortabilityParts) {
    const { newId, logger, tell, paths } = parts;
    this.#parts = parts;
    this.#jobs = new DataJobs({ newId, logger, tell });
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
    const { paths, attachmentsDir, runTask, clock, secrets, version } = this.#parts;
    return this.#jobs.start('export', async (signal, progress, jobId) => {
      // One that was not fetched makes room for the next.
      for (const [id, old] of this.#exports) {
        await rm(old, { force: true });
        this.#exports.delete(id);
      }
      await mkdir(paths.passing, { recursive: true, mode: 0o700 });
      const fileName = `sluice-export-${stampOf(clock.now()).slice(0, 19)}.zip`;
      const path = join(paths.passing, `export-${jobId.replace(/[^A-Za-z0-9-]/g, '_')}.zip`);
      try {
        const exported = await runTask(
          'export',
          { database: paths.database, attachmentsDir, path, ids: sessionIds, secrets: secrets(), version },
          { signal, onProgress: ({ done, total }) => progress(done, total) },
        );
        this.#exports.set(jobId, path);
        return { exported: { ...exported, fileName } };
      } catch (thrown) {
        await rm(`${path}.part`, { force: true });
        throw thrown;
      }
    });
  }

  /** A piece of a finished export; empty at its end. @throws AppFailure `not_found`. */
  async readExport(jobId: string, offsetBytes: number): Promise<{ data: string; sizeBytes: number }> {
    const path = this.#exports.get(jobId);
    if (path === undefined) throw new AppFailure('not_found', 'This export is not here any more. Export again.');
    const file = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, offsetBytes);
      return { data: buffer.subarray(0, bytesRead).toString('base64'), sizeBytes: (await file.stat()).size };
    } finally {
      await file.close();
    }
  }

  get files(): Pick<ImportFiles, 'begin' | 'append' | 'forget'> {
    return this.#files;
  }

  /** @throws AppFailure with a sentence for a file that cannot be imported. */
  preview(importId: string): Promise<ImportPreview> {
    return this.#parts.runTask('previewImport', this.#files.whole(importId));
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

  async close(): Promise<void> {
    await this.#jobs.close();
    await this.#files.close();
    await rm(this.#parts.paths.passing, { recursive: true, force: true });
  }
}
