import type { Frame } from './run-frames.ts';
import { encodeFrame, type StreamBytes } from './sse-frame.ts';

/** C.6 of the protocol. */
const MOST_FRAMES = 256;
const MOST_BYTES = 4 * 1024 * 1024;

export interface EncodedFrame {
  place: number;
  bytes: StreamBytes;
}

/**
 * The newest frames of one run in one choice of modes, encoded once for all its readers. Bounded: a reader that is further
 * behind reads the log instead. The end is a flag and cannot fall out.
 */
export class StreamLane {
  #frames: EncodedFrame[] = [];
  #bytes = 0;
  /** Every frame beyond this place is held here. */
  #since: number;
  #isEnded = false;
  readonly readers = new Set<() => void>();

  /** @param since the place up to which frames are not held: those were before this lane. */
  constructor(since: number) {
    this.#since = since;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get size(): { frames: number; bytes: number } {
    return { frames: this.#frames.length, bytes: this.#bytes };
  }

  /** @throws after the end: a frame that nobody would read is a mistake of the writer. */
  publish(frames: readonly Frame[]): void {
    if (frames.length === 0) return;
    if (this.#isEnded) throw new Error('A frame was published after the end of its stream');
    for (const frame of frames) {
      const bytes = encodeFrame(frame);
      this.#frames.push({ place: frame.place, bytes });
      this.#bytes += bytes.chunk.length;
      this.#isEnded ||= frame.event === 'end';
    }
    while (this.#frames.length > MOST_FRAMES || (this.#bytes > MOST_BYTES && this.#frames.length > 1)) {
      const gone = this.#frames.shift();
      this.#bytes -= gone?.bytes.chunk.length ?? 0;
      this.#since = gone?.place ?? this.#since;
    }
    for (const wake of this.readers) wake();
  }

  /** The frames after a place; null where some of them are no longer held. */
  after(place: number): EncodedFrame[] | null {
    if (place < this.#since) return null;
    // A reader that keeps up wants the last one or two: looked for from the end.
    let from = this.#frames.length;
    while (from > 0 && (this.#frames[from - 1]?.place ?? 0) > place) from--;
    return this.#frames.slice(from);
  }
}
