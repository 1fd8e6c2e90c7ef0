import type { AppFailure } from '../platform/app-failure.ts';
import { failureOf } from '../platform/app-failure.ts';
import type { SecretCipher } from '../platform/host-capabilities.ts';
import { openBytes, sealBytes } from './authenticated-bytes.ts';

/** First byte of what a key of ours sealed. 1 was the older vault, which bound nothing. */
const SEALED_VERSION = 2;

/** A cipher over a key that is held in memory: a vault's or a keyring's. `kind` names that key. */
export function cipherOfKey(kind: string, key: Uint8Array): SecretCipher {
  return {
    kind,
    seal: (plain, binding) =>
      Promise.resolve(
        Buffer.concat([Buffer.from([SEALED_VERSION]), sealBytes(key, Buffer.from(plain, 'utf8'), binding)]),
      ),
    open: async (sealed, binding) => {
      const plain = sealed[0] === SEALED_VERSION ? openBytes(key, sealed.subarray(1), binding) : null;
      if (plain === null) throw notThisRow();
      return plain.toString('utf8');
    },
  };
}

/** The cipher is the right one, and still the bytes do not open. */
export function notThisRow(): AppFailure {
  return failureOf(
    'secrets_locked',
    { word: 'key_damaged' },
    { retry: { kind: 'user-action', action: 'replace-key' } },
  );
}
