import type { Clock } from '../platform/clock.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import { forgetWordsStep } from './forget-words-step.ts';
import type { ReadClient } from './read-client.ts';
import type { Store } from './store.ts';

/** Several conversations that are deleted one after the other are one piece of work. */
const BEGIN_AFTER_MS = 1000;
/**
 * A round rewrites the whole index, so the next one waits for so many times as long as the last one took: programs whose runs leave
 * nothing behind delete all the time.
 */
const REST_TIMES = 9;
/** Between two steps, so that answers are stored meanwhile. */
const PAUSE_MS = 20;
/** The log cannot be emptied while a backup or an export reads from it. */
const LOG_TRIES = 10;
const LOG_RETRY_MS = 5000;
/** However large the index is. */
const LONGEST_REST_MS = 15 * 60_000;
/** On the way out nobody waits for longer; a large index then keeps the words until the next deletion. */
const FINISH_MS = 1000;

/**
 * Sees to it that what was deleted is in no file of the store soon after, mostly a few seconds: neither its words in the index nor its
 * pages in the write-ahead log. The work is done in steps by the worker thread. Owned by compose.
 */
export class DeletedWords {
  readonly #parts: { store: Store; reads: ReadClient; clock: Clock; logger: Logger };
  /** Removals that were seen, and those whose words are gone. */
  #seen: number;
  #forgotten: number;
  #isBusy = false;
  #isClosed = false;
  #restUntilMs = 0;
  #cancel: () => void = () => undefined;

  constructor(parts: { store: Store; reads: ReadClient; clock: Clock; logger: Logger }) {
    this.#parts = parts;
    this.#seen = parts.store.messages.removals();
    this.#forgotten = this.#seen;
    parts.store.committer.onCommit(() => this.#look());
  }

  #look(): void {
    const removals = this.#parts.store.messages.removals();
    if (removals === this.#seen) return;
    this.#seen = removals;
    if (!this.#isBusy) this.#begin();
  }

  #begin(): void {
    const { clock } = this.#parts;
    this.#isBusy = true;
    const restMs = Math.min(this.#restUntilMs - clock.now(), LONGEST_REST_MS);
    this.#cancel = clock.after(Math.max(BEGIN_AFTER_MS, restMs), () => void this.#forget());
  }

  async #forget(): Promise<void> {
    const { logger, clock } = this.#parts;
    const startedMs = clock.now();
    const seen = this.#seen;
    try {
      for (let isFirst = true; await this.#step(isFirst); isFirst = false) await this.#pause(PAUSE_MS);
      if (this.#isClosed) return;
      this.#forgotten = seen;
      this.#restUntilMs = clock.now() + REST_TIMES * (clock.now() - startedMs);
      await this.#emptyLog();
    } catch (thrown) {
      if (!this.#isClosed) logger.warn(describeThrown(thrown), 'words of deleted messages are still in the index');
    } finally {
      this.#isBusy = false;
      // What went wrong is tried again with the next deletion.
      if (!this.#isClosed && this.#forgotten === seen && this.#seen !== seen) this.#begin();
    }
  }

  async #emptyLog(): Promise<void> {
    for (let tries = 1; !this.#isClosed && tries <= LOG_TRIES; tries++) {
      if (await this.#parts.reads.ask('emptyLog', {})) return;
      await this.#pause(LOG_RETRY_MS);
    }
  }

  async #step(isFirst: boolean): Promise<boolean> {
    return !this.#isClosed && (await this.#parts.reads.ask('forgetWords', { isFirst }));
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#parts.clock.after(ms, resolve));
  }

  /** Asks the worker for nothing more; that it ends now is no trouble. For the end, before the worker. */
  stop(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  /** Does what is still to be done, within a second. For the end, after the worker and before the store. */
  finish(): void {
    this.stop();
    if (this.#forgotten === this.#seen) return;
    const { store, logger } = this.#parts;
    const untilMs = performance.now() + FINISH_MS;
    try {
      for (let isFirst = true; forgetWordsStep(store.db, isFirst) && performance.now() < untilMs; ) isFirst = false;
    } catch (thrown) {
      logger.warn(describeThrown(thrown), 'words of deleted messages are still in the index');
    }
  }
}
