import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { AppFailure } from '../platform/app-failure.ts';
import type { SecretCipher } from '../platform/host-capabilities.ts';

/**
 * A vault behind a passphrase: AES-256-GCM with a key from scrypt. A sealed secret carries all it needs but the
 * passphrase: version (1 byte), salt (16), nonce (12), tag (16), ciphertext.
 */

const VERSION = 1;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** About 100 ms and 64 MB a derivation on a laptop of 2026; one derivation a salt and process. */
const SCRYPT = { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024 };

function deriveKey(passphrase: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, KEY_BYTES, SCRYPT, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/** @param passphrase stays in memory as long as the cipher does; it is written nowhere. */
export function createVaultCipher(passphrase: string): SecretCipher {
  const keys = new Map<string, Promise<Buffer>>();
  const keyFor = (salt: Uint8Array): Promise<Buffer> => {
    const name = Buffer.from(salt).toString('hex');
    const known = keys.get(name) ?? deriveKey(passphrase, salt);
    keys.set(name, known);
    return known;
  };
  // One salt for all that this process seals, so that sealing many keys derives once.
  const sealSalt = randomBytes(SALT_BYTES);
  return {
    kind: 'vault',
    async seal(plain) {
      const key = await keyFor(sealSalt);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.from([VERSION]), sealSalt, nonce, cipher.getAuthTag(), body]);
    },
    async open(sealed) {
      const bytes = Buffer.from(sealed);
      const bodyAt = 1 + SALT_BYTES + NONCE_BYTES + TAG_BYTES;
      if (bytes.length < bodyAt || bytes[0] !== VERSION) {
        throw new AppFailure(
          'secrets_locked',
          'A stored key was written by another version of the vault. Enter the key again.',
        );
      }
      const salt = bytes.subarray(1, 1 + SALT_BYTES);
      const nonce = bytes.subarray(1 + SALT_BYTES, 1 + SALT_BYTES + NONCE_BYTES);
      const tag = bytes.subarray(1 + SALT_BYTES + NONCE_BYTES, bodyAt);
      const decipher = createDecipheriv('aes-256-gcm', await keyFor(salt), nonce);
      decipher.setAuthTag(tag);
      try {
        return Buffer.concat([decipher.update(bytes.subarray(bodyAt)), decipher.final()]).toString('utf8');
      } catch (thrown) {
        throw new AppFailure(
          'secrets_locked',
          'The stored keys do not open with this passphrase. Start Sluice with the right one in SLUICE_VAULT_PASSPHRASE, or enter the keys again.',
          {
            retry: { kind: 'user-action', action: 'unlock-keys' },
            cause: thrown,
          },
        );
      }
    },
  };
}
