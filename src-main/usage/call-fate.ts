import { BROKE_BEFORE_SENDING, TLS_CODE } from '../gateway/map-network-error.ts';
import { AppFailure } from '../platform/app-failure.ts';

/**
 * What is known of a request that no upstream accepted. `unsent`: nobody read it. `refused`: the upstream answered, and not
 * with an answer, so it is a request but not on the bill. `unknown`: it may have been worked on.
 */
export type CallFate = 'unsent' | 'refused' | 'unknown';

/** Nobody listens, the name is unknown, or no connection ever stood. */
const NEVER_STOOD = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  BROKE_BEFORE_SENDING,
]);

/** @param thrown what the call rejected with; an abort tells nothing about the other side. */
export function callFate(thrown: unknown): CallFate {
  if (!(thrown instanceof AppFailure)) return 'unknown';
  const networkCode = thrown.details?.['networkCode'];
  if (typeof networkCode === 'string') {
    return NEVER_STOOD.has(networkCode) || TLS_CODE.test(networkCode) ? 'unsent' : 'unknown';
  }
  if (typeof thrown.details?.['status'] === 'number') return 'refused';
  switch (thrown.code) {
    case 'timeout':
    case 'upstream_lost':
    case 'internal':
    case 'interrupted':
    case 'aborted':
    case 'shutting_down':
      return 'unknown';
    case 'upstream_bad_response':
    case 'upstream_error':
    case 'upstream_overloaded':
    case 'upstream_rate_limited':
    case 'upstream_auth':
    case 'upstream_no_run_id':
    case 'quota_exhausted':
      return 'refused';
    default:
      // Refused on this side: no key, no model, nothing that was ever sent.
      return 'unsent';
  }
}
