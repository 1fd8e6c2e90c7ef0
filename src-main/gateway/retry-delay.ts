import type { AppFailure } from '../platform/app-failure.ts';
import { NOT_SENT } from './call-failure.ts';

/** With the first one. */
export const MAX_ATTEMPTS = 6;
/** An address where nothing answers is more often wrong than restarting: after some 4 s a person should hear of it. */
export const MAX_UNREACHABLE_ATTEMPTS = 4;
/** From the first try's beginning to the last one's. Whoever asks for more patience is not waited for. */
export const RETRY_BUDGET_MS = 60_000;
const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 8000;
/** A fifth to either side, so that runs that were refused together do not come back together. */
const JITTER = 0.2;
/** Beyond a wait that the upstream named: never before it, and not all at the same moment. */
const HINT_JITTER_MS = 250;

export interface Tries {
  /** The number of the try that failed, from 1. */
  attempt: number;
  /** Since the first try began. */
  elapsedMs: number;
}

/**
 * How long to wait before a refused request goes out again, in milliseconds; null when it must not, or no longer. Only
 * where it is certain that nothing was executed (BUG-A36): 429 without a quota's mark, 529, 503 with a time to come
 * back, and connections that never stood. A connection that broke later may have carried the whole prompt.
 *
 * @param random from 0 to below 1.
 */
export function retryDelay(failure: AppFailure, tries: Tries, random: () => number): number | null {
  const limit = attemptLimit(failure);
  if (tries.attempt >= limit) return null;
  const hintMs = numberIn(failure, 'retryAfterMs') ?? 0;
  const backoffMs =
    Math.min(FIRST_DELAY_MS * 2 ** (tries.attempt - 1), LAST_DELAY_MS) * (1 - JITTER + 2 * JITTER * random());
  const waitMs = Math.round(hintMs > 0 ? hintMs + HINT_JITTER_MS * random() : backoffMs);
  return tries.elapsedMs + waitMs > RETRY_BUDGET_MS ? null : waitMs;
}

function attemptLimit(failure: AppFailure): number {
  const status = numberIn(failure, 'status');
  // Said within a stream or under a success status, where there is no status of its own.
  const isRefused = status === null && failure.details?.['refused'] === true;
  switch (failure.code) {
    case 'upstream_rate_limited':
      return status === 429 || isRefused ? MAX_ATTEMPTS : 0;
    case 'upstream_overloaded':
      return isRefused || status === 529 || (status === 503 && numberIn(failure, 'retryAfterMs') !== null)
        ? MAX_ATTEMPTS
        : 0;
    case 'upstream_unreachable':
      return NOT_SENT.has(String(failure.details?.['networkCode'])) ? MAX_UNREACHABLE_ATTEMPTS : 0;
    default:
      return 0;
  }
}

function numberIn(failure: AppFailure, name: string): number | null {
  const value = failure.details?.[name];
  return typeof value === 'number' ? value : null;
}
