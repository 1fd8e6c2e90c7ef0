/** Limits how many of something are under way at once. Waiting is first come, first served, and ends with the signal. */
export class Slots {
  #inUse = 0;
  readonly #waiting: { grant: () => void }[] = [];
  readonly #limit: () => number;

  /** @param limit read at each decision; 0 means no limit. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  get inUse(): number {
    return this.#inUse;
  }

  /** Resolves with the function that gives the slot back; calling it twice is harmless. Rejects with the signal's reason. */
  acquire(signal: AbortSignal): Promise<() => void> {
    const free = this.acquireNow(signal);
    return free === null ? this.#wait(signal) : Promise.resolve(free);
  }

  /** The same where there is room, which is nearly always so: then nothing is waited for. Null where it is to be waited. */
  acquireNow(signal: AbortSignal): (() => void) | null {
    return !signal.aborted && this.#waiting.length === 0 && this.#hasRoom() ? this.#take() : null;
  }

  #wait(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const entry = {
        grant: () => {
          signal.removeEventListener('abort', onAbort);
          resolve(this.#take());
        },
      };
      const onAbort = () => {
        const at = this.#waiting.indexOf(entry);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(entry);
      this.serve();
    });
  }

  /** Lets in whoever may come in now. Called by itself, and by whoever raised the limit. */
  serve(): void {
    while (this.#waiting.length > 0 && this.#hasRoom()) this.#waiting.shift()?.grant();
  }

  #hasRoom(): boolean {
    const limit = this.#limit();
    return limit === 0 || this.#inUse < limit;
  }

  #take(): () => void {
    this.#inUse++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#inUse--;
      this.serve();
    };
  }
}
