import type { Dispatcher } from 'undici';

/** So much of an answer waits for its reader; then the upstream is not read until the reader comes. */
const MOST_WAITING_BYTES = 64 * 1024;

/** What stands at the beginning of a response. */
export interface ResponseHead {
  statusCode: number;
  /** Names in lower case. */
  headers: Record<string, string | string[] | undefined>;
}

/**
 * One request as undici tells of it, without the streams that its convenient calls make: the head as a promise, then bytes
 * for one reader, who holds the upstream back by not reading. An abort is heard at once, whatever undici waits for.
 */
export class HttpExchange implements Dispatcher.DispatchHandler {
  /** Rejects with what went wrong before it, or the reason of an abort. */
  readonly head: Promise<ResponseHead>;
  #begin: (head: ResponseHead) => void = () => undefined;
  #fail: (thrown: unknown) => void = () => undefined;
  #controller: Dispatcher.DispatchController | null = null;
  #chunks: Buffer[] = [];
  #waitingBytes = 0;
  #isComplete = false;
  #failure: { thrown: unknown } | null = null;
  #aborted: { reason: unknown } | null = null;
  #wake: (() => void) | null = null;
  readonly #leaving: (() => void) | undefined;

  /** @param leaving called just before the first byte is written. Must not throw. */
  constructor(leaving?: () => void) {
    this.#leaving = leaving;
    this.head = new Promise((resolve, reject) => {
      this.#begin = resolve;
      this.#fail = reject;
    });
    // Told to whoever waits for it; whoever gave up before that heard why.
    this.head.catch(() => undefined);
  }

  /** Why it was aborted; null where it was not. */
  get aborted(): { readonly reason: unknown } | null {
    return this.#aborted;
  }

  /** Whether it was given a connection: until then not a byte of the request was written. */
  get hasLeft(): boolean {
    return this.#controller !== null;
  }

  /** Whether all of the answer has arrived, in order. */
  get isComplete(): boolean {
    return this.#isComplete && this.#aborted === null;
  }

  /** Whether a read would have to wait for the upstream. */
  get isSilent(): boolean {
    return this.#chunks.length === 0 && !this.#isComplete && this.#failure === null && this.#aborted === null;
  }

  /** Closes the socket, or gives up the place in the line for one. Harmless when it is over. */
  abort(reason: unknown): void {
    if (this.#aborted !== null) return;
    this.#aborted = { reason };
    this.#chunks = [];
    this.#fail(reason);
    this.#wakeUp();
    if (!this.#isComplete) this.#controller?.abort(asError(reason));
  }

  /**
   * The next bytes, all that have arrived; null at the end. One reader at a time.
   *
   * @throws what broke the connection; the reason of an abort.
   */
  async read(): Promise<Buffer | null> {
    if (this.isSilent) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#aborted !== null) throw this.#aborted.reason;
    if (this.#chunks.length > 0) return this.#take();
    if (this.#failure !== null) throw this.#failure.thrown;
    return null;
  }

  /** What has arrived and was not read; null where there is nothing. Never waits. */
  take(): Buffer | null {
    return this.#chunks.length === 0 ? null : this.#take();
  }

  #take(): Buffer {
    const chunks = this.#chunks;
    const [only] = chunks;
    const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, this.#waitingBytes);
    this.#chunks = [];
    this.#waitingBytes = 0;
    if (this.#controller?.paused === true) this.#controller.resume();
    return bytes;
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted !== null) controller.abort(asError(this.#aborted.reason));
    else this.#leaving?.();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: ResponseHead['headers'],
  ): void {
    // An interim answer says nothing; the real one follows.
    if (statusCode >= 200) this.#begin({ statusCode, headers });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#aborted !== null) return;
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes >= MOST_WAITING_BYTES) controller.pause();
    // The reader goes on when this turn is over, and then finds everything that came with it.
    this.#wakeUp();
  }

  onResponseEnd(): void {
    this.#isComplete = true;
    this.#wakeUp();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#failure = { thrown: error };
    this.#fail(error);
    this.#wakeUp();
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('The request was aborted', { cause: reason });
}
