/** A wait longer than a day is a mistake or a ban; either way nobody waits for it. */
const MAX_WAIT_MS = 86_400_000;

/**
 * How long an upstream asks to wait, in milliseconds: `retry-after-ms`, or `Retry-After` in seconds or as an HTTP date
 * (RFC 9110, section 10.2.3). Null where it says nothing that can be read.
 */
export function retryAfterMs(header: (name: string) => string | null, nowMs: number): number | null {
  const exact = readNumber(header('retry-after-ms'));
  if (exact !== null) return Math.min(exact, MAX_WAIT_MS);
  const value = header('retry-after');
  if (value === null) return null;
  const seconds = readNumber(value);
  if (seconds !== null) return Math.min(seconds * 1000, MAX_WAIT_MS);
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? null : Math.min(Math.max(0, atMs - nowMs), MAX_WAIT_MS);
}

function readNumber(text: string | null): number | null {
  if (text === null || !/^\s*\d+(\.\d+)?\s*$/.test(text)) return null;
  return Number(text);
}
