import { hash, timingSafeEqual } from 'node:crypto';

/** What is compared in place of a secret: it has one length, and where two differ says nothing about the secrets. */
export function secretDigest(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** Compares two secrets in a time that tells nothing about where they differ, nor about their lengths. */
export function equalsInConstantTime(presented: string, expected: string): boolean {
  return timingSafeEqual(secretDigest(presented), secretDigest(expected));
}
