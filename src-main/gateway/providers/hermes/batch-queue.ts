/** So many events may wait before the reader of the network pauses. */
const HIGH_WATER = 512;

/** Carries events from callbacks to an async reader, a batch at a time, and tells the writer when to pause. */
export class BatchQueue<Item> {
  #pending: Item[] = [];
  #isOver = false;
  #wakeReader: (() => void) | null = null;
  #wakeWriters: (() => void)[] = [];

  push(items: readonly Item[]): void {
    if (this.#isOver || items.length === 0) return;
    this.#pending.push(...items);
    this.#wakeReader?.();
  }

  /** Nothing comes any more; what waits can still be taken. */
  end(): void {
    this.#isOver = true;
    this.#wakeReader?.();
    this.#wake();
  }

  /** Everything that waits, or the next to come; null at the end. One reader at a time. */
  async take(): Promise<Item[] | null> {
    if (this.#pending.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
      this.#wakeReader = null;
    }
    if (this.#pending.length === 0) return null;
    const batch = this.#pending;
    this.#pending = [];
    this.#wake();
    return batch;
  }

  /** Resolves when there is room again, or nobody reads any more. */
  async room(): Promise<void> {
    if (this.#isOver || this.#pending.length < HIGH_WATER) return;
    await new Promise<void>((resolve) => this.#wakeWriters.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#wakeWriters.splice(0)) wake();
  }
}
