import type { FetchLikeResponse, ReaderLike } from 'eventsource';
import type { Clock } from '../../../platform/clock.ts';
import type { HttpAnswer } from '../../http-answer.ts';
import type { HttpClient } from '../../http-client.ts';
import { callOf } from '../../read-answer.ts';
import { MAX_FRAME_CHARS } from '../../sse-parser.ts';
import type { UpstreamContext } from '../../upstream-adapter.ts';
import { bearer } from '../auth-headers.ts';
import { BatchQueue } from './batch-queue.ts';
import { HERMES_EVENTS } from './decode-frame.ts';

/** After its last word a stream gets this long to end by itself, so that its connection can be used again. */
const DRAIN_MS = 250;

/**
 * The one connection to a run's events. It cannot be reopened: a second GET would find an empty or missing queue
 * (BUG-B1), so any end of it (refusal, cut, silence, too many bytes) is simply the end, and the caller asks for the
 * run's status instead. `EventSource` would reconnect by itself; it is closed at its first error (decision 34).
 */
export class RunStream {
  readonly #queue = new BatchQueue<string>();
  #close: (() => void) | null = null;
  #cancelDrain: (() => void) | null = null;

  /** Opens the stream. The bytes are capped and timed by the HTTP client, also while the reader pauses. */
  async open(url: string, http: HttpClient, context: UpstreamContext): Promise<void> {
    const { EventSource } = await import('eventsource');
    if (context.signal.aborted) {
      this.#queue.end();
      return;
    }
    const source = new EventSource(url, {
      maxBufferSize: MAX_FRAME_CHARS,
      fetch: async (_url, init) => {
        const closed: AbortSignal = init.signal as AbortSignal;
        const signal = AbortSignal.any([context.signal, closed]);
        const headers = { ...init.headers, ...bearer(context.target.secret) };
        const answer = await http.open({ method: 'GET', url, headers }, callOf({ ...context, signal }));
        closed.addEventListener('abort', () => answer.close(), { once: true });
        return this.#toResponse(url, answer);
      },
    });
    const onAbort = () => this.close();
    this.#close = () => {
      context.signal.removeEventListener('abort', onAbort);
      source.close();
    };
    context.signal.addEventListener('abort', onAbort, { once: true });
    const onMessage = (message: MessageEvent) => {
      if (typeof message.data === 'string') this.#queue.push([message.data]);
    };
    // Today's frames have no name of their own; a named one would pass `onmessage` by.
    for (const name of ['message', ...HERMES_EVENTS]) source.addEventListener(name, onMessage);
    source.onerror = () => this.close();
  }

  /** The data of the frames that one network chunk brought; null when the stream is over, however it ended. */
  read(): Promise<string[] | null> {
    return this.#queue.take();
  }

  /** For a stream whose last word was heard: lets it end by itself for a moment. Returns at once. */
  finish(clock: Clock): void {
    this.#queue.end();
    if (this.#close !== null) this.#cancelDrain = clock.after(DRAIN_MS, () => this.close());
  }

  /** Closes the connection. What has arrived can still be read. */
  close(): void {
    this.#cancelDrain?.();
    this.#close?.();
    this.#close = null;
    this.#queue.end();
  }

  #toResponse(url: string, answer: HttpAnswer): FetchLikeResponse {
    return {
      url,
      status: answer.status,
      redirected: false,
      headers: { get: (name) => answer.header(name) },
      body: {
        getReader: (): ReaderLike => ({
          read: async () => {
            await this.#queue.room();
            const value = await answer.read();
            return value === null ? { done: true } : { done: false, value };
          },
          cancel: async () => answer.close(),
        }),
      },
    };
  }
}
