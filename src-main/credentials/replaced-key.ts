import { failureOf } from '../platform/app-failure.ts';
import type { CredentialRow } from '../store/credential-repository.ts';
import type { PoolEntry } from './pool-entry.ts';

// What becomes of a key's record when another secret takes the place of its own. What the person gave it stays: label,
// priority, group, limit, models, and what it counted. What was learned of the old secret goes.

/** Why a key is off that only the old secret was to blame for. What a person switched off stays off. */
const OF_THE_SECRET: ReadonlySet<string | null> = new Set(['quota_exhausted', 'too_many_failures']);

type Row = Omit<CredentialRow, 'sealed'>;

/** The record with another secret. Pure; times are Unix milliseconds. */
export function replacedRow(
  row: Row,
  secret: { origin: string; mask: string; fingerprint: string; nowMs: number },
): Row {
  const isOn = row.disabled === 0 || OF_THE_SECRET.has(row.disabled_reason);
  return {
    ...row,
    mask: secret.mask,
    fingerprint: secret.fingerprint,
    approved_origin: secret.origin,
    disabled: isOn ? 0 : 1,
    disabled_reason: isOn ? null : row.disabled_reason,
    updated_at_ms: secret.nowMs,
  };
}

/**
 * Forgets what was learned of the old secret: refusals, the last error, and rests. A rest for a suspicion of abuse stays: it
 * concerns the account, and another key of it must not lead around it (E10-21).
 */
export function forgetOldSecret(entry: PoolEntry): void {
  for (const [model, rest] of entry.cooldowns) if (rest.kind !== 'suspicious_activity') entry.cooldowns.delete(model);
  entry.failureCount = 0;
  entry.trialRound = 0;
  entry.nextTrialAtMs = 0;
  entry.troubleAtMs = null;
  entry.lastError = null;
}

/** @throws AppFailure `unsupported_option` for a sign-in, which has no key to replace. */
export function requireReplaceable(row: Row): void {
  if (row.auth === 'api_key') return;
  throw failureOf(
    'unsupported_option',
    { word: 'sign_in_not_replaced' },
    { retry: { kind: 'user-action', action: 'sign-in' } },
  );
}
