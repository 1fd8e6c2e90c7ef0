import { createHash, randomBytes } from 'node:crypto';
import type { SystemKeyring } from '../platform/host-capabilities.ts';
import type { SecretKeyRow } from '../store/secret-key-repository.ts';
import { KEY_BYTES } from './authenticated-bytes.ts';

/** What the entry of a data directory's key is called in the keyring. */
function entryName(id: string): string {
  return `data key ${id}`;
}

function keyOf(bytes: Uint8Array | null): Buffer | null {
  return bytes?.length === KEY_BYTES ? Buffer.from(bytes) : null;
}

/** The key of a record, or null where the keyring does not hold it. Rejects where there is no keyring to ask. */
export async function readKeyringKey(keyring: SystemKeyring, id: string): Promise<Buffer | null> {
  return keyOf(await keyring.read(entryName(id)));
}

/**
 * Puts a new key into the keyring and reads it back: a keyring that forgets at once is none. Rejects where nothing can be
 * written; null where it did not stay.
 */
export async function createKeyringKey(
  keyring: SystemKeyring,
  id: string,
  nowMs: number,
): Promise<{ row: SecretKeyRow; key: Buffer } | null> {
  const key = randomBytes(KEY_BYTES);
  await keyring.write(entryName(id), key);
  if ((await readKeyringKey(keyring, id))?.equals(key) !== true) return null;
  const empty = Buffer.alloc(0);
  return {
    key,
    row: {
      id,
      kind: 'keyring',
      parameters: '{}',
      salt: empty,
      wrapped_key: empty,
      checksum: createHash('sha256').update(id).digest(),
      in_use: 1,
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
    },
  };
}
