const MAX_ENTRIES = 500;

/** What upstreams answered when they were asked last. Those who ask at the same time share one question. */
export class ToldLately<T> {
  readonly #nowMs: () => number;
  readonly #lifeMs: (told: T) => number;
  readonly #known = new Map<string, { told: T; atMs: number }>();
  readonly #asking = new Map<string, Promise<T>>();

  /** @param lifeMs how long an answer holds. */
  constructor(nowMs: () => number, lifeMs: (told: T) => number) {
    this.#nowMs = nowMs;
    this.#lifeMs = lifeMs;
  }

  /** What still holds of what was told, without asking. */
  known(key: string): T | null {
    const known = this.#known.get(key);
    return known !== undefined && this.#nowMs() < known.atMs + this.#lifeMs(known.told) ? known.told : null;
  }

  /**
   * @param key everything that the answer depends on: the address, the key in use.
   * @param isFresh asks again, whatever is known.
   * @throws what `ask` rejects with; it leaves nothing behind.
   */
  async get(key: string, ask: () => Promise<T>, isFresh = false): Promise<T> {
    const known = isFresh ? null : this.known(key);
    if (known !== null) return known;
    const asking = this.#asking.get(key);
    if (asking !== undefined) return asking;
    const question = ask()
      .then((told) => {
        this.#known.delete(key);
        this.#known.set(key, { told, atMs: this.#nowMs() });
        const [oldest] = this.#known.keys();
        if (this.#known.size > MAX_ENTRIES && oldest !== undefined) this.#known.delete(oldest);
        return told;
      })
      .finally(() => this.#asking.delete(key));
    this.#asking.set(key, question);
    return question;
  }
}
