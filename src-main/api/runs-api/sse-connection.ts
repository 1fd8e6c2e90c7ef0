import type { ServerResponse } from 'node:http';
import type { Clock } from '../../platform/clock.ts';
import { HEARTBEAT } from './sse-frame.ts';

/** C.5 of the protocol. */
export const HEARTBEAT_MS = 15_000;
/** A reader that takes nothing for so long has gone without saying so. It can come back to where it was. */
const STALLED_MS = 120_000;

/**
 * One reader's event stream. At most one frame and the socket's own buffer are held for a reader that does not read: whoever
 * writes waits for `isWritable`.
 */
export class SseConnection {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  #isFull = false;
  #isClosed = false;
  #isOurs = false;
  #cancelTimer: () => void = () => undefined;
  /** Called when there is room again, and when the reader has gone. */
  wake: () => void = () => undefined;

  constructor(response: ServerResponse, clock: Clock, headers: Record<string, string>) {
    this.#response = response;
    this.#clock = clock;
    response.on('drain', () => {
      this.#isFull = false;
      this.#rest();
      this.wake();
    });
    response.on('close', () => {
      this.#isClosed = true;
      this.#cancelTimer();
      this.wake();
    });
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      connection: 'keep-alive',
      'x-accel-buffering': 'no',
      ...headers,
    });
    response.flushHeaders();
    this.#isClosed = response.destroyed;
    this.#rest();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether the reader left, as opposed to being sent away. */
  get isLeft(): boolean {
    return this.#isClosed && !this.#isOurs;
  }

  get isWritable(): boolean {
    return !this.#isFull && !this.#isClosed;
  }

  write(bytes: Buffer): void {
    if (this.#isClosed) return;
    this.#isFull = !this.#response.write(bytes);
    this.#rest();
  }

  /** A comment while nothing is said; the end of patience while nothing is read. */
  #rest(): void {
    this.#cancelTimer();
    if (this.#isClosed) return;
    this.#cancelTimer = this.#isFull
      ? this.#clock.after(STALLED_MS, () => {
          this.#isOurs = true;
          this.#response.destroy();
        })
      : this.#clock.after(HEARTBEAT_MS, () => this.write(HEARTBEAT));
  }

  /** Sends what is written and closes the stream. */
  end(last?: Buffer): void {
    this.#isOurs = true;
    this.#cancelTimer();
    this.#response.end(last);
  }
}
