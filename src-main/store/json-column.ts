/** Text for a JSON column; null stays null, so that SQL sees an absent value. */
export function toJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** The value of a JSON column. The schema's checks keep what is not JSON out, so a failure here is a damaged file. */
export function fromJson<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}
