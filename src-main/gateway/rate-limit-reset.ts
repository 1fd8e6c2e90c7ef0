import { readDate, timeLeft } from './retry-after.ts';

/** A window that is reported as used up counts; the others say when they would be full again, which nobody waits for. */
const FAMILIES: readonly { remaining: string; reset: string }[] = [
  // platform.claude.com/docs, "Rate limits": RFC 3339 times. Read 2026-11.
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map((what) => ({
    remaining: `anthropic-ratelimit-${what}-remaining`,
    reset: `anthropic-ratelimit-${what}-reset`,
  })),
  // platform.openai.com/docs, "Rate limits": durations such as `1s` and `6m0s`. Read 2026-11.
  ...['requests', 'tokens'].map((what) => ({
    remaining: `x-ratelimit-remaining-${what}`,
    reset: `x-ratelimit-reset-${what}`,
  })),
  // OpenRouter and others: seconds from now, or a Unix time in seconds or milliseconds.
  { remaining: 'x-ratelimit-remaining', reset: 'x-ratelimit-reset' },
  // draft-ietf-httpapi-ratelimit-headers, up to version 7: seconds.
  { remaining: 'ratelimit-remaining', reset: 'ratelimit-reset' },
];

const DAY_MS = 86_400_000;
/** Numbers above these are points in time and no durations. */
const UNIX_SECONDS_FROM = 1_000_000_000;
const UNIX_MS_FROM = 1_000_000_000_000;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS };

/**
 * When a refused request may come back by the provider's own rate-limit headers, in milliseconds: the latest reset among the
 * windows that are used up, else among those that do not say what is left of them. Null where neither is said.
 */
export function rateLimitResetMs(header: (name: string) => string | null, nowMs: number): number | null {
  const until = timeLeft(header, nowMs);
  const usedUpMs: number[] = [];
  const unsaidMs: number[] = [];
  for (const { remaining, reset } of FAMILIES) {
    const waitMs = readReset(header(reset), until);
    if (waitMs === null) continue;
    const left = header(remaining)?.trim() ?? '';
    if (left === '') unsaidMs.push(waitMs);
    else if (Number(left) <= 0) usedUpMs.push(waitMs);
  }
  const waits = usedUpMs.length > 0 ? usedUpMs : unsaidMs;
  return waits.length === 0 ? null : Math.max(...waits);
}

function readReset(value: string | null, until: (atMs: number) => number): number | null {
  const text = value?.trim() ?? '';
  if (text === '') return null;
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
  if (number !== null) {
    if (number >= UNIX_MS_FROM) return bounded(until(number));
    return bounded(number >= UNIX_SECONDS_FROM ? until(number * 1000) : number * 1000);
  }
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
    return bounded(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ''] ?? 0), 0));
  }
  const atMs = readDate(text);
  return Number.isNaN(atMs) ? null : bounded(until(atMs));
}

function bounded(waitMs: number): number {
  return Math.min(Math.max(0, Math.round(waitMs)), DAY_MS);
}
