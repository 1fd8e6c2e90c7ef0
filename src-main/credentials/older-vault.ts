import { createDecipheriv } from 'node:crypto';
import { deriveKey } from './vault-key.ts';

/** `cipher_kind` of secrets of the first vault, which kept no record: each carries version, salt, nonce and tag. */
export const OLDER_VAULT_KIND = 'vault';

const VERSION = 1;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BODY_AT = 1 + SALT_BYTES + NONCE_BYTES + TAG_BYTES;
const SCRYPT = { n: 2 ** 16, r: 8, p: 1 };

/** Opens what the first vault sealed, so that it can be sealed anew. Null for another passphrase, and for damage. */
export async function openOlderVault(sealed: Uint8Array, passphrase: string): Promise<string | null> {
  if (sealed.length < BODY_AT || sealed[0] !== VERSION) return null;
  const salt = sealed.subarray(1, 1 + SALT_BYTES);
  const nonce = sealed.subarray(1 + SALT_BYTES, 1 + SALT_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', await keyOf(passphrase, salt), nonce);
  decipher.setAuthTag(sealed.subarray(BODY_AT - TAG_BYTES, BODY_AT));
  const opened = decipher.update(sealed.subarray(BODY_AT));
  try {
    return Buffer.concat([opened, decipher.final()]).toString('utf8');
  } catch {
    // The tag does not fit: another passphrase, or other bytes.
    return null;
  }
}

/** One salt was shared by everything that a process sealed: derived once, it serves them all. */
let last: { passphrase: string; salt: string; key: Promise<Buffer> } | null = null;

function keyOf(passphrase: string, saltBytes: Uint8Array): Promise<Buffer> {
  const salt = Buffer.from(saltBytes).toString('hex');
  if (last?.passphrase !== passphrase || last.salt !== salt)
    last = { passphrase, salt, key: deriveKey(passphrase, saltBytes, SCRYPT) };
  return last.key;
}

/** Forgets the passphrase once everything was sealed anew. */
export function forgetOlderVault(): void {
  last = null;
}
