import type { AppError } from '#contract/errors';
import { isFailureSaying } from '#contract/failure-words';
import { type CallFailure, FAILURE_ACTIONS, type FailureClass } from '../credentials/failure-class.ts';
import { BROKE_BEFORE_SENDING } from './map-network-error.ts';

/** Nobody listens, the name is unknown, or the handshake broke: not a byte of the request was read by anybody. */
export const NOT_SENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', BROKE_BEFORE_SENDING]);
/** No connection stood, but it took so long to learn that nobody should wait for another try. */
const NOT_REACHED: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/**
 * What a failed call means for its key and for another try. Answers carry their class from `classifyFailure`; what never
 * became an answer is classified here. Null for a failure that is not the upstream's.
 */
export function callFailureOf(error: {
  code: AppError['code'];
  message: string;
  details?: AppError['details'] | undefined;
}): CallFailure | null {
  const { code, message, details = {} } = error;
  const told = details['failure'];
  const status = numberIn(details, 'status');
  const of = (failureClass: FailureClass, refused: boolean): CallFailure => ({
    class: failureClass,
    refused,
    status,
    waitMs: numberIn(details, 'retryAfterMs'),
    message,
    ...(isFailureSaying(details['said']) ? { said: details['said'] } : {}),
  });
  if (typeof told === 'string' && told in FAILURE_ACTIONS) return of(told as FailureClass, details['refused'] === true);
  switch (code) {
    case 'upstream_unreachable': {
      const networkCode = String(details['networkCode']);
      const neverStood = NOT_SENT.has(networkCode) || NOT_REACHED.has(networkCode);
      return of(neverStood ? 'unreachable' : 'connection_lost', NOT_SENT.has(networkCode));
    }
    case 'upstream_lost':
      return of('connection_lost', false);
    case 'timeout':
      // The whole call's limit is our own, and an answer that reached it was coming all the time.
      return of(details['deadline'] === 'total' ? 'connection_lost' : 'timeout', false);
    case 'upstream_bad_response':
      return of(status !== null && status >= 500 ? 'upstream_error' : 'client_error', false);
    case 'upstream_error':
    case 'upstream_empty_answer':
      return of('upstream_error', false);
    case 'upstream_rate_limited':
      return of('rate_limit', status === 429);
    case 'upstream_overloaded':
      return of('overload', status === 529);
    case 'upstream_rejected':
    case 'upstream_no_run_id':
    case 'context_window_too_small':
      return of('client_error', false);
    default:
      return null;
  }
}

function numberIn(details: Record<string, unknown>, name: string): number | null {
  const value = details[name];
  return typeof value === 'number' ? value : null;
}
