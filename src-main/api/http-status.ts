import { assertNever } from '#contract/assert-never';
import type { ErrorCode } from '#contract/errors';

/** The HTTP status that says what an error code says. Exhaustive: a new code has to find its place here. */
export function httpStatusOf(code: ErrorCode): number {
  switch (code) {
    case 'invalid_payload':
      return 400;
    case 'unauthorized':
      return 401;
    case 'forbidden_sender':
      return 403;
    case 'unknown_route':
    case 'not_found':
      return 404;
    case 'conflict':
    case 'conflict_active_run':
      return 409;
    case 'payload_too_large':
      return 413;
    case 'budget_reached':
      return 402;
    case 'unsupported_option':
    case 'context_window_too_small':
      return 422;
    case 'queue_full':
    case 'upstream_rate_limited':
      return 429;
    case 'no_credential':
    case 'secrets_locked':
    case 'account_flagged':
    case 'quota_exhausted':
    case 'upstream_unreachable':
    case 'proxy_failed':
    case 'upstream_auth':
    case 'upstream_overloaded':
    case 'upstream_rejected':
    case 'upstream_error':
    case 'upstream_bad_response':
    case 'upstream_no_run_id':
    case 'upstream_empty_answer':
    case 'upstream_lost':
      return 502;
    case 'timeout':
      return 504;
    case 'credentials_busy':
    case 'credentials_cooling':
    case 'shutting_down':
    case 'storage_unavailable':
      return 503;
    case 'storage_full':
      return 507;
    case 'aborted':
    case 'interrupted':
    case 'internal':
      return 500;
    default:
      return assertNever(code);
  }
}
