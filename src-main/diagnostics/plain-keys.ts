import type { AppInfo, CredentialRecord, ProfileRecord } from '#contract/records';

/** What of a profile and its keys goes into a bundle. */
export interface PlainProfile {
  profile: string;
  kind: string;
  /** Where it leads, in one word: an address may hold a name or a secret. */
  address: 'none' | 'this computer' | 'https' | 'http';
  keys: Record<string, unknown>[];
}

/**
 * How profiles and keys stand, without names, addresses, labels, masks and sentences: a person may have pasted a secret into
 * any of them.
 */
export function plainKeys(state: {
  profiles: readonly ProfileRecord[];
  credentials: readonly CredentialRecord[];
  secrets: AppInfo['secrets'];
}): { secrets: Record<string, unknown>; profiles: PlainProfile[] } {
  const { cipherKind, hasPassphrase, standing, storage } = state.secrets;
  return {
    secrets: { state: state.secrets.state, storage, cipherKind, hasPassphrase, standing },
    profiles: state.profiles.map((profile, at) => ({
      profile: `profile ${at + 1}`,
      kind: profile.kind,
      address: addressKind(profile.baseUrl),
      keys: state.credentials
        .filter(({ profileId }) => profileId === profile.id)
        .map((key, number) => ({
          key: `key ${number + 1}`,
          state: key.state,
          storage: key.storage,
          auth: key.auth,
          renewal: key.oauth?.state ?? null,
          disabled: key.disabled,
          priority: key.priority,
          maxInFlight: key.maxInFlight,
          inFlight: key.inFlight,
          hasModelList: key.models !== null,
          rests: key.rests.length,
          successes: key.successes,
          failures: key.failures,
          refusedInARow: key.failureCount,
          lastUsedAtMs: key.lastUsedAtMs,
          lastError:
            key.lastError === null
              ? null
              : { class: key.lastError.class, status: key.lastError.status, atMs: key.lastError.atMs },
        })),
    })),
  };
}

function addressKind(baseUrl: string): PlainProfile['address'] {
  const url = URL.parse(baseUrl);
  if (url === null) return 'none';
  if (['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)) return 'this computer';
  return url.protocol === 'https:' ? 'https' : 'http';
}
