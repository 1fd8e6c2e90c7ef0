import type { Clock } from '../platform/clock.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { Store } from '../store/store.ts';

const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 3_600_000;
/** Decision 1: a viewer that was away for a day draws the conversation anew. */
const AFTER_MS = 24 * 3_600_000;
const RUNS_AT_ONCE = 50;
/** Lines that one transaction joins: a few milliseconds of work. */
const LINES_AT_ONCE = 500;
const BETWEEN_SLICES_MS = 20;

/**
 * Joins the parts of answers that ended a day ago: a long answer is thousands of lines in the log and a handful after it.
 * Goes in small slices with pauses, so that nobody waits for it, and begins again where it was when the process ends.
 */
export class LogCompaction {
  readonly #parts: { store: Store; clock: Clock; logger: Logger };
  #cancelTimer: (() => void) | null = null;
  #isStopped = false;

  constructor(parts: { store: Store; clock: Clock; logger: Logger }) {
    this.#parts = parts;
  }

  begin(): void {
    this.#cancelTimer = this.#parts.clock.after(FIRST_AFTER_MS, () => void this.#workAndWait());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  async #workAndWait(): Promise<void> {
    try {
      await this.compact();
    } catch (thrown) {
      // A full disk or a lock: the log is as good as before, only longer.
      this.#parts.logger.warn(describeThrown(thrown), 'the log could not be compacted now');
    }
    if (!this.#isStopped) this.#cancelTimer = this.#parts.clock.after(EVERY_MS, () => void this.#workAndWait());
  }

  /** Joins what is old enough. @returns how many runs were done. @throws AppFailure `storage_*`. */
  async compact(): Promise<number> {
    const { store, clock } = this.#parts;
    let done = 0;
    for (;;) {
      const runs = store.runs.toCompact(clock.now() - AFTER_MS, RUNS_AT_ONCE);
      for (const runId of runs) {
        if (this.#isStopped) return done;
        await this.#compactRun(runId);
        done++;
      }
      if (runs.length < RUNS_AT_ONCE) return done;
    }
  }

  async #compactRun(runId: string): Promise<void> {
    const { store, clock } = this.#parts;
    for (let after: number | null = 0; after !== null; ) {
      const from: number = after;
      after = await store.committer.commit(() => {
        const next = store.events.joinText(runId, from, LINES_AT_ONCE);
        if (next === null) store.runs.markCompacted(runId);
        return next;
      });
      if (this.#isStopped) return;
      if (after !== null) await new Promise<void>((resolve) => clock.after(BETWEEN_SLICES_MS, resolve));
    }
  }
}
