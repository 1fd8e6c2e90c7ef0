import type { Agent } from 'undici';
import { isLoopbackHost } from '../credentials/choose-proxy.ts';
import type { ProxyTarget } from '../credentials/proxy-book.ts';
import { AppFailure, failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { jsonBytes } from '../platform/json-bytes.ts';
import { traced } from '../platform/own-trace.ts';
import { type Connect, ConnectingSockets } from './connecting-sockets.ts';
import { forwardFailure, isForwarded, ownAnswer } from './forward-proxy.ts';
import { givenOnce, isLarge } from './given-once.ts';
import { hearingOut } from './hearing-out.ts';
import { HttpAnswer } from './http-answer.ts';
import { HttpExchange } from './http-exchange.ts';
import { knownAddress } from './known-address.ts';
import { MAX_HEADER_BYTES, mapNetworkError } from './map-network-error.ts';
import { proxyAuthorization } from './proxy-authorization.ts';
import { mapProxyFailure } from './proxy-failure.ts';
import type { UpstreamDeadlines } from './upstream-adapter.ts';

/** Longest wait for a TCP and TLS handshake; beyond it an upstream counts as unreachable. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Ways whose connections are kept at once: the direct one and proxies. */
const MAX_WAYS = 16;
/** A stream; a very long answer is about 1 MiB. */
export const MAX_STREAM_BYTES = 64 * 1024 * 1024;

export interface HttpRequest {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  /** Sent as JSON; absent for a request without a body. */
  json?: unknown;
  /** Sent as it is, with the content type that `headers` name. */
  text?: string;
  /** The same for bytes. Not changed while the call goes on. */
  bytes?: Uint8Array;
}

/** The circumstances of one call. */
export interface HttpCall {
  /** The profile's name, for sentences. */
  upstream: string;
  deadlines: UpstreamDeadlines;
  clock: Clock;
  signal: AbortSignal;
  maxBytes: number;
  /** What the request goes through; absent or null for the direct way. */
  proxy?: ProxyTarget | null;
  /** Whoever reads the answer unpacks it (`readUnpacked`); else a compressed one is refused. */
  unpacks?: boolean;
  /** Called just before the request's first byte is written. Must not throw. */
  leaving?: () => void;
}

/** The connections of one way out: the direct one, or a proxy's. */
interface Way {
  connecting: ConnectingSockets;
  agent: Promise<Agent>;
  /** The same once it is there, so that no request waits for it again. */
  opened: Agent | null;
}

/**
 * HTTP to upstreams over pooled connections. Redirects are never followed, compressed answers are refused (nothing asks for
 * them), requests never repeated. undici is loaded at the first request, so that starting the process does not wait for it.
 */
export class HttpClient {
  /** By proxy, with its user and password; the direct way under the empty name. In order of their last use. */
  readonly #ways = new Map<string, Way>();

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
    const proxy = call.proxy ?? null;
    const { url, origin: direct, host, path } = knownAddress(request.url);
    const through = isForwarded(proxy, url) ? proxy : null;
    const way = this.#wayOver(proxy, through !== null);
    const agent = way.opened ?? (await way.agent);
    signal.throwIfAborted();
    const exchange = new HttpExchange(call.leaving);
    const onAbort = () => exchange.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    // One timer: for the headers or the whole call, whichever ends first; then for what is left, where there is something to read.
    const { totalTimeoutMs } = deadlines;
    const startedAtMs = clock.now();
    const first = deadlines.headersTimeoutMs < totalTimeoutMs ? 'headers' : 'total';
    let cancelTimer = clock.after(Math.min(deadlines.headersTimeoutMs, totalTimeoutMs), () =>
      exchange.abort(tooLate(first, call)),
    );
    const release = () => {
      signal.removeEventListener('abort', onAbort);
      cancelTimer();
    };
    const origin = through === null ? direct : knownAddress(through.url).origin;
    const hasResponse = way.connecting.wait(origin);
    try {
      const body = request.json === undefined ? (request.text ?? request.bytes ?? null) : jsonBytes(request.json);
      const headers = {
        // Answers are read as they come; some servers compress unasked.
        'accept-encoding': 'identity',
        ...(through === null ? {} : { host, ...proxyAuthorization(through) }),
        ...traced(request.headers, isLoopbackHost(url.hostname)),
        ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(isLarge(body) ? { 'content-length': String(body.length) } : {}),
      };
      const options = {
        origin,
        path: through === null ? path : url.href,
        method: request.method,
        headers,
        body: givenOnce(body),
        // Ours are exact, carry a sentence and follow the clock.
        headersTimeout: 0,
        bodyTimeout: 0,
      };
      agent.dispatch(options, exchange);
      const response = await exchange.head;
      if (exchange.isComplete) cancelTimer();
      else if (first === 'headers') {
        cancelTimer();
        // A clock that was set meanwhile neither ends the call at once nor keeps it for longer than it may take.
        const passedMs = Math.min(Math.max(0, clock.now() - startedAtMs), deadlines.headersTimeoutMs);
        cancelTimer = clock.after(totalTimeoutMs - passedMs, () => exchange.abort(tooLate('total', call)));
      }
      const refusal = through === null ? null : ownAnswer(response, through);
      if (refusal !== null) {
        throw mapProxyFailure(refusal, upstream);
      }
      if (call.unpacks !== true) refuseCompressed(response.headers['content-encoding'], upstream);
      return new HttpAnswer(response, {
        upstream,
        clock,
        exchange,
        idleTimeoutMs: deadlines.idleTimeoutMs,
        maxBytes: call.maxBytes,
        release,
      });
    } catch (thrown) {
      release();
      if (exchange.aborted !== null) throw exchange.aborted.reason;
      if (thrown instanceof AppFailure) {
        exchange.abort(thrown);
        throw thrown;
      }
      const known = through === null ? null : forwardFailure(thrown, through);
      throw mapNetworkError(known ?? thrown, upstream, exchange.hasLeft);
    } finally {
      hasResponse();
    }
  }

  /** Loads what the first request would have to load. A failure shows up there. */
  warmUp(): void {
    this.#wayOver(null, false).agent.catch(() => this.#ways.delete(''));
  }

  /** Closes every connection. A later request opens new ones. */
  async close(): Promise<void> {
    const ways = [...this.#ways.values()];
    this.#ways.clear();
    await Promise.all(ways.map(async (way) => (await way.agent).destroy()));
  }

  #wayOver(proxy: ProxyTarget | null, isWhole: boolean): Way {
    const name = proxy === null ? '' : JSON.stringify([proxy.url, proxy.username, proxy.password, isWhole]);
    const known = this.#ways.get(name);
    if (known !== undefined) {
      this.#ways.delete(name);
      this.#ways.set(name, known);
      return known;
    }
    const connecting = new ConnectingSockets();
    const way: Way = { connecting, agent: openAgent(connecting, isWhole ? null : proxy), opened: null };
    this.#ways.set(name, way);
    way.agent.then(
      (agent) => {
        way.opened = agent;
      },
      // Told to whoever waits for it.
      () => undefined,
    );
    this.#closeOldest();
    return way;
  }

  /** Proxies that were changed leave their connections behind; answers that still use them end in order. */
  #closeOldest(): void {
    for (const [name, way] of this.#ways) {
      if (this.#ways.size <= MAX_WAYS) return;
      if (name === '') continue;
      this.#ways.delete(name);
      way.agent.then((agent) => agent.close()).catch(() => undefined);
    }
  }
}

