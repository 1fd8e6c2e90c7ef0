/** Runs commands one after the other, in the order in which they came. One that fails does not hold up the next. */
export class Mailbox {
  readonly #onEmpty: () => void;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @param onEmpty hears each time that the last command is done. */
  constructor(onEmpty: () => void = () => undefined) {
    this.#onEmpty = onEmpty;
  }

  /** Whether nothing runs and nothing waits. */
  get isEmpty(): boolean {
    return this.#waiting === 0;
  }

  /** Settles as the command does. The caller hears of a failure; the mailbox goes on. */
  post<T>(command: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const next = this.#tail.then(command).finally(() => {
      this.#waiting--;
      if (this.#waiting === 0) this.#onEmpty();
    });
    this.#tail = next.then(
      () => undefined,
      () => undefined,
    );
    return next;
  }
}
