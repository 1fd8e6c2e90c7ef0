import type { Agent } from 'undici';
import { abortable } from '../platform/abortable.ts';
import { AppFailure } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { ConnectingSockets } from './connecting-sockets.ts';
import { HttpAnswer } from './http-answer.ts';
import { mapNetworkError } from './map-network-error.ts';
import type { UpstreamDeadlines } from './upstream-adapter.ts';

/** Longest wait for a TCP and TLS handshake; beyond it an upstream counts as unreachable. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A stream; a very long answer is about 1 MiB. */
export const MAX_STREAM_BYTES = 64 * 1024 * 1024;

export interface HttpRequest {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  /** Sent as JSON; absent for a request without a body. */
  json?: unknown;
}

/** The circumstances of one call. */
export interface HttpCall {
  /** The profile's name, for sentences. */
  upstream: string;
  deadlines: UpstreamDeadlines;
  clock: Clock;
  signal: AbortSignal;
  maxBytes: number;
}

/**
 * HTTP to upstreams over pooled connections. Redirects are never followed, compressed answers are refused (nothing asks for
 * them), requests never repeated. undici is loaded at the first request, so that starting the process does not wait for it.
 */
export class HttpClient {
  readonly #connecting = new ConnectingSockets();
  #agent: Promise<Agent> | null = null;

  /**
   * Sends a request and resolves at the response headers, whatever the status. The caller owns the answer: it reads it to
   * the end or closes it.
   *
   * @throws AppFailure `upstream_unreachable`, `upstream_bad_response`, `timeout`; the signal's reason when it aborted,
   *   with the socket closed.
   */
  async open(request: HttpRequest, call: HttpCall): Promise<HttpAnswer> {
    const { signal, clock, deadlines, upstream } = call;
    signal.throwIfAborted();
    const agent = await this.#pool();
    signal.throwIfAborted();
    const controller = new AbortController();
    const onAbort = () => controller.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const cancelTotal = clock.after(deadlines.totalTimeoutMs, () => controller.abort(tooLate('total', call)));
    const cancelHeaders = clock.after(deadlines.headersTimeoutMs, () => controller.abort(tooLate('headers', call)));
    const release = () => {
      signal.removeEventListener('abort', onAbort);
      cancelTotal();
    };
    const url = new URL(request.url);
    const hasResponse = this.#connecting.wait(url.origin);
    try {
      const answered = agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers: {
          // Answers are read as they come; some servers compress unasked.
          'accept-encoding': 'identity',
          ...request.headers,
          ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: request.json === undefined ? null : JSON.stringify(request.json),
        signal: controller.signal,
        // Ours are exact, carry a sentence and follow the clock.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const response = await this.#orAbort(answered, controller.signal);
      refuseCompressed(response.headers['content-encoding'], upstream);
      return new HttpAnswer(response, {
        upstream,
        clock,
        controller,
        idleTimeoutMs: deadlines.idleTimeoutMs,
        maxBytes: call.maxBytes,
        release,
      });
    } catch (thrown) {
      release();
      if (controller.signal.aborted) throw controller.signal.reason;
      if (thrown instanceof AppFailure) {
        controller.abort(thrown);
        throw thrown;
      }
      throw mapNetworkError(thrown, upstream);
    } finally {
      cancelHeaders();
      hasResponse();
    }
  }

  /** undici hears of an abort only once it is connected; a caller hears of it at once. */
  async #orAbort<T extends { body: { destroy(): unknown } }>(answered: Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await abortable(answered, signal);
    } catch (thrown) {
      // What comes all the same is nobody's.
      answered.then(
        (late) => late.body.destroy(),
        () => undefined,
      );
      throw thrown;
    }
  }

  /** Loads what the first request would have to load. A failure shows up there. */
  warmUp(): void {
    this.#pool().catch(() => {
      this.#agent = null;
    });
  }

  /** Closes every connection. A later request opens new ones. */
  async close(): Promise<void> {
    const agent = this.#agent;
    this.#agent = null;
    await (await agent)?.destroy();
  }

  #pool(): Promise<Agent> {
    this.#agent ??= import('undici').then(
      (undici) =>
        // One request a connection, so that closing a socket stops one answer and no other.
        new undici.Agent({
          allowH2: false,
          pipelining: 1,
          connect: this.#connecting.watch(undici.buildConnector({ allowH2: false, timeout: CONNECT_TIMEOUT_MS })),
        }),
    );
    return this.#agent;
  }
}

/** @throws AppFailure `upstream_bad_response` for a body that would be read as noise. */
function refuseCompressed(encoding: string | string[] | undefined, upstream: string): void {
  const name = (Array.isArray(encoding) ? encoding.join(', ') : (encoding ?? '')).trim().toLowerCase();
  if (name === '' || name === 'identity') return;
  throw new AppFailure(
    'upstream_bad_response',
    `“${upstream}” sent its answer compressed (${name}), although it was asked not to. Switch compression off there.`,
    { details: { encoding: name } },
  );
}

function tooLate(deadline: 'headers' | 'total', call: HttpCall): AppFailure {
  const limitMs = deadline === 'headers' ? call.deadlines.headersTimeoutMs : call.deadlines.totalTimeoutMs;
  const seconds = Math.round(limitMs / 1000);
  const what =
    deadline === 'headers' ? `did not begin to answer within ${seconds} s` : `did not finish within ${seconds} s`;
  return new AppFailure('timeout', `“${call.upstream}” ${what}. Try again, or allow more time in the settings.`, {
    retry: { kind: 'user-action', action: 'retry' },
    details: { deadline, limitMs },
  });
}
