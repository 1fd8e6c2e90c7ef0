import { createHash } from 'node:crypto';
import { type Clock, delay } from '../platform/clock.ts';

/** Wrong once or twice is a slip of the hand. */
const FREE_FAILURES = 3;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8000;
/** Presented keys that are remembered; the one that failed longest ago goes first. */
const MOST_KEYS = 1000;
/** Answers that wait at once. Beyond it they are refused at once: holding them would cost memory. */
const MOST_WAITING = 64;

/**
 * Slows down who shows wrong keys: by connection, and by the key shown (decision 23). On a loopback server every client has
 * the same address, so nothing is counted by address, and a right key is never slowed: it is checked before this is asked.
 */
export class AuthThrottle {
  readonly #clock: Clock;
  readonly #byConnection = new WeakMap<object, number>();
  readonly #byKey = new Map<string, number>();
  /** The last wrong key that a connection showed beside a right one. */
  readonly #beside = new WeakMap<object, string>();
  #waiting = 0;
  /** Wrong and missing keys since the start. */
  failures = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  #countOnLine(connection: object): number {
    const onLine = (this.#byConnection.get(connection) ?? 0) + 1;
    this.#byConnection.set(connection, onLine);
    return onLine;
  }

  #count(connection: object, presented: string | null): number {
    this.failures++;
    const onLine = this.#countOnLine(connection);
    if (presented === null) return onLine;
    const key = createHash('sha256').update(presented).digest('base64');
    const ofKey = (this.#byKey.get(key) ?? 0) + 1;
    this.#byKey.delete(key);
    this.#byKey.set(key, ofKey);
    const oldest = this.#byKey.size > MOST_KEYS ? this.#byKey.keys().next().value : undefined;
    if (oldest !== undefined) this.#byKey.delete(oldest);
    return Math.max(onLine, ofKey);
  }

  /**
   * Notes a failure and waits as long as it deserves.
   *
   * @param connection the line that it came over.
   * @returns how long the next try has to wait, in milliseconds; `refused` where too many wait already.
   */
  failed(connection: object, presented: string | null): Promise<{ waitMs: number } | 'refused'> {
    return this.#slow(this.#count(connection, presented));
  }

  /**
   * The same for a wrong key that came beside a right one. Programs send along what is left of another service, the same with
   * every request, and that is free; who shows others on the same line is guessing.
   */
  async failedBeside(connection: object, presented: string): Promise<{ waitMs: number } | 'refused'> {
    if (this.#beside.get(connection) === presented) return { waitMs: 0 };
    this.#beside.set(connection, presented);
    return this.#slow(this.#countOnLine(connection));
  }

  async #slow(count: number): Promise<{ waitMs: number } | 'refused'> {
    if (count <= FREE_FAILURES) return { waitMs: 0 };
    const waitMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(20, count - FREE_FAILURES - 1));
    if (this.#waiting >= MOST_WAITING) return 'refused';
    this.#waiting++;
    try {
      await delay(this.#clock, waitMs);
    } finally {
      this.#waiting--;
    }
    return { waitMs };
  }
}
