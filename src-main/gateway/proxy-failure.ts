import type { FailureWord } from '#contract/failure-saying';
import type { AppFailure } from '../platform/app-failure.ts';
import { failureOf } from '../platform/app-failure.ts';

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
  const ofProxy = (word: FailureWord) =>
    failureOf(
      'proxy_failed',
      { word, with: { proxy: proxyUrl, upstream } },
      {
        retry: { kind: 'user-action', action: 'check-proxy' },
        details: { proxy: proxyUrl, trouble },
        cause: failure,
      },
    );
  switch (trouble) {
    case 'unreachable':
      return ofProxy('proxy_unreachable');
    case 'silent':
      return ofProxy('proxy_silent');
    case 'auth':
      return ofProxy(isSignedIn ? 'proxy_refused' : 'proxy_asks');
    case 'forbidden':
      return ofProxy('proxy_forbids');
    case 'not-a-proxy':
      return ofProxy('proxy_is_none');
    case 'upstream-unreachable':
      return failureOf(
        'upstream_unreachable',
        { word: 'unreachable_through_proxy', with: { upstream, proxy: proxyUrl } },
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
