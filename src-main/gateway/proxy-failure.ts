import { AppFailure } from '../platform/app-failure.ts';

/** What went wrong between here and the upstream, at the proxy or behind it. */
export type ProxyTrouble =
  /** Nothing answers where the proxy should be. */
  | 'unreachable'
  /** It took too long to say yes or no. */
  | 'silent'
  /** It wants a user name and a password, or refused the ones that it got. */
  | 'auth'
  /** Its rules do not allow this address. */
  | 'forbidden'
  /** It speaks something else. */
  | 'not-a-proxy'
  /** It works, and cannot reach the upstream. */
  | 'upstream-unreachable';

/** Thrown while a connection through a proxy is made; `mapNetworkError` turns it into words. */
export class ProxyFailure extends Error {
  readonly trouble: ProxyTrouble;
  /** Scheme, host and port; never a user name or a password. */
  readonly proxyUrl: string;
  readonly isSignedIn: boolean;

  constructor(trouble: ProxyTrouble, proxy: { url: string; username: string | null }, cause?: unknown) {
    super(`Proxy: ${trouble}`, cause === undefined ? undefined : { cause });
    this.name = 'ProxyFailure';
    this.trouble = trouble;
    this.proxyUrl = proxy.url;
    this.isSignedIn = proxy.username !== null;
  }
}

/** The failure as it reaches a person: one of the proxy's own never reads as one of the upstream. */
export function mapProxyFailure(failure: ProxyFailure, upstream: string): AppFailure {
  const { trouble, proxyUrl, isSignedIn } = failure;
  const ofProxy = (sentence: string) =>
    new AppFailure('proxy_failed', sentence, {
      retry: { kind: 'user-action', action: 'check-proxy' },
      details: { proxy: proxyUrl, trouble },
      cause: failure,
    });
  switch (trouble) {
    case 'unreachable':
      return ofProxy(
        `The proxy ${proxyUrl} cannot be reached, so “${upstream}” was not asked. Check the proxy’s address.`,
      );
    case 'silent':
      return ofProxy(`The proxy ${proxyUrl} did not answer in time, so “${upstream}” was not asked. Check the proxy.`);
    case 'auth':
      return ofProxy(
        isSignedIn
          ? `The proxy ${proxyUrl} refused the user name or the password. Enter them again.`
          : `The proxy ${proxyUrl} asks for a user name and a password. Add them to it.`,
      );
    case 'forbidden':
      return ofProxy(`The proxy ${proxyUrl} does not allow connections to “${upstream}”. Use another proxy, or none.`);
    case 'not-a-proxy':
      return ofProxy(`What answers at ${proxyUrl} is no such proxy. Check its kind, its address and its port.`);
    case 'upstream-unreachable':
      return new AppFailure(
        'upstream_unreachable',
        `“${upstream}” cannot be reached through the proxy ${proxyUrl}. Check the address of “${upstream}”, then try again.`,
        { retry: { kind: 'user-action', action: 'retry' }, details: { proxy: proxyUrl, trouble }, cause: failure },
      );
  }
}

/** What a proxy's own status means: for a tunnel that it did not open, or (407) a request that it did not pass on. */
export function troubleOfStatus(status: number): ProxyTrouble {
  if (status === 407) return 'auth';
  if (status === 502 || status === 503 || status === 504) return 'upstream-unreachable';
  return status >= 400 && status < 500 ? 'forbidden' : 'not-a-proxy';
}