/** @param proxy whatever is connected to is connected to through it. */
async function openAgent(connecting: ConnectingSockets, proxy: ProxyTarget | null): Promise<Agent> {
  const undici = await import('undici');
  const plain = undici.buildConnector({ allowH2: false, timeout: CONNECT_TIMEOUT_MS });
  const connect =
    proxy === null ? plain : (await import('./proxy-connector.ts')).proxyConnector(proxy, plain, CONNECT_TIMEOUT_MS);
  // One request a connection, so that closing a socket stops one answer and no other.
  return new undici.Agent({
    allowH2: false,
    pipelining: 1,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect: connecting.watch(hearingOut(connect as Connect)),
  });
}

/** @throws AppFailure `upstream_bad_response` for a body that would be read as noise. */
function refuseCompressed(encoding: string | string[] | undefined, upstream: string): void {
  const name = (Array.isArray(encoding) ? encoding.join(', ') : (encoding ?? '')).trim().toLowerCase();
  if (name === '' || name === 'identity') return;
  throw failureOf(
    'upstream_bad_response',
    { word: 'answer_compressed', with: { upstream, encoding: name } },
    { details: { encoding: name } },
  );
}

function tooLate(deadline: 'headers' | 'total', call: HttpCall): AppFailure {
  const limitMs = deadline === 'headers' ? call.deadlines.headersTimeoutMs : call.deadlines.totalTimeoutMs;
  const seconds = Math.round(limitMs / 1000);
  const word = deadline === 'headers' ? 'began_too_late' : 'ended_too_late';
  return failureOf(
    'timeout',
    { word, with: { upstream: call.upstream, seconds } },
    {
      retry: { kind: 'user-action', action: 'retry' },
      details: { deadline, limitMs },
    },
  );
}
