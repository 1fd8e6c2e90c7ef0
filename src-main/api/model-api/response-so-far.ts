import { isObject, type JsonObject, parseJson } from '../../gateway/json.ts';
import { MAX_FRAME_BYTES } from '../../gateway/relay/frame-cutter.ts';
import { SseParser } from '../../gateway/sse-parser.ts';

const NUMBER = '"sequence_number"';
const CREATED = '"response.created"';

/**
 * What a responses stream has said on its way, so that an error of ours goes on where the upstream's events ended: with the
 * next number, and for the response that they began. The bytes are kept as they are and read only when somebody asks: most
 * streams end well.
 */
export class ResponseSoFar {
  #begin: Buffer | null = null;
  #last: Buffer | null = null;

  /** @param bytes whole frames, not to be changed afterwards. */
  passed(bytes: Buffer): void {
    if (this.#begin === null && bytes.includes(CREATED)) this.#begin = bytes;
    if (bytes.includes(NUMBER)) this.#last = bytes;
  }

  /** The number of the next event; 0 where none was counted. */
  nextSequence(): number {
    for (const event of eventsIn(this.#last).toReversed()) {
      const number = event['sequence_number'];
      if (typeof number === 'number') return number + 1;
    }
    return 0;
  }

  /** The response as it was begun; null where it has not begun. */
  response(): JsonObject | null {
    const created = eventsIn(this.#begin).find((event) => event['type'] === 'response.created');
    const response = created?.['response'];
    return isObject(response) ? response : null;
  }
}

function eventsIn(bytes: Buffer | null): JsonObject[] {
  const { frames } = new SseParser(MAX_FRAME_BYTES).push(bytes ?? Buffer.alloc(0));
  return frames.map(({ data }) => parseJson(data)).filter(isObject);
}
