import type { FailureSaying } from '#contract/failure-saying';
import type { AppFailure } from '../platform/app-failure.ts';
import { failureOf, told } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { SqliteDatabase } from './database.ts';
import type { FindObstacle } from './database-place.ts';
import { classifySqliteFailure } from './sqlite-failure.ts';

/** Waits between tries while another process holds the lock: 50 ms, doubling to 1 s (decision 28). */
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1000;
/** An impatient caller is told after this many tries, some 1.5 s in all. */
const IMPATIENT_TRIES = 5;

/** One transaction takes no more work than this; the rest is the next turn's, so that nothing else waits for all of it. */
const TURN_BUDGET_MS = 8;

interface Entry {
  work: () => unknown;
  committed: (result: unknown) => void;
  rejected: (failure: unknown) => void;
  patient: boolean;
  tries: number;
}

/** A disk without room is called so; a file or a medium that takes no writes is named by its code. */
function fullSaying(thrown: unknown, full: 'storage_read_only' | 'disk_full'): FailureSaying {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return code === 'SQLITE_FULL' ? { word: full } : { word: 'trouble_unwritable', with: { code } };
}

export interface StorageState {
  state: 'writable' | 'read-only';
  message: string | null;
  said?: FailureSaying;
}

/**
 * The one door to a write. Work that arrives in the same turn of the event loop shares a transaction, up to some 8 ms of it,
 * in order of arrival, and each caller hears of it after the commit, in the same order and in the same turn.
 *
 * Work may run more than once: a lock or a full disk rolls back the whole batch, and work that throws is separated from
 * its neighbours by running each alone. It must therefore touch nothing but the database; memory changes belong into
 * `committed`, which runs exactly once.
 */
export class Committer {
  readonly #db: SqliteDatabase;
  readonly #clock: Clock;
  readonly #begin: () => void;
  readonly #commit: () => void;
  readonly #rollback: () => void;
  readonly #findObstacle: FindObstacle;
  #entries: Entry[] = [];
  #scheduled = false;
  #retryMs = FIRST_RETRY_MS;
  #storage: StorageState = { state: 'writable', message: null };
  #closed = false;
  #damaged = false;
  readonly #afterCommit: (() => void)[] = [];
  readonly #storageListeners = new Set<(state: StorageState) => void>();

  /** @param findObstacle is asked before each transaction; nothing is acknowledged while it finds one. */
  constructor(db: SqliteDatabase, clock: Clock, findObstacle: FindObstacle = () => null) {
    this.#db = db;
    this.#clock = clock;
    this.#findObstacle = findObstacle;
    const begin = db.prepare('begin immediate');
    const commit = db.prepare('commit');
    const rollback = db.prepare('rollback');
    this.#begin = () => void begin.run();
    this.#commit = () => void commit.run();
    this.#rollback = () => void rollback.run();
  }

  get storage(): StorageState {
    return this.#storage;
  }

  /** Hears of every transaction after its callers did, for as long as the store is open; it must not throw. */
  onCommit(listener: () => void): void {
    this.#afterCommit.push(listener);
  }

  onStorageChange(listener: (state: StorageState) => void): () => void {
    this.#storageListeners.add(listener);
    return () => this.#storageListeners.delete(listener);
  }

