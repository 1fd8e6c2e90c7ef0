import type { CredentialRecord } from '#contract/records';

/** A key that is ready and has done nothing yet. */
export function keyRecord(fields: Partial<CredentialRecord> = {}): CredentialRecord {
  return {
    id: 'k1',
    profileId: 'p1',
    label: 'Work',
    mask: 'sk-a…7Qx4',
    priority: 0,
    group: null,
    maxInFlight: 0,
    disabled: false,
    disabledReason: null,
    storage: 'sealed',
    models: null,
    state: 'ready',
    rests: [],
    inFlight: 0,
    successes: 0,
    failures: 0,
    transientFailures: 0,
    failureCount: 0,
    nextTrialAtMs: null,
    lastUsedAtMs: null,
    lastError: null,
    lockedReason: null,
    auth: 'api_key',
    oauth: null,
    approvedOrigin: 'https://a.test',
    createdAtMs: 0,
    updatedAtMs: 0,
    ...fields,
  };
}
