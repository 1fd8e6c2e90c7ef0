import type { Clock } from '../platform/clock.ts';

/** What became of a try to serve somebody who waits. */
export type Verdict<T> =
  | { kind: 'served'; value: T }
  | { kind: 'refused'; failure: Error }
  /** Not yet; at this time at the latest it is to be looked at again. */
  | { kind: 'waits'; untilMs: number };

interface Waiter {
  /** @returns whether it waits no longer; else when to look again. */
  attempt(): number | null;
}

/**
 * Those who wait for a key of one upstream, first come, first served. Whoever cannot be served yet holds up nobody behind
 * who can be.
 */
export class LeaseLine {
  readonly #clock: Clock;
  readonly #waiting: Waiter[] = [];
  #cancelTimer: (() => void) | null = null;
  #timerAtMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Waits until `attempt` serves or refuses. It is called at once, at each `serve` and when the time comes that it named.
   * Rejects with the signal's reason; whoever left is not served.
   */
  wait<T>(attempt: () => Verdict<T>, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const waiter: Waiter = {
        attempt: () => {
          const verdict = attempt();
          if (verdict.kind === 'waits') return verdict.untilMs;
          signal.removeEventListener('abort', onAbort);
          if (verdict.kind === 'served') resolve(verdict.value);
          else reject(verdict.failure);
          return null;
        },
      };
      const onAbort = () => {
        const at = this.#waiting.indexOf(waiter);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal.reason);
        if (this.#waiting.length === 0) this.#stopTimer();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiter);
      this.serve();
    });
  }

  /** Lets everybody try who waits, in their order. Called whenever a key may have become usable. */
  serve(): void {
    if (this.#waiting.length === 0) return;
    let nextMs = Number.POSITIVE_INFINITY;
    let kept = 0;
    for (const waiter of this.#waiting) {
      const untilMs = waiter.attempt();
      if (untilMs === null) continue;
      this.#waiting[kept++] = waiter;
      nextMs = Math.min(nextMs, untilMs);
    }
    this.#waiting.length = kept;
    this.#look(nextMs);
  }

  #look(atMs: number): void {
    if (atMs === this.#timerAtMs) return;
    this.#stopTimer();
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.#timerAtMs = atMs;
    this.#cancelTimer = this.#clock.after(Math.max(0, atMs - this.#clock.now()), () => {
      this.#timerAtMs = Number.POSITIVE_INFINITY;
      this.#cancelTimer = null;
      this.serve();
    });
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
  }
}
