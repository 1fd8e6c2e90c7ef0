import { failureOf } from '../platform/app-failure.ts';

const UNSAFE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
/** Deeper than any export of a conversation; JSON.parse itself takes far more, and what walks it later would not. */
const MAX_DEPTH = 512;

/**
 * Reads a file's text as JSON.
 *
 * @throws AppFailure `invalid_payload` for text that is no JSON, that is cut short, that is nested without end, or that has
 *   a key which could reach an object's prototype.
 */
export function parseJson(text: string, name: string): unknown {
  let value: unknown;
  try {
    // Some editors put a mark of byte order in front.
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (thrown) {
    throw failureOf('invalid_payload', { word: 'import_no_json', with: { name } }, { cause: thrown });
  }
  const waiting: { value: object; depth: number }[] = [];
  const look = (child: unknown, depth: number): void => {
    if (typeof child === 'object' && child !== null) waiting.push({ value: child, depth });
  };
  look(value, 0);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.depth > MAX_DEPTH) {
      throw failureOf('invalid_payload', { word: 'import_too_deep', with: { name } });
    }
    if (Array.isArray(next.value)) {
      for (const child of next.value as unknown[]) look(child, next.depth + 1);
      continue;
    }
    for (const key of Object.keys(next.value)) {
      if (UNSAFE_KEYS.has(key)) {
        throw failureOf('invalid_payload', { word: 'import_odd_field', with: { name, key } });
      }
      look((next.value as Record<string, unknown>)[key], next.depth + 1);
    }
  }
  return value;
}
