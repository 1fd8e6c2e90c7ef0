import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataJob, EXPORT_EXTENSION, type ExportResult } from '#contract/data';
import { failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { stampOf } from '../store/backup-name.ts';
import type { DataJobs } from './jobs.ts';
import type { TaskOptions } from './run-task.ts';

const CHUNK_BYTES = 1024 * 1024;

/** Writes an export to a path; nothing of it stays when it fails. */
export type WriteExport = (path: string, options: TaskOptions) => Promise<ExportResult>;

/** Exports as jobs. A finished one lies in a passing folder until the next, and is read from there piece by piece. */
export class Exports {
  readonly #parts: { folder: string; clock: Clock; jobs: DataJobs };
  readonly #files = new Map<string, string>();

  constructor(parts: { folder: string; clock: Clock; jobs: DataJobs }) {
    this.#parts = parts;
  }

  /** @throws AppFailure `conflict` while another one is under way. */
  start(write: WriteExport): DataJob {
    const { folder, clock, jobs } = this.#parts;
    return jobs.start('export', async (signal, progress, jobId) => {
      // One that was not fetched makes room for the next.
      await this.forget();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, `export-${jobId.replace(/[^A-Za-z0-9-]/g, '_')}.zip`);
      try {
        const exported = await write(path, { signal, onProgress: ({ done, total }) => progress(done, total) });
        this.#files.set(jobId, path);
        return {
          exported: {
            ...exported,
            fileName: `sluice-export-${stampOf(clock.now()).slice(0, 19)}.${EXPORT_EXTENSION}`,
          },
        };
      } catch (thrown) {
        // The thread that wrote it may have been ended in the middle.
        await rm(`${path}.part`, { force: true });
        throw thrown;
      }
    });
  }

  /** Removes what was exported and still lies here. */
  async forget(): Promise<void> {
    for (const [id, path] of this.#files) {
      await rm(path, { force: true });
      this.#files.delete(id);
    }
  }

  /** A piece of a finished export; empty at its end. @throws AppFailure `not_found`. */
  async read(jobId: string, offsetBytes: number): Promise<{ data: string; sizeBytes: number }> {
    const path = this.#files.get(jobId);
    if (path === undefined) throw failureOf('not_found', { word: 'export_gone' });
    const file = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, offsetBytes);
      return { data: buffer.subarray(0, bytesRead).toString('base64'), sizeBytes: (await file.stat()).size };
    } finally {
      await file.close();
    }
  }
}
