import type { CredentialRecord, CredentialRest } from '#contract/records';
import type { Settings } from '#contract/settings';
import { because, told } from '../platform/app-failure.ts';
import { readFact } from '../platform/kept-fact.ts';
import type { OAuthClientRow } from '../store/oauth-client-repository.ts';
import { type CooldownDurations, remainingMs } from './cooldown.ts';
import type { SecretPlace } from './credential-secrets.ts';
import type { PoolEntry } from './pool-entry.ts';

export type PoolSettings = Pick<
  Settings,
  | 'credentialMode'
  | 'credentialQueueLimit'
  | 'credentialQueueWaitMs'
  | 'credentialRestWaitMs'
  | 'credentialOverflow'
  | 'cooldownsEnabled'
  | 'rateLimitCooldownMs'
  | 'timeoutCooldownMs'
  | 'upstreamErrorCooldownMs'
  | 'overageCooldownMs'
  | 'suspiciousCooldownMs'
>;

/** How long a key rests for each kind of failure, where the provider names no time. */
export function durationsOf(settings: PoolSettings): CooldownDurations {
  return {
    rate_limit: settings.rateLimitCooldownMs,
    timeout: settings.timeoutCooldownMs,
    upstream_error: settings.upstreamErrorCooldownMs,
    overage_request_limit: settings.overageCooldownMs,
    suspicious_activity: settings.suspiciousCooldownMs,
    // What a plan does not offer changes about as rarely as its extra does.
    model_access: settings.overageCooldownMs,
  };
}

/**
 * What may be known of a key outside the main process.
 *
 * @param place where its secret is.
 * @param client how it renews itself; null for a key.
 */
export function toCredentialRecord(
  entry: PoolEntry,
  place: SecretPlace,
  client: OAuthClientRow | null,
  nowMs: number,
): CredentialRecord {
  const { row } = entry;
  const rests: CredentialRest[] = [...entry.cooldowns]
    .filter(([, rest]) => remainingMs(rest, nowMs) > 0)
    .map(([model, { kind, source, reason, fromMs, untilMs }]) => ({
      model: model === '' ? null : model,
      kind,
      source,
      ...because(reason),
      fromMs,
      untilMs,
    }));
  return {
    id: row.id,
    profileId: row.profile_id,
    label: row.label,
    mask: row.mask,
    priority: row.priority,
    group: row.group_name,
    maxInFlight: row.max_in_flight,
    disabled: row.disabled === 1,
    disabledReason: entry.disabledReason,
    ...place,
    auth: row.auth,
    oauth:
      client === null
        ? null
        : {
            state: client.state,
            tokenUrl: client.token_url,
            clientId: client.client_id,
            ...lastErrorOf(client.last_error),
            refreshedAtMs: client.refreshed_at_ms,
          },
    approvedOrigin: row.approved_origin,
    models: entry.models === null ? null : [...entry.models],
    state: entry.stateAt(nowMs),
    rests: rests.sort((a, b) => b.untilMs - a.untilMs),
    inFlight: entry.inFlight,
    successes: entry.successes,
    failures: entry.failures,
    transientFailures: entry.transientFailures,
    failureCount: entry.failureCount,
    nextTrialAtMs: entry.disabledReason === 'too_many_failures' ? entry.nextTrialAtMs : null,
    lastUsedAtMs: entry.lastUsedAtMs,
    lastError: entry.lastError,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

function lastErrorOf(kept: string | null): Pick<NonNullable<CredentialRecord['oauth']>, 'lastError' | 'lastErrorSaid'> {
  if (kept === null) return { lastError: null };
  const { message, said } = told(readFact(kept));
  return said === undefined ? { lastError: message } : { lastError: message, lastErrorSaid: said };
}
