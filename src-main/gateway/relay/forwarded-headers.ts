import type { IncomingHttpHeaders } from 'node:http';

/** Headers of one connection (RFC 9110, 7.6.1), never of the way from end to end. */
const HOP_BY_HOP = [
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Ours to say, or nobody's business: where a request was sent to, its length, who asked here, and a browser's own. */
const NOT_SENT_ON = new Set([
  ...HOP_BY_HOP,
  'host',
  'content-length',
  'content-encoding',
  'expect',
  'authorization',
  'x-api-key',
  'api-key',
  'cookie',
  'origin',
  'referer',
  'accept-encoding',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
]);

/** What an upstream says of its connection, of its length before it was read, and to browsers. */
const NOT_GIVEN_BACK = new Set([
  ...HOP_BY_HOP,
  'content-length',
  'content-encoding',
  'set-cookie',
  'set-cookie2',
  'alt-svc',
  'strict-transport-security',
  'www-authenticate',
  'server',
  'date',
  'content-security-policy',
  'x-frame-options',
  'x-content-type-options',
  'referrer-policy',
  'nel',
  'report-to',
]);

function isCors(name: string): boolean {
  return name.startsWith('access-control-') || name.startsWith('sec-');
}

const NO_NAMES: ReadonlySet<string> = new Set();

function namedIn(connection: string | string[] | undefined): ReadonlySet<string> {
  // What nearly every request and answer says names no header that is not in the lists.
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return NO_NAMES;
  const text = Array.isArray(connection) ? connection.join(',') : connection;
  return new Set(text.split(',').map((name) => name.trim().toLowerCase()));
}

/** What of a program's headers goes on to the upstream: everything from end to end but secrets. */
export function sentOn(headers: IncomingHttpHeaders): Record<string, string> {
  const gone = namedIn(headers.connection);
  const kept: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || NOT_SENT_ON.has(name) || gone.has(name) || isCors(name)) continue;
    kept[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return kept;
}

/** What of an upstream's headers goes back to the program. */
export function givenBack(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const gone = namedIn(headers['connection']);
  const kept: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || NOT_GIVEN_BACK.has(name) || gone.has(name) || isCors(name)) continue;
    kept[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return kept;
}
