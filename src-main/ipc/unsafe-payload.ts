import type { FailureSaying } from '#contract/failure-saying';
import { findOddShape } from '../platform/odd-shape.ts';

const UNSAFE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
/** Deeper than any request of ours; a bound for what a stranger sends. */
const MAX_DEPTH = 32;
const MAX_PARTS = 100_000;

/**
 * Names what makes a payload unfit to be looked at any closer: keys that could reach an object's prototype, a nesting or a
 * number of parts that is only there to be expensive, or anything that is no plain data. Null for a payload that may go on
 * to its schema. Never throws.
 */
export function findUnsafePayload(payload: unknown): FailureSaying | null {
  return findOddShape(payload, { depth: MAX_DEPTH, parts: MAX_PARTS, unsafeKeys: UNSAFE_KEYS });
}
