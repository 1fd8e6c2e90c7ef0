import type { ProxyTarget } from '../credentials/proxy-book.ts';

/** `Proxy-Authorization` for a proxy that has a user name; empty for one without. */
export function proxyAuthorization({ username, password }: ProxyTarget): Record<string, string> {
  if (username === null) return {};
  const pair = Buffer.from(`${username}:${password ?? ''}`, 'utf8').toString('base64');
  return { 'proxy-authorization': `Basic ${pair}` };
}
