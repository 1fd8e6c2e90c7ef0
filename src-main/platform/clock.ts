/** Time as a parameter, so that a test can move it. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Calls `task` once after `delayMs`. The returned function cancels it and may be called at any time. */
  after(delayMs: number, task: () => void): () => void;
}

/** The machine's time. Its timers never keep the process alive: what must finish before an exit is awaited by name. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Time that stands still until `advance` moves it; timers due on the way run in order of their deadline. */
export class ManualClock implements Clock {
  #nowMs: number;
  #nextId = 0;
  readonly #timers = new Map<number, { dueMs: number; task: () => void }>();

  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const id = this.#nextId++;
    this.#timers.set(id, { dueMs: this.#nowMs + Math.max(0, delayMs), task });
    return () => this.#timers.delete(id);
  }

  /** The number of timers that are still to run. */
  get pending(): number {
    return this.#timers.size;
  }

  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs;
    for (;;) {
      let next: { id: number; dueMs: number; task: () => void } | null = null;
      for (const [id, timer] of this.#timers) {
        if (timer.dueMs <= endMs && (next === null || timer.dueMs < next.dueMs)) next = { id, ...timer };
      }
      if (next === null) break;
      this.#timers.delete(next.id);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.task();
    }
    this.#nowMs = endMs;
  }
}

/**
 * Waits for `delayMs`. Rejects with the signal's reason as soon as it aborts; the timer is cancelled then.
 */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
