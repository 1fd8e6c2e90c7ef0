import { ESCAPE_HEAD, type SecretMatcher } from '../platform/secret-matcher.ts';

/** Pieces of this length are looked up. */
const PIECE_BYTES = 4;
/** A table of bits for them: some hundreds of pieces in a million places are met by chance once in thousands of looks. */
const TABLE_BITS = 20;

/**
 * Takes a key out of bytes that are passed on as they are. It looks at whole pieces: frames of a stream, or a whole body.
 * A key that an upstream spells over several frames of its text is not found here; one within a frame is, in any encoding.
 *
 * A part of a key that counts is so long that it covers a piece at every ninth place or so: looking there is enough to
 * know that there is none, which is nearly always so.
 */
export class ByteScrubber {
  readonly #matcher: SecretMatcher;
  readonly #table = new Uint8Array(2 ** (TABLE_BITS - 3));
  readonly #stride: number;

  constructor(matcher: SecretMatcher) {
    this.#matcher = matcher;
    const { forms, minChars } = matcher.sought;
    this.#stride = Math.max(1, minChars - PIECE_BYTES + 1);
    for (const form of forms) {
      const bytes = Buffer.from(form, 'latin1');
      for (let at = 0; at + PIECE_BYTES <= bytes.length; at++) {
        const place = placeOf(bytes, at);
        this.#table[place >>> 3] = (this.#table[place >>> 3] ?? 0) | (1 << (place & 7));
      }
    }
  }

  /** @returns the same bytes where there was nothing to take out, which is nearly always. */
  scrub(bytes: Buffer): Buffer {
    if (!this.#mayHold(bytes) && !bytes.includes(ESCAPE_HEAD)) return bytes;
    // One character a byte, so that nothing is lost on the way there and back; keys are ASCII.
    const text = bytes.toString('latin1');
    const clean = this.#matcher.scrub(text);
    return clean === text ? bytes : Buffer.from(clean, 'latin1');
  }

  #mayHold(bytes: Buffer): boolean {
    const table = this.#table;
    for (let at = 0; at + PIECE_BYTES <= bytes.length; at += this.#stride) {
      const place = placeOf(bytes, at);
      if (((table[place >>> 3] ?? 0) & (1 << (place & 7))) !== 0) return true;
    }
    return false;
  }
}

/** Where a piece stands in the table. */
function placeOf(bytes: Buffer, at: number): number {
  const word =
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  return Math.imul(word, 0x9e3779b1) >>> (32 - TABLE_BITS);
}
