import { AppFailure, failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { HttpExchange, ResponseHead } from './http-exchange.ts';
import { lostConnection } from './map-network-error.ts';
import { refusalWords } from './refusal-words.ts';

/** An answer that said its last word gets this long and this much to end by itself, so that its connection can be used again. */
const DRAIN_MS = 250;
const DRAIN_BYTES = 64 * 1024;

/** Whole answers, such as a run's status or a completion that was not streamed. */
const MAX_JSON_BYTES = 8 * 1024 * 1024;

const NO_BYTES = Buffer.alloc(0);

const EVENT_STREAM = 'text/event-stream';
/** A field of an event, or a comment, also behind a byte order mark: no JSON and no page begins so. One character a byte. */
const BEGINS_AS_EVENTS = /^(?:\xef\xbb\xbf)?\s*(?:data|event|id|retry)?:/;
/** So little that it may still become either. */
const BEGINS_AS_EITHER = /^[\xef\xbb\xbf\s]{0,16}[a-z]{0,5}$/;
/** So much of an answer's beginning is looked at. */
const BEGINNING_BYTES = 64;

/** Somebody here wants no more of it. */
const CLOSED = new Error('The answer was closed');

interface AnswerParts {
  upstream: string;
  clock: Clock;
  /** Aborting it closes the socket; the reason is what a pending read rejects with. */
  exchange: HttpExchange;
  idleTimeoutMs: number;
  maxBytes: number;
  /** Lets go of the caller's signal and of timers. */
  release: () => void;
}

/** Response headers and the bytes that follow. Whoever has it reads to the end, or calls `close` or `finish`. */
export class HttpAnswer {
  readonly status: number;
  readonly #headers: ResponseHead['headers'];
  readonly #parts: AnswerParts;
  #bytes = 0;
  #maxBytes: number;
  /** Bytes that were looked at before anybody read them. */
  #ahead: Buffer | null = null;
  #isOver = false;

  constructor(head: ResponseHead, parts: AnswerParts) {
    this.status = head.statusCode;
    this.#headers = head.headers;
    this.#parts = parts;
    this.#maxBytes = parts.maxBytes;
  }

  /** A header's value, several ones joined by commas; null where there is none. */
  header(name: string): string | null {
    const value = this.#headers[name];
    return Array.isArray(value) ? value.join(', ') : (value ?? null);
  }

  get headers(): Readonly<Record<string, string | string[] | undefined>> {
    return this.#headers;
  }

  /** The media type in lower case, without parameters; empty where there is none. */
  get mediaType(): string {
    return (this.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  }

  /** Whether it ends with its connection: then a cut looks like an end (RFC 9112, 8). */
  get endsByClose(): boolean {
    return this.header('content-length') === null && this.header('transfer-encoding') === null;
  }

  /**
   * Whether events follow: as its media type says, or, where that says otherwise, by its first bytes. A server that leaves the
   * type to its library calls its streams plain text, and the official clients read them all the same. What was looked at is
   * still there to be read.
   *
   * @throws as `read`.
   */
  async isEventStream(): Promise<boolean> {
    if (this.mediaType === EVENT_STREAM) return true;
    if (this.header('content-encoding') !== null) return false;
    for (;;) {
      const start = this.#ahead?.toString('latin1', 0, BEGINNING_BYTES) ?? '';
      if (!BEGINS_AS_EITHER.test(start)) return BEGINS_AS_EVENTS.test(start);
      const seen: Buffer | null = this.#ahead;
      this.#ahead = null;
      const more = await this.read();
      this.#ahead = seen === null ? more : more === null ? seen : Buffer.concat([seen, more]);
      if (more === null) return false;
    }
  }

  /** It may be of any length from here on: for whoever passes its bytes on and holds none of them. */
  letRun(): void {
    this.#maxBytes = Number.POSITIVE_INFINITY;
  }

  /** Bytes read so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The next bytes; null at the end. Only the wait for the upstream counts as silence, not the reader's own pauses.
   *
   * @throws AppFailure `timeout` (silence, or the whole call), `upstream_lost`, `upstream_bad_response` over the size
   *   cap; the signal's reason when it aborted. The socket is closed then.
   */
  async read(): Promise<Buffer | null> {
    const { exchange, clock, idleTimeoutMs, upstream } = this.#parts;
    const maxBytes = this.#maxBytes;
    if (this.#ahead !== null) {
      const bytes = this.#ahead;
      this.#ahead = null;
      return bytes;
    }
    if (this.#isOver) return null;
    const cancelIdle = exchange.isSilent
      ? clock.after(idleTimeoutMs, () => exchange.abort(silent(upstream, idleTimeoutMs)))
      : null;
    try {
      const bytes = await exchange.read();
      if (exchange.aborted !== null) throw exchange.aborted.reason;
      if (bytes === null) {
        this.#end();
        return null;
      }
      this.#bytes += bytes.byteLength;
      if (this.#bytes > maxBytes) throw tooLarge(upstream, maxBytes);
      return bytes;
    } catch (thrown) {
      const { aborted } = exchange;
      this.close();
      if (aborted !== null && aborted.reason !== CLOSED) throw aborted.reason;
      if (thrown instanceof AppFailure) throw thrown;
      throw lostConnection(thrown, upstream);
    } finally {
      cancelIdle?.();
    }
  }

  /**
   * The whole body where all of it has arrived, as that of most answers has with its headers: then nothing is waited for, and
   * the answer is over. Null where it has to be read.
   *
   * @throws AppFailure `upstream_bad_response` over the size cap.
   */
  arrived(): Buffer | null {
    const { exchange, upstream } = this.#parts;
    const maxBytes = this.#maxBytes;
    if (this.#isOver || this.#bytes > 0 || !exchange.isComplete) return null;
    const bytes = exchange.take() ?? NO_BYTES;
    this.#bytes = bytes.length;
    this.#end();
    if (bytes.length > maxBytes) throw tooLarge(upstream, maxBytes);
    return bytes;
  }

  /** The whole body as text, up to 8 MiB. @throws as `read`. */
  async text(): Promise<string> {
    const chunks: Uint8Array[] = [];
    for (let chunk = await this.read(); chunk !== null; chunk = await this.read()) {
      chunks.push(chunk);
      if (this.#bytes > MAX_JSON_BYTES) {
        this.close();
        throw tooLarge(this.#parts.upstream, MAX_JSON_BYTES);
      }
    }
    return new TextDecoder().decode(Buffer.concat(chunks));
  }

  /** The whole body, up to the call's own cap. @throws as `read`. */
  async whole(): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for (let chunk = await this.read(); chunk !== null; chunk = await this.read()) chunks.push(chunk);
    const [only] = chunks;
    return chunks.length === 1 && only instanceof Buffer ? only : Buffer.concat(chunks);
  }

  /** The beginning of a refusal's body as text, as `refusalWords`. */
  async refusal(): Promise<string> {
    return new TextDecoder().decode(await refusalWords(this, this.#parts.clock));
  }

  /** Closes the socket at once. Harmless when the answer is over. */
  close(): void {
    this.#ahead = null;
    if (this.#isOver) return;
    this.#end();
    this.#parts.exchange.abort(CLOSED);
  }

  /** For an answer whose last word was heard: lets it end by itself for a moment, then closes it. Returns at once. */
  finish(): void {
    if (this.#isOver) return;
    const cancel = this.#parts.clock.after(DRAIN_MS, () => this.close());
    void this.#drain().finally(cancel);
  }

  async #drain(): Promise<void> {
    try {
      const startBytes = this.#bytes;
      while ((await this.read()) !== null) {
        if (this.#bytes - startBytes > DRAIN_BYTES) this.close();
      }
    } catch {
      // The answer was complete before; how its connection ends changes nothing. `read` has closed it.
      this.close();
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#parts.release();
  }
}

function silent(upstream: string, limitMs: number): AppFailure {
  return failureOf(
    'timeout',
    { word: 'silent_too_long', with: { upstream, seconds: Math.round(limitMs / 1000) } },
    { retry: { kind: 'user-action', action: 'retry' }, details: { deadline: 'idle', limitMs } },
  );
}

function tooLarge(upstream: string, maxBytes: number): AppFailure {
  return failureOf(
    'upstream_bad_response',
    { word: 'answer_too_large', with: { upstream, limit: Math.round(maxBytes / 1024 / 1024) } },
    { retry: { kind: 'no' }, details: { maxBytes } },
  );
}
