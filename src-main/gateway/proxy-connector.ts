import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { SocksClient, SocksClientError } from 'socks';
import type { buildConnector } from 'undici';
import type { ProxyTarget } from '../credentials/proxy-book.ts';
import { systemClock } from '../platform/clock.ts';
import { request as httpRequest } from '../platform/node-http.ts';
import type { Attempt } from './connecting-sockets.ts';
import { proxyAuthorization } from './proxy-authorization.ts';
import { ProxyFailure, type ProxyTrouble, troubleOfStatus } from './proxy-failure.ts';

/**
 * A connector for undici that reaches every origin through a proxy: `CONNECT` to an http or https proxy, SOCKS5 with the
 * name resolved there. What it returns closes the connection that is being made, at whatever step it stands.
 *
 * @param secure undici's own connector: does TLS with the upstream inside the tunnel.
 */
export function proxyConnector(
  proxy: ProxyTarget,
  secure: buildConnector.connector,
  timeoutMs: number,
): (options: buildConnector.Options, callback: buildConnector.Callback) => Attempt {
  return (options, callback) => {
    const stop = new AbortController();
    const attempt: Attempt = {
      connecting: true,
      destroy: (error) => stop.abort(error),
    };
    const cancel = systemClock.after(timeoutMs, () => stop.abort(new ProxyFailure('silent', proxy)));
    openTunnel(proxy, targetOf(options), stop.signal)
      .finally(cancel)
      .then(
        (socket) => {
          if (stop.signal.aborted) {
            socket.destroy();
            callback(stop.signal.reason as Error, null);
          } else if (options.protocol === 'https:') {
            stop.signal.addEventListener('abort', () => socket.destroy(), { once: true });
            secure({ ...options, httpSocket: socket }, callback);
          } else callback(null, socket);
        },
        (thrown: unknown) => {
          const reason: unknown = stop.signal.aborted ? stop.signal.reason : thrown;
          callback(reason instanceof Error ? reason : new ProxyFailure('unreachable', proxy, reason), null);
        },
      );
    return attempt;
  };
}

interface Target {
  host: string;
  port: number;
}

function targetOf(options: buildConnector.Options): Target {
  return {
    host: options.hostname.replace(/^\[|\]$/g, ''),
    port: Number(options.port) || (options.protocol === 'https:' ? 443 : 80),
  };
}

function openTunnel(proxy: ProxyTarget, target: Target, signal: AbortSignal): Promise<Socket> {
  return proxy.url.startsWith('socks5:') ? openSocks(proxy, target, signal) : openConnect(proxy, target, signal);
}

function openConnect(proxy: ProxyTarget, { host, port }: Target, signal: AbortSignal): Promise<Socket> {
  const url = new URL(proxy.url);
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)({
      method: 'CONNECT',
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port,
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
      agent: false,
      signal,
    });
    request.once('connect', (response, socket: Socket, head) => {
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300 && head.length === 0) resolve(socket);
      else {
        socket.destroy();
        // Bytes before anybody asked are no tunnel.
        reject(new ProxyFailure(head.length > 0 && status < 300 ? 'not-a-proxy' : troubleOfStatus(status), proxy));
      }
    });
    request.once('response', (response) => {
      response.destroy();
      reject(new ProxyFailure('not-a-proxy', proxy));
    });
    request.once('error', (error) => reject(new ProxyFailure(troubleOfError(error), proxy, error)));
    request.end();
  });
}

/** A connection that was refused or cut is an absent proxy; a reply that is no HTTP is something else on its port. */
function troubleOfError(error: Error): ProxyTrouble {
  const code = 'code' in error ? String(error.code) : '';
  return code.startsWith('HPE_') || code === 'EPROTO' || code.startsWith('ERR_SSL') ? 'not-a-proxy' : 'unreachable';
}

async function openSocks(proxy: ProxyTarget, target: Target, signal: AbortSignal): Promise<Socket> {
  const url = new URL(proxy.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port);
  const socket = await openSocket(host, port, signal).catch((thrown: unknown) => {
    throw new ProxyFailure('unreachable', proxy, thrown);
  });
  const close = () => socket.destroy();
  signal.addEventListener('abort', close, { once: true });
  try {
    const made = await SocksClient.createConnection({
      proxy: {
        host,
        port,
        type: 5,
        ...(proxy.username === null ? {} : { userId: proxy.username, password: proxy.password ?? '' }),
      },
      command: 'connect',
      destination: target,
      existing_socket: socket,
    });
    return made.socket;
  } catch (thrown) {
    socket.destroy();
    throw new ProxyFailure(thrown instanceof SocksClientError ? troubleOfSocks(thrown) : 'unreachable', proxy, thrown);
  } finally {
    signal.removeEventListener('abort', close);
  }
}

function openSocket(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** RFC 1928's replies, which `socks` tells by name at the end of its message. */
function troubleOfSocks({ message }: SocksClientError): ProxyTrouble {
  if (/(HostUnreachable|NetworkUnreachable|ConnectionRefused|TTLExpired)$/.test(message)) return 'upstream-unreachable';
  if (/NotAllowed$/.test(message)) return 'forbidden';
  if (/Authentication failed|authentication type|no accepted authentication/i.test(message)) return 'auth';
  return /closed|timed out/i.test(message) ? 'unreachable' : 'not-a-proxy';
}
