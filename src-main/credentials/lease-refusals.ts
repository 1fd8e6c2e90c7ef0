import type { ErrorCode, UserAction } from '#contract/errors';
import type { FailureFact } from '#contract/failure-saying';
import { type AppFailure, failureOf } from '../platform/app-failure.ts';
import type { Obstacle } from './choose-credential.ts';
import type { Cooldown } from './cooldown.ts';

// Why a request gets no key, as the failure that names what to do. Pure.

/** A reason as a sentence of its own. */
export function sentence(reason: FailureFact): FailureFact {
  return typeof reason !== 'string' || /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

/** As many wait as may. */
export function lineFull(limit: number): AppFailure {
  return failureOf(
    'credentials_busy',
    { word: 'keys_busy_line', with: { limit } },
    { retry: { kind: 'user-action', action: 'retry' }, details: { limit } },
  );
}

/** All keys were busy for as long as may be waited. */
export function busyTooLong(waitedMs: number): AppFailure {
  return failureOf(
    'credentials_busy',
    { word: 'keys_busy_long', with: { seconds: Math.round(waitedMs / 1000) } },
    { retry: { kind: 'user-action', action: 'retry' }, details: { waitedMs } },
  );
}

/** All keys rest, and for longer than may be waited. */
export function restsTooLong(
  { cooldown, readyAtMs }: { cooldown: Cooldown; readyAtMs: number },
  nowMs: number,
): AppFailure {
  const waitMs = Math.max(0, readyAtMs - nowMs);
  const flagged = cooldown.kind === 'suspicious_activity';
  return failureOf(
    flagged ? 'account_flagged' : 'credentials_cooling',
    { word: flagged ? 'keys_stopped' : 'keys_resting', with: { in: waitMs, reason: sentence(cooldown.reason) } },
    { retry: { kind: 'after', waitMs }, details: { untilMs: nowMs + waitMs, rest: cooldown.kind } },
  );
}

/** What each obstacle is told as, and what helps. */
const TOLD = {
  locked: ['secrets_locked', 'keys_locked', 'unlock-keys'],
  model: ['no_credential', 'model_not_allowed', 'choose-model'],
  quota: ['quota_exhausted', 'credit_used_up', 'replace-key'],
  refused: ['upstream_auth', 'keys_refused', 'replace-key'],
  'sign-in': ['upstream_auth', 'sign_in_ended', 'sign-in'],
  out: ['no_credential', 'keys_tried', 'replace-key'],
  disabled: ['no_credential', 'keys_off', 'add-key'],
  none: ['no_credential', 'keys_off', 'add-key'],
} as const satisfies Record<Exclude<Obstacle, 'other-origin'>, readonly [ErrorCode, string, UserAction]>;

/** Why none of the keys can be used, as the failure that names what to do. */
export function noneUsable(obstacle: Obstacle, entries: readonly { origin: string }[], origin: string): AppFailure {
  if (obstacle === 'other-origin') {
    const approved = entries.find((entry) => entry.origin !== origin)?.origin;
    return failureOf(
      'no_credential',
      { word: 'other_origin', with: { approved: approved ?? { word: 'another_address' }, origin } },
      { retry: { kind: 'user-action', action: 'confirm-host' } },
    );
  }
  const [code, word, action] = TOLD[obstacle];
  return failureOf(
    code,
    { word },
    { retry: { kind: 'user-action', action }, ...(obstacle === 'out' ? { details: { obstacle } } : {}) },
  );
}
