import type { ProxyTarget } from '../credentials/proxy-book.ts';
import { ProxyFailure, troubleOfStatus } from './proxy-failure.ts';

/**
 * Whether a request is handed to the proxy whole, as proxies expect it of plain http: they open tunnels to the ports of
 * https, and often to no others. Everything else goes through a tunnel.
 */
export function isForwarded(proxy: ProxyTarget | null, target: URL): proxy is ProxyTarget {
  return proxy !== null && target.protocol === 'http:' && !proxy.url.startsWith('socks5:');
}

/** What a failure to reach the proxy itself means; null for a failure that may have happened behind it. */
export function forwardFailure(thrown: unknown, proxy: ProxyTarget): ProxyFailure | null {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const isNoHttp = error.name === 'HTTPParserError';
    const code = 'code' in error && error.code !== undefined ? String(error.code) : isNoHttp ? 'HPE_INVALID' : '';
    if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/.test(code))
      return new ProxyFailure('unreachable', proxy, thrown);
    if (/^(HPE_|EPROTO|ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code))
      return new ProxyFailure('not-a-proxy', proxy, thrown);
  }
  return null;
}

/**
 * What an answer of the proxy's own means; null for one that it passed on. A proxy says that it speaks for itself with 407,
 * with RFC 9209's `Proxy-Status`, or as squid does.
 */
export function ownAnswer(
  response: { statusCode: number; headers: Record<string, string | string[] | undefined> },
  proxy: ProxyTarget,
): ProxyFailure | null {
  const { statusCode, headers } = response;
  if (statusCode === 407) return new ProxyFailure('auth', proxy);
  const isOwn = /;\s*error=/.test(String(headers['proxy-status'] ?? '')) || headers['x-squid-error'] !== undefined;
  return isOwn && statusCode >= 400 ? new ProxyFailure(troubleOfStatus(statusCode), proxy) : null;
}
