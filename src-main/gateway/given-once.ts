import { Readable } from 'node:stream';

/** What is smaller is no burden while an answer takes its time, and leaves in one piece with its headers. */
const LARGE_BYTES = 128 * 1024;
/** A large body leaves in pieces of so much, each once the one before has left: an upstream that refuses it early is sent no more. */
const PIECE_BYTES = 1024 * 1024;

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
      left = bytes !== null && bytes.length > PIECE_BYTES ? bytes.subarray(PIECE_BYTES) : null;
      this.push(bytes?.subarray(0, PIECE_BYTES) ?? null);
    },
  });
}
