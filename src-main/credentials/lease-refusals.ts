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

/** Why none of the keys can be used, as the failure that names what to do. */
export function noneUsable(obstacle: Obstacle, entries: readonly { origin: string }[], origin: string): AppFailure {
  switch (obstacle) {
    case 'other-origin':
      return failureOf(
        'no_credential',
        {
          word: 'other_origin',
          with: {
            approved: entries.find((entry) => entry.origin !== origin)?.origin ?? { word: 'another_address' },
            origin,
          },
        },
        { retry: { kind: 'user-action', action: 'confirm-host' } },
      );
    case 'locked':
      return failureOf(
        'secrets_locked',
        { word: 'keys_locked' },
        { retry: { kind: 'user-action', action: 'unlock-keys' } },
      );
    case 'model':
      return failureOf(
        'no_credential',
        { word: 'model_not_allowed' },
        { retry: { kind: 'user-action', action: 'choose-model' } },
      );
    case 'quota':
      return failureOf(
        'quota_exhausted',
        { word: 'credit_used_up' },
        { retry: { kind: 'user-action', action: 'replace-key' } },
      );
    case 'refused':
      return failureOf(
        'upstream_auth',
        { word: 'keys_refused' },
        { retry: { kind: 'user-action', action: 'replace-key' } },
      );
    case 'sign-in':
      return failureOf(
        'upstream_auth',
        { word: 'sign_in_ended' },
        {
          retry: { kind: 'user-action', action: 'sign-in' },
        },
      );
    case 'out':
      return failureOf(
        'no_credential',
        { word: 'keys_tried' },
        {
          retry: { kind: 'user-action', action: 'replace-key' },
          details: { obstacle },
        },
      );
    case 'disabled':
    case 'none':
      return failureOf('no_credential', { word: 'keys_off' }, { retry: { kind: 'user-action', action: 'add-key' } });
  }
}
