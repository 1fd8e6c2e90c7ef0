import { createHash } from 'node:crypto';
import { failureOf } from '../platform/app-failure.ts';

/** Secrets up to this length are shown as `***`: four characters at each end would give away too much of them. */
const MASK_FROM_CHARS = 17;

/** What may be shown of a secret. */
export function maskSecret(secret: string): string {
  return secret.length < MASK_FROM_CHARS ? '***' : `${secret.slice(0, 4)}…${secret.slice(-4)}`;
}

/**
 * A pasted key, cleaned of what a clipboard adds around it.
 *
 * @throws AppFailure `invalid_payload` for a key that is empty or cannot travel in an HTTP header.
 */
export function cleanSecret(pasted: string): string {
  const secret = pasted.trim();
  if (secret === '') throw failureOf('invalid_payload', { word: 'key_empty' });
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    throw failureOf('invalid_payload', { word: 'key_odd_characters' });
  }
  return secret;
}

/** Tells whether a profile has the same secret twice, without the secret. */
export function fingerprintOf(profileId: string, secret: string): string {
  return createHash('sha256').update(`${profileId}\0${secret}`).digest('hex');
}