  /**
   * Runs `work` in a transaction. `committed` is called synchronously after the commit, before any later entry's.
   *
   * A patient entry waits for as long as the store cannot be written and keeps its place; an impatient one fails at once
   * on a full disk or without the file, and after about 1.5 s on a lock.
   *
   * @throws whatever `work` throws; AppFailure `storage_full` or `storage_unavailable`.
   */
  commit<T>(work: () => T, options: { committed?: (result: T) => void; patient?: boolean } = {}): Promise<T> {
    if (this.#closed) return Promise.reject(failureOf('shutting_down', { word: 'closing' }));
    if (this.#damaged) return Promise.reject(failureOf('storage_unavailable', { word: 'store_damaged_read_only' }));
    return new Promise<T>((resolve, reject) => {
      this.#entries.push({
        work,
        committed: (result) => {
          options.committed?.(result as T);
          resolve(result as T);
        },
        rejected: reject,
        patient: options.patient ?? false,
        tries: 0,
      });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** Something read or written met a damaged file: from here on nothing is changed in it. */
  reportDamage(): void {
    this.#damaged = true;
    this.#setStorage({ state: 'read-only', ...told({ word: 'store_damaged_read_only' }) });
  }

  /** Commits what is waiting, now. Used at shutdown; in normal life the event loop's turn does it. */
  flush(): void {
    const batch = this.#entries;
    if (batch.length === 0) return;
    this.#entries = [];
    this.#run(batch);
  }

  /** Returns false when entries were put back to wait: what comes after them has to wait too. */
  #run(batch: Entry[]): boolean {
    const obstacle = this.#findObstacle();
    if (obstacle !== null) {
      this.#setStorage({ state: 'read-only', ...told(obstacle) });
      return this.#putBack(
        batch,
        (entry) => entry.patient,
        () => failureOf('storage_unavailable', obstacle, { retry: { kind: 'user-action', action: 'retry' } }),
      );
    }
    const results: unknown[] = [];
    const startedMs = performance.now();
    try {
      this.#begin();
      for (const entry of batch) {
        results.push(entry.work());
        if (performance.now() - startedMs > TURN_BUDGET_MS) break;
      }
      this.#commit();
    } catch (thrown) {
      if (this.#db.inTransaction) this.#rollback();
      return this.#recover(batch, thrown);
    }
    this.#setStorage({ state: 'writable', message: null });
    this.#retryMs = FIRST_RETRY_MS;
    // Put back before anybody hears of the commit: what they add comes after it.
    if (results.length < batch.length) this.#entries = [...batch.slice(results.length), ...this.#entries];
    for (const [index, entry] of batch.slice(0, results.length).entries()) {
      try {
        entry.committed(results[index]);
      } catch (thrown) {
        // Stored already: only this caller's follow-up failed, and it is told so.
        entry.rejected(thrown);
      }
    }
    for (const listener of this.#afterCommit) listener();
    if (this.#entries.length > 0) this.#schedule();
    return true;
  }

  #recover(batch: Entry[], thrown: unknown): boolean {
    const kind = classifySqliteFailure(thrown);
    switch (kind) {
      case 'other':
        // One entry's own fault. Alone, each shows whose it was; the others are not harmed by it.
        if (batch.length === 1) {
          batch[0]?.rejected(thrown);
          return true;
        }
        for (const [index, entry] of batch.entries()) {
          if (this.#run([entry])) continue;
          // Right behind the one that waits, before whatever came since.
          this.#entries.splice(1, 0, ...batch.slice(index + 1));
          return false;
        }
        return true;
      case 'busy':
        return this.#putBack(
          batch,
          (entry) => entry.patient || entry.tries < IMPATIENT_TRIES,
          () =>
            failureOf(
              'storage_unavailable',
              { word: 'file_held' },
              {
                retry: { kind: 'after', waitMs: LONGEST_RETRY_MS },
                cause: thrown,
              },
            ),
        );
      case 'full':
        this.#setStorage({ state: 'read-only', ...told(fullSaying(thrown, 'storage_read_only')) });
        return this.#putBack(
          batch,
          (entry) => entry.patient,
          () =>
            failureOf('storage_full', fullSaying(thrown, 'disk_full'), {
              retry: { kind: 'user-action', action: 'free-disk-space' },
              cause: thrown,
            }),
        );
      case 'corrupt':
        this.reportDamage();
        for (const entry of batch) {
          entry.rejected(failureOf('storage_unavailable', { word: 'store_damaged_read_only' }, { cause: thrown }));
        }
        return true;
    }
  }

  /** Entries that stay go to the head of the line and are tried again later; the others hear `failure`. */
  #putBack(batch: Entry[], stays: (entry: Entry) => boolean, failure: () => AppFailure): boolean {
    const kept: Entry[] = [];
    for (const entry of batch) {
      entry.tries++;
      if (stays(entry)) kept.push(entry);
      else entry.rejected(failure());
    }
    if (kept.length === 0) return true;
    this.#entries = [...kept, ...this.#entries];
    const waitMs = this.#retryMs;
    this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
    this.#scheduled = true;
    this.#clock.after(waitMs, () => {
      this.#scheduled = false;
      this.flush();
    });
    return false;
  }

  #setStorage(state: StorageState): void {
    if (state.state === this.#storage.state && state.message === this.#storage.message) return;
    this.#storage = state;
    for (const listener of this.#storageListeners) listener(state);
  }

  /** Commits what can be committed and refuses everything after it. What cannot be written is rejected. */
  close(): void {
    for (let before = -1; this.#entries.length > 0 && this.#entries.length !== before; ) {
      before = this.#entries.length;
      this.flush();
    }
    this.#closed = true;
    const left = this.#entries;
    this.#entries = [];
    for (const entry of left) entry.rejected(failureOf('shutting_down', { word: 'closing' }));
  }
}
