import { type CallFailure, FAILURE_ACTIONS } from '../credentials/failure-class.ts';
import type { OtherKeys } from '../credentials/lease.ts';
import type { AppFailure } from '../platform/app-failure.ts';
import { MAX_ATTEMPTS, RETRY_BUDGET_MS, retryDelay, type Tries } from './retry-delay.ts';

/** What follows a failed call. */
export type NextStep =
  | { do: 'fail' }
  /** `out`: the key that was used is not to be used again by this request. */
  | { do: 'again'; waitMs: number; out: boolean };

/** Before another key is tried, so that a provider in trouble does not meet all keys in the same moment. */
const SWITCH_DELAY_MS = 100;
const LONGEST_SWITCH_DELAY_MS = 1000;

/**
 * Whether a failed request goes out again, when, and with which key. Pure. Never where it may have been executed (BUG-A36);
 * otherwise the failure's class decides. A request is sent at most min(3 × keys, 6) times within a minute (E10-15); with one
 * key only waiting for it is left, which has the six tries of E9-07.
 *
 * @param others whether another key could take it.
 * @param keyCount keys of the profile.
 * @param random from 0 to below 1.
 */
export function nextStep(
  thrown: AppFailure,
  failure: CallFailure,
  tries: Tries,
  others: OtherKeys,
  keyCount: number,
  random: () => number,
): NextStep {
  if (!failure.refused) return { do: 'fail' };
  const within = (waitMs: number) => tries.elapsedMs + waitMs <= RETRY_BUDGET_MS;
  const mayMove = tries.attempt < Math.min(3 * keyCount, MAX_ATTEMPTS);
  switch (FAILURE_ACTIONS[failure.class].request) {
    case 'fail':
      return { do: 'fail' };
    case 'switch':
      if (!mayMove || others.kind === 'none') return { do: 'fail' };
      if (others.kind === 'ready') return { do: 'again', waitMs: 0, out: true };
      return within(others.waitMs) ? { do: 'again', waitMs: others.waitMs, out: true } : { do: 'fail' };
    case 'wait': {
      const switchMs = Math.min(SWITCH_DELAY_MS * tries.attempt, LONGEST_SWITCH_DELAY_MS);
      if (others.kind === 'ready' && mayMove && within(switchMs)) return { do: 'again', waitMs: switchMs, out: false };
      const ownMs = retryDelay(thrown, tries, random);
      if (others.kind === 'later' && mayMove && within(others.waitMs) && (ownMs === null || others.waitMs < ownMs)) {
        return { do: 'again', waitMs: others.waitMs, out: false };
      }
      return ownMs === null ? { do: 'fail' } : { do: 'again', waitMs: ownMs, out: false };
    }
    case 'again': {
      const ownMs = retryDelay(thrown, tries, random);
      return ownMs === null ? { do: 'fail' } : { do: 'again', waitMs: ownMs, out: false };
    }
  }
}
