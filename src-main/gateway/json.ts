/** An object as it came from outside: anything may stand in its fields. */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field that is a text, else null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** A list, empty where there is none. */
export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** JSON text as a value; null for text that is none. A JSON `null` is null as well: nobody here expects one. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Upstream text is not ours to trust; the caller decides what text without JSON means.
    return null;
  }
}
