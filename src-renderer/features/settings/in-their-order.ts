/** Whoever waits for an earlier one and is to go at once when the page is left. */
const waiting = new Set<() => void>();

if (typeof window !== 'undefined') {
  window.addEventListener('pagehide', () => {
    for (const go of waiting) go();
  });
}

/**
 * Requests by what they change: one goes out when those before it that change the same have been answered, because requests
 * may overtake each other on their way. What nothing stands before goes out at once.
 */
export class InTheirOrder {
  readonly #last = new Map<string, Promise<unknown>>();

  /** @param ask sends the request. @returns what it returns. */
  async send<T>(keys: readonly string[], ask: () => Promise<T>): Promise<T> {
    const earlier = new Set(keys.flatMap((key) => this.#last.get(key) ?? []));
    const asked = earlier.size === 0 ? ask() : wait(earlier).then(ask);
    for (const key of keys) this.#last.set(key, asked);
    try {
      return await asked;
    } finally {
      for (const key of keys) if (this.#last.get(key) === asked) this.#last.delete(key);
    }
  }
}

function wait(earlier: ReadonlySet<Promise<unknown>>): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      waiting.delete(go);
      resolve();
    };
    waiting.add(go);
    // However they ended: who asked for them has heard.
    void Promise.allSettled(earlier).then(go);
  });
}
