import { Readable } from 'node:stream';

/** What is smaller is no burden while an answer takes its time, and leaves in one piece with its headers. */
const LARGE_BYTES = 128 * 1024;

export function isLarge(body: string | Uint8Array | null): body is Uint8Array {
  return body !== null && typeof body !== 'string' && body.length > LARGE_BYTES;
}

/**
 * A large body as undici takes it without holding it until the answer has ended, which may be minutes: the bytes are handed over
 * once and forgotten. Their number has to stand in the headers. Anything else is given as it is.
 */
export function givenOnce(body: string | Uint8Array | null): string | Uint8Array | Readable | null {
  if (!isLarge(body)) return body;
  let left: Uint8Array | null = body;
  return new Readable({
    read() {
      const bytes = left;
      left = null;
      this.push(bytes);
    },
  });
}
