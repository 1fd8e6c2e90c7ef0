import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../platform/clock.ts';
import { HEARTBEAT, type StreamBytes } from './sse-frame.ts';

/** C.5 of the protocol. */
export const HEARTBEAT_MS = 15_000;
/** A reader that takes nothing for so long has gone without saying so. It can come back to where it was. */
const STALLED_MS = 120_000;

/**
 * One reader's event stream. At most one batch of frames and the socket's own buffer are held for a reader that does not
 * read: whoever writes waits for `isWritable`.
 */
export class SseConnection {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #socket: Socket | null;
  #isFull = false;
  #isClosed = false;
  #isOurs = false;
  #isEnded = false;
  /** When something was written, or could no longer be. */
  #sinceMs: number;
  #cancelTimer: () => void = () => undefined;
  /** Called when there is room again, and when the reader has gone. */
  wake: () => void = () => undefined;

  constructor(response: ServerResponse, clock: Clock, headers: Record<string, string>) {
    this.#response = response;
    this.#clock = clock;
    this.#sinceMs = clock.now();
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      connection: 'keep-alive',
      'x-accel-buffering': 'no',
      ...headers,
    });
    response.flushHeaders();
    // Without a line of its own, behind another answer or to an HTTP/1.0 reader, Node does the framing.
    this.#socket = response.chunkedEncoding ? response.socket : null;
    const drained = () => {
      this.#isFull = false;
      this.#sinceMs = this.#clock.now();
      this.wake();
    };
    response.on('drain', drained);
    this.#socket?.on('drain', drained);
    response.on('close', () => {
      this.#socket?.off('drain', drained);
      this.#isClosed = true;
      this.#cancelTimer();
      this.wake();
    });
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

  /** Writes frames one behind the other, as one write to the socket. */
  write(...frames: readonly StreamBytes[]): void {
    // Behind its end the line may serve another answer already.
    if (this.#isClosed || this.#isEnded || frames.length === 0) return;
    const socket = this.#socket;
    const wasFull = this.#isFull;
    if (socket === null) this.#isFull = !this.#response.write(joined(frames, 'body'));
    else this.#isFull = !socket.write(joined(frames, 'chunk'));
    if (!wasFull) this.#sinceMs = this.#clock.now();
  }

  /**
   * A comment while nothing is said; the end of patience while nothing is read. One timer that looks when it fires: moving it
   * with each write would cost more than the write.
   */
  #rest(): void {
    if (this.#isClosed || this.#isEnded) return;
    const restMs = this.#sinceMs + (this.#isFull ? STALLED_MS : HEARTBEAT_MS) - this.#clock.now();
    if (restMs <= 0 && this.#isFull) {
      this.#isOurs = true;
      this.#response.destroy();
      return;
    }
    if (restMs <= 0) this.write(HEARTBEAT);
    // Never further ahead than a heartbeat: who reads again after a long pause is owed one as soon as anybody.
    const nextMs = restMs > 0 ? Math.min(restMs, HEARTBEAT_MS) : HEARTBEAT_MS;
    this.#cancelTimer = this.#clock.after(nextMs, () => this.#rest());
  }

  /** Sends what is written and closes the stream. */
  end(last?: StreamBytes): void {
    this.#isOurs = true;
    this.#isEnded = true;
    this.#cancelTimer();
    this.#response.end(last?.body);
  }
}

function joined(frames: readonly StreamBytes[], what: keyof StreamBytes): Buffer {
  const [only] = frames;
  return frames.length === 1 && only !== undefined ? only[what] : Buffer.concat(frames.map((frame) => frame[what]));
}
