import type { FailureSaying } from '#contract/failure-saying';

const NO_KEYS: ReadonlySet<string> = new Set();

/**
 * What is odd about the shape of foreign data, as the name of a sentence; null where nothing is. The cost is bounded by `parts`, whatever
 * is in it: a window sends what a structured clone carries, and a list of two million numbers must not be walked to be refused.
 *
 * @param bounds.depth the deepest nesting.
 * @param bounds.parts the most values, at all depths together.
 * @param bounds.unsafeKeys names that no object may have.
 */
export function findOddShape(
  value: unknown,
  bounds: { depth: number; parts: number; unsafeKeys?: ReadonlySet<string> },
): FailureSaying | null {
  const { depth, parts, unsafeKeys = NO_KEYS } = bounds;
  const waiting: { value: object; depth: number }[] = [];
  let seen = 0;
  const look = (child: unknown, at: number): void => {
    if (typeof child === 'object' && child !== null) waiting.push({ value: child, depth: at });
  };
  look(value, 0);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.depth > depth) return { word: 'why_deep' };
    if (Array.isArray(next.value)) {
      seen += next.value.length;
      if (seen > parts) return { word: 'why_parts' };
      for (const child of next.value as unknown[]) look(child, next.depth + 1);
      continue;
    }
    if (!isPlain(next.value)) return { word: 'why_not_plain' };
    for (const key of Object.getOwnPropertyNames(next.value)) {
      if (++seen > parts) return { word: 'why_parts' };
      if (unsafeKeys.has(key)) return { word: 'why_unsafe_key', with: { key } };
      look((next.value as Record<string, unknown>)[key], next.depth + 1);
    }
  }
  return null;
}

/** Made by an object literal or by `JSON.parse`, in whatever realm: no buffer, map, date or error. */
function isPlain(value: object): boolean {
  if (ArrayBuffer.isView(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || (typeof prototype === 'object' && Object.getPrototypeOf(prototype) === null);
}
