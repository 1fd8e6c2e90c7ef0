/** Every server begins a response, and the event that begins its stream, with these. */
const WITHIN_BYTES = 1024;
const ID = /"id"\s*:\s*"(resp_[\w.-]{1,200})"/;

/** The id of a response by the beginning of its bytes, or of its stream's; null where none stands there. */
export function responseIdIn(bytes: Buffer): string | null {
  return ID.exec(bytes.toString('latin1', 0, WITHIN_BYTES))?.[1] ?? null;
}
