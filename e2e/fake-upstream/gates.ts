/** Points where a script waits until a test lets it go on. A gate that was released once stays open until `hold`. */
export class Gates {
  readonly #open = new Set<string>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #watchers = new Map<string, Set<() => void>>();

  release(name: string): void {
    this.#open.add(name);
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const go of waiting) go();
  }

  /** Closes a gate again for scripts that come to it later. */
  hold(name: string): void {
    this.#open.delete(name);
  }

  /** Resolves once a script stands at the gate, or has passed it. */
  reached(name: string): Promise<void> {
    if (this.#open.has(name) || (this.#waiting.get(name)?.size ?? 0) > 0) return Promise.resolve();
    return new Promise((resolve) => {
      const watchers = this.#watchers.get(name) ?? new Set();
      watchers.add(resolve);
      this.#watchers.set(name, watchers);
    });
  }

  /** Names of gates at which a script waits now. */
  get waiting(): string[] {
    return [...this.#waiting.keys()];
  }

  /** Waits at a gate. Resolves early when the signal aborts. */
  pass(name: string, signal: AbortSignal): Promise<void> {
    const watchers = this.#watchers.get(name) ?? [];
    this.#watchers.delete(name);
    for (const tell of watchers) tell();
    if (this.#open.has(name) || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, waiting);
      const go = () => {
        signal.removeEventListener('abort', go);
        waiting.delete(go);
        if (waiting.size === 0 && this.#waiting.get(name) === waiting) this.#waiting.delete(name);
        resolve();
      };
      waiting.add(go);
      signal.addEventListener('abort', go, { once: true });
    });
  }
}
