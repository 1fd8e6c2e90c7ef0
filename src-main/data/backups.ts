import { join } from 'node:path';
import type { BackupReason, BackupRecord } from '#contract/data';
import { failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { systemDisk } from '../platform/disk.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import { Mailbox } from '../platform/mailbox.ts';
import type { DataPaths } from '../platform/paths.ts';
import { readBackupName } from '../store/backup-name.ts';
import type { RunTask } from './run-task.ts';

/** Well after the start, when nobody waits for anything. */
const FIRST_LOOK_AFTER_MS = 10 * 60_000;
const LOOK_EVERY_MS = 6 * 3_600_000;
/** What a regular backup may be behind. */
const REGULAR_EVERY_MS = 3 * 24 * 3_600_000;

/** The backups of a data directory: made, listed, checked and deleted, one thing after the other. */
export class Backups {
  readonly #parts: { paths: DataPaths; runTask: RunTask; clock: Clock; logger: Logger };
  readonly #mailbox = new Mailbox();
  readonly #closing = new AbortController();
  #cancelLook: () => void = () => undefined;

  constructor(parts: { paths: DataPaths; runTask: RunTask; clock: Clock; logger: Logger }) {
    this.#parts = parts;
  }

  get dir(): string {
    return this.#parts.paths.backups;
  }

  /** The newest first. */
  list(): Promise<BackupRecord[]> {
    return this.#post(() => this.#parts.runTask('listBackups', { dir: this.dir }));
  }

  /**
   * Makes a verified backup of the live database.
   *
   * @throws AppFailure `storage_full`, `storage_unavailable`; older backups are untouched then.
   */
  create(reason: BackupReason, onProgress?: (done: number, total: number | null) => void): Promise<BackupRecord> {
    const { paths, runTask, clock } = this.#parts;
    return this.#post(() =>
      runTask(
        'backUp',
        { database: paths.database, dir: this.dir, reason, nowMs: clock.now() },
        {
          signal: this.#closing.signal,
          ...(onProgress === undefined ? {} : { onProgress: ({ done, total }) => onProgress(done, total) }),
        },
      ),
    );
  }

  /** @throws AppFailure `not_found`, or `invalid_payload` saying why this backup cannot be restored. */
  async assertRestorable(file: string): Promise<void> {
    this.#assertName(file);
    const defect = await this.#post(() => this.#parts.runTask('checkBackup', { dir: this.dir, file }));
    if (defect === null) return;
    throw failureOf('invalid_payload', { word: 'backup_untrusted', with: { defect } });
  }

  /** @throws AppFailure `not_found`. */
  remove(file: string): Promise<void> {
    this.#assertName(file);
    return this.#post(() => Promise.resolve(systemDisk.remove(join(this.dir, file))));
  }

  async removeAll(): Promise<void> {
    for (const { file } of await this.list()) await this.remove(file);
  }

  /** Makes one every three days, while nobody waits. A failure is logged and tried again later. */
  startRegular(): void {
    const look = (afterMs: number): void => {
      this.#cancelLook = this.#parts.clock.after(afterMs, () => {
        void this.#backUpIfDue().finally(() => look(LOOK_EVERY_MS));
      });
    };
    look(FIRST_LOOK_AFTER_MS);
  }

  async #backUpIfDue(): Promise<void> {
    const { clock, logger } = this.#parts;
    try {
      const [newest] = await this.list();
      if (newest !== undefined && clock.now() - newest.createdAtMs < REGULAR_EVERY_MS) return;
      await this.create('regular');
    } catch (thrown) {
      logger.warn(describeThrown(thrown), 'the regular backup was not made');
    }
  }

  /** Breaks off what is under way; nothing half-made stays. */
  async close(): Promise<void> {
    this.#cancelLook();
    this.#closing.abort();
    await this.#mailbox.post(() => Promise.resolve());
  }

  #assertName(file: string): void {
    if (readBackupName(file) === null) throw failureOf('not_found', { word: 'backup_gone' });
  }

  #post<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closing.signal.aborted) return Promise.reject(failureOf('shutting_down', { word: 'closing' }));
    return this.#mailbox.post(task);
  }
}
