import { createHash, randomBytes, scrypt } from 'node:crypto';
import { failureOf } from '../platform/app-failure.ts';
import type { SecretKeyRow } from '../store/secret-key-repository.ts';
import { KEY_BYTES, openBytes, sealBytes } from './authenticated-bytes.ts';

const SALT_BYTES = 16;
const MIN_PASSPHRASE_CHARS = 8;

/** scrypt's cost. About 100 ms and 64 MB on a laptop of 2026, within OWASP's recommendation (2026-11: N 2^16, r 8, p 2). */
export interface KdfParameters {
  kdf: 'scrypt';
  n: number;
  r: number;
  p: number;
}
const CURRENT: KdfParameters = { kdf: 'scrypt', n: 2 ** 16, r: 8, p: 2 };
/** A record that asks for more was not written by Sluice; it would only take the memory. */
const MOST_MEMORY_BYTES = 512 * 1024 * 1024;

/** Twice scrypt's own need (128·N·r), as Node's limit wants. */
function memoryOf({ n, r }: KdfParameters): number {
  return 256 * n * r;
}

/** The older vault had no record of its own: each secret carried its salt. Same derivation, other parameters. */
export function deriveKey(
  passphrase: string,
  salt: Uint8Array,
  { n, r, p }: Pick<KdfParameters, 'n' | 'r' | 'p'>,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: n, r, p, maxmem: 256 * n * r };
    scrypt(passphrase.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function checksumOf(row: Pick<SecretKeyRow, 'id' | 'parameters' | 'salt' | 'wrapped_key'>): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([row.id, row.parameters]))
    .update(row.salt)
    .update(row.wrapped_key)
    .digest();
}

function bindingOf(row: Pick<SecretKeyRow, 'id' | 'parameters'>): string {
  return JSON.stringify(['sluice-vault', 2, row.id, row.parameters]);
}

/** A new vault: a random key, and its record with that key wrapped by the passphrase. */
export async function createVault(
  passphrase: string,
  id: string,
  nowMs: number,
  cost: KdfParameters = CURRENT,
): Promise<{ row: SecretKeyRow; key: Buffer }> {
  const key = randomBytes(KEY_BYTES);
  const salt = randomBytes(SALT_BYTES);
  const parameters = JSON.stringify(cost);
  const wrapped_key = sealBytes(await deriveKey(passphrase, salt, cost), key, bindingOf({ id, parameters }));
  const bare = { id, parameters, salt, wrapped_key };
  return {
    key,
    row: {
      ...bare,
      kind: 'vault',
      checksum: checksumOf(bare),
      in_use: 1,
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
    },
  };
}

export type VaultOpening = { kind: 'open'; key: Buffer } | { kind: 'wrong-passphrase' } | { kind: 'damaged' };

/** Tries a passphrase on a vault's record. The wrapped key verifies it: nothing else has to be stored for that. */
export async function openVault(row: SecretKeyRow, passphrase: string): Promise<VaultOpening> {
  const parameters = readParameters(row.parameters);
  if (parameters === null || !checksumOf(row).equals(row.checksum)) return { kind: 'damaged' };
  const key = openBytes(await deriveKey(passphrase, row.salt, parameters), row.wrapped_key, bindingOf(row));
  return key === null ? { kind: 'wrong-passphrase' } : { kind: 'open', key };
}

function readParameters(text: string): KdfParameters | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { kdf, n, r, p } = value as Partial<Record<keyof KdfParameters, unknown>>;
  const isCount = (each: unknown): each is number => typeof each === 'number' && Number.isInteger(each) && each > 0;
  if (kdf !== 'scrypt' || !isCount(n) || !isCount(r) || !isCount(p)) return null;
  const known: KdfParameters = { kdf, n, r, p };
  const isPowerOfTwo = Number.isInteger(Math.log2(n)) && n > 1;
  return isPowerOfTwo && p <= 16 && memoryOf(known) <= MOST_MEMORY_BYTES ? known : null;
}

/** @throws AppFailure `invalid_payload` for a passphrase that is soon guessed. */
export function requireLong(passphrase: string): void {
  if (passphrase.length >= MIN_PASSPHRASE_CHARS) return;
  throw failureOf(
    'invalid_payload',
    { word: 'passphrase_short', with: { least: MIN_PASSPHRASE_CHARS } },
    {
      details: { field: 'passphrase' },
    },
  );
}
