import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { FRAME_PREFIX } from '#contract/frame-url';
import { equalsInConstantTime } from './constant-time.ts';

/** Names under which a browser on this computer may have reached a server on the loopback address. */
const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Whether a request was addressed to this server by one of its own names. A page from elsewhere that resolved its name to
 * 127.0.0.1 (DNS rebinding) still sends its own name here.
 */
export function isOwnHost(host: string | undefined, port: number): boolean {
  if (host === undefined) return false;
  // As nearly everybody writes it; other ways to say the same are taken apart.
  if (host === `127.0.0.1:${port}` || host === `localhost:${port}`) return true;
  const match = /^(\[[0-9a-f:]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(host);
  if (match === null) return false;
  const [, name, at] = match;
  return LOOPBACK_NAMES.has((name ?? '').toLowerCase()) && Number(at ?? 80) === port;
}

/**
 * The host that a request names. None where it names several: who stands between might have gone by another one than we
 * would (RFC 9112, 3.2).
 */
export function namedHost({
  headers,
  rawHeaders,
}: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string | undefined {
  let named = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') named++;
  }
  return named === 1 ? headers.host : undefined;
}

/**
 * The host and the path of a target that is an address in full, as whoever takes a server for its proxy writes it (RFC 9112,
 * 3.2.2); null for one in the usual form.
 */
export function fullTarget(target: string): { host: string; path: string } | null {
  if (target.startsWith('/')) return null;
  const [, host, path = ''] = /^http:\/\/([^/?#]*)(.*)$/i.exec(target) ?? [];
  return host === undefined ? null : { host, path: path.startsWith('/') ? path : `/${path}` };
}

/** Whether a request comes from this server's own page, or from no page at all (a script sends no Origin). */
export function isOwnOrigin(origin: string | undefined, port: number): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.protocol === 'http:' && url.origin === origin && isOwnHost(url.host, port);
}

/**
 * Whether a frame of our page asks for what runs in it. Its origin is none (`null`), as is that of any sandboxed page; what
 * it gets is the same for everybody and says nothing of anybody.
 */
export function isFrameAssetFetch(method: string | undefined, path: string, origin: string | undefined): boolean {
  return (method === 'GET' || method === 'HEAD') && origin === 'null' && path.startsWith(FRAME_PREFIX);
}

/** The token of a request: `Authorization: Bearer`, or `x-api-key`. Never from the address, which ends up in logs. */
export function presentedToken(headers: IncomingHttpHeaders): string | null {
  return bearerIn(headers) ?? apiKeyIn(headers);
}

/** The other one, where a request shows two: some programs send what is left of another service along with the right key. */
export function otherToken(headers: IncomingHttpHeaders): string | null {
  return bearerIn(headers) === null ? null : apiKeyIn(headers);
}

function bearerIn(headers: IncomingHttpHeaders): string | null {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

function apiKeyIn(headers: IncomingHttpHeaders): string | null {
  const key = headers['x-api-key'];
  return typeof key === 'string' && key !== '' ? key : null;
}

export function isOwner(headers: IncomingHttpHeaders, token: string): boolean {
  const presented = presentedToken(headers);
  return presented !== null && equalsInConstantTime(presented, token);
}

/**
 * Whether a browser fetches for our own page, or for a person who typed the address. A page on another port of this
 * computer counts as the same site, so that its requests carry our cookies; this tells it from ours. A program that is no
 * browser sends nothing here and shows its token.
 */
export function isOwnPageFetch(secFetchSite: string | string[] | undefined): boolean {
  return secFetchSite === undefined || secFetchSite === 'same-origin' || secFetchSite === 'none';
}

/**
 * Whether a browser asks on behalf of a page that is not ours. A picture, a script or a style of another page carries no
 * Origin, so that it looks like a program's; browsers say here what it is. Opening our page by a link is everybody's.
 */
export function isForeignFetch(
  { headers, method }: Pick<IncomingMessage, 'headers' | 'method'>,
  path: string,
): boolean {
  if (isOwnPageFetch(headers['sec-fetch-site'])) return false;
  if (method !== 'GET' && method !== 'HEAD') return true;
  // The origin of a frame that draws is none, so that to a browser what it loads is as foreign as any.
  if (path.startsWith(FRAME_PREFIX)) return false;
  return headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document';
}
