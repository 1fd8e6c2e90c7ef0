import type { FailureSaying } from '#contract/failure-saying';

const UNSAFE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
/** Deeper than any request of ours; a bound for what a stranger sends. */
const MAX_DEPTH = 32;
const MAX_NODES = 100_000;

/**
 * Names what makes a payload unfit to be looked at any closer: keys that could reach an object's prototype, or a nesting
 * that is only there to be expensive. Null for a payload that may go on to its schema. Never throws.
 */
export function findUnsafePayload(payload: unknown): FailureSaying | null {
  const waiting: { value: unknown; depth: number }[] = [{ value: payload, depth: 0 }];
  for (let seen = 0; waiting.length > 0; seen++) {
    if (seen > MAX_NODES) return { word: 'why_parts' };
    const next = waiting.pop();
    if (next === undefined || typeof next.value !== 'object' || next.value === null) continue;
    if (next.depth > MAX_DEPTH) return { word: 'why_deep' };
    for (const key of Object.getOwnPropertyNames(next.value)) {
      if (UNSAFE_KEYS.has(key)) return { word: 'why_unsafe_key', with: { key } };
      waiting.push({ value: (next.value as Record<string, unknown>)[key], depth: next.depth + 1 });
    }
  }
  return null;
}
