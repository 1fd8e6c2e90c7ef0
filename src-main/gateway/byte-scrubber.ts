import type { SecretMatcher } from '../platform/secret-matcher.ts';

/**
 * Takes a key out of bytes that are passed on as they are. It looks at whole pieces: frames of a stream, or a whole body.
 * A key that an upstream spells over several frames of its text is not found here; one within a frame is, in any encoding.
 */
export class ByteScrubber {
  readonly #matcher: SecretMatcher;

  constructor(matcher: SecretMatcher) {
    this.#matcher = matcher;
  }

  /** @returns the same bytes where there was nothing to take out, which is nearly always. */
  scrub(bytes: Buffer): Buffer {
    // One character a byte, so that nothing is lost on the way there and back; keys are ASCII.
    const text = bytes.toString('latin1');
    const clean = this.#matcher.scrub(text);
    return clean === text ? bytes : Buffer.from(clean, 'latin1');
  }
}
