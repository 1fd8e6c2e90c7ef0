import type { CredentialLease } from '../../credentials/lease.ts';

/** A lease of a key that is always there, for tests that are about something else. */
export function fixedLease(credentialId: string, secret: string, release: () => void): CredentialLease {
  return { credentialId, secret, waitedMs: 0, answering: () => undefined, report: () => undefined, release };
}
