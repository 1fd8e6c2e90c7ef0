import { SecretScrubber } from '../platform/scrub.ts';

/** A run of a secret this long is as telling as the whole: some upstreams echo a key's first half. */
const MIN_PART_CHARS = 12;
const MARK = '[secret]';

/**
 * Takes a secret out of an upstream's text by value: whole, encoded, or any part of 12 characters and more. Text that
 * holds a secret too short to be told from ordinary words is dropped altogether.
 */
export function scrubSecret(text: string, secret: string | null): string {
  if (secret === null || secret === '') return text;
  if (secret.length < SecretScrubber.minChars) return text.includes(secret) ? MARK : text;
  const scrubber = new SecretScrubber();
  scrubber.add(secret);
  return withoutParts(scrubber.scrub(text), secret);
}

function withoutParts(text: string, secret: string): string {
  let clean = '';
  let at = 0;
  while (at < text.length) {
    if (secret.includes(text.slice(at, at + MIN_PART_CHARS)) && at + MIN_PART_CHARS <= text.length) {
      let end = at + MIN_PART_CHARS;
      while (end < text.length && secret.includes(text.slice(at, end + 1))) end++;
      clean += MARK;
      at = end;
    } else {
      clean += text[at];
      at++;
    }
  }
  return clean;
}
