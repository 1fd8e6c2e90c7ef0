/** A wait longer than a day is a mistake or a ban; either way nobody waits for it. */
export const MAX_WAIT_MS = 86_400_000;
/** The three forms of HTTP, and RFC 3339's. `Date.parse` alone reads a year out of `-5` and of `try 7 later`. */
const DATE = /^\s*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? |\d{4}-\d\d-\d\d)/i;

/**
 * How long an upstream asks to wait, in milliseconds: `retry-after-ms`, or `Retry-After` in seconds or as an HTTP date
 * (RFC 9110, section 10.2.3), or as RFC 3339 writes times. Null where it says nothing that can be read.
 */
export function retryAfterMs(header: (name: string) => string | null, nowMs: number): number | null {
  const exact = readNumber(header('retry-after-ms'));
  if (exact !== null) return Math.min(exact, MAX_WAIT_MS);
  const value = header('retry-after');
  if (value === null) return null;
  const seconds = readNumber(value);
  if (seconds !== null) return Math.min(seconds * 1000, MAX_WAIT_MS);
  const atMs = readDate(value);
  return Number.isNaN(atMs) ? null : Math.min(Math.max(0, timeLeft(header, nowMs)(atMs)), MAX_WAIT_MS);
}

function readNumber(text: string | null): number | null {
  if (text === null || !/^\s*\d+(\.\d+)?\s*$/.test(text)) return null;
  return Number(text);
}

/** A point in time in milliseconds; NaN for what is no date. */
export function readDate(text: string): number {
  return DATE.test(text) ? Date.parse(text) : Number.NaN;
}

/** `Date` counts seconds, and an answer is under way for some. */
const DATE_LAG_MS = 5000;

/**
 * How long it is until a time that an upstream names, in milliseconds. By its own clock, where its `Date` is further off than one
 * can be: a machine whose clock is an hour ahead would find every such time over. A time that is over by that clock, too, is by ours.
 */
export function timeLeft(header: (name: string) => string | null, nowMs: number): (atMs: number) => number {
  const saidMs = readDate(header('date') ?? '');
  const isOff = Math.abs(saidMs - nowMs) > DATE_LAG_MS;
  return (atMs) => (isOff && atMs >= saidMs ? atMs - saidMs : atMs - nowMs);
}
