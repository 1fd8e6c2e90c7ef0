import { SecretScrubber } from '../platform/scrub.ts';
import { SECRET_MARK, SecretMatcher } from '../platform/secret-matcher.ts';

/**
 * Takes a secret out of an upstream's text by value: whole, encoded, or any part of 12 characters and more. Text that
 * holds a secret too short to be told from ordinary words is dropped altogether.
 */
export function scrubSecret(text: string, secret: string | null): string {
  if (secret === null || secret === '') return text;
  if (secret.length < SecretScrubber.minChars) return text.includes(secret) ? SECRET_MARK : text;
  return new SecretMatcher([secret]).scrub(text);
}
