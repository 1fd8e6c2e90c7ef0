const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Beyond it a piece is no part of an answer; pictures in one frame have some megabytes. */
export const MAX_FRAME_BYTES = 24 * 1024 * 1024;
/** CRLF CRLF. */
const LONGEST_END = 4;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Cuts an event stream into whole frames without changing a byte. What stands behind the last blank line waits for the rest
 * of its frame: nobody can use a part of one, and at a cut it is dropped, as the standard says, together with half of a
 * character. So whatever was passed on ends between two frames, where a ping or an error can be said.
 */
export class FrameCutter {
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** The last bytes of the rest: an end of a frame may begin in them. */
  #tail: Buffer = NOTHING;

  /** Bytes of a frame that is not complete. */
  get waitingBytes(): number {
    return this.#restBytes;
  }

  /**
   * What stands behind the last blank line when there is no more to come. It is no frame, unless the answer's end is in it:
   * some servers leave the last blank line out.
   */
  get rest(): Buffer {
    return Buffer.concat(this.#rest);
  }

  /** The whole frames that the next bytes complete, comments included; null while there are none. */
  push(chunk: Buffer): Buffer | null {
    const before = this.#tail.length;
    const seen = before === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    const end = lastFrameEnd(seen) - before;
    if (end <= 0) {
      this.#keep(chunk, seen);
      return null;
    }
    const whole = end === chunk.length ? chunk : chunk.subarray(0, end);
    const frames = this.#restBytes === 0 ? whole : Buffer.concat([...this.#rest, whole]);
    this.#rest = [];
    this.#restBytes = 0;
    this.#tail = NOTHING;
    if (end < chunk.length) {
      const rest = chunk.subarray(end);
      this.#keep(rest, rest);
    }
    return frames;
  }

  #keep(bytes: Buffer, seen: Buffer): void {
    if (bytes.length === 0) return;
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
    this.#tail = seen.subarray(Math.max(0, seen.length - LONGEST_END + 1));
  }
}

/** The place behind the last blank line; 0 where there is none. */
function lastFrameEnd(bytes: Buffer): number {
  for (let at = bytes.length; at > 1; at--) {
    const last = bytes[at - 1];
    if (last === LINE_FEED) {
      const before = bytes[at - 2];
      if (before === LINE_FEED) return at;
      if (before === CARRIAGE_RETURN && bytes[at - 3] === LINE_FEED) return at;
    } else if (last === CARRIAGE_RETURN && bytes[at - 2] === CARRIAGE_RETURN) return at;
  }
  return 0;
}
