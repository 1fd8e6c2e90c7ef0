import { isObject, parseJson } from '../../gateway/json.ts';
import { MAX_FRAME_BYTES } from '../../gateway/relay/frame-cutter.ts';
import { SseParser } from '../../gateway/sse-parser.ts';

const NUMBER = '"sequence_number"';

/**
 * The numbers of a responses stream on its way, so that an error of ours goes on counting where the upstream's events ended.
 * The last counted bytes are kept as they are and read only when somebody asks: most streams end well.
 */
export class EventNumbers {
  #last: Buffer | null = null;

  /** @param bytes whole frames, not to be changed afterwards. */
  passed(bytes: Buffer): void {
    if (bytes.includes(NUMBER)) this.#last = bytes;
  }

  /** The number of the next event; 0 where none was counted. */
  next(): number {
    const { frames } = new SseParser(MAX_FRAME_BYTES).push(this.#last ?? Buffer.alloc(0));
    for (const { data } of frames.toReversed()) {
      const event = parseJson(data);
      const number = isObject(event) ? event['sequence_number'] : null;
      if (typeof number === 'number') return number + 1;
    }
    return 0;
  }
}
