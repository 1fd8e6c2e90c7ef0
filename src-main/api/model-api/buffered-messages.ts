import { isObject, type JsonObject, parseJson } from '../../gateway/json.ts';
import { SseParser } from '../../gateway/sse-parser.ts';

/** D.8 of the specification: the variant for programs that show the context from `message_start` alone. */
export const BUFFERED_PING_MS = 25_000;
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/**
 * Holds a messages stream until its figures are known, then gives it out with the right input in `message_start`. One that
 * grows beyond 64 MiB goes out as it is from there on.
 *
 * @throws as the frames do; what came before is given out first.
 */
export async function* bufferedMessages(
  frames: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  const held: Buffer[] = [];
  let size = 0;
  let isOpen = true;
  try {
    for (;;) {
      const next = await frames.next();
      if (next.done === true) break;
      held.push(next.value);
      size += next.value.length;
      if (size <= MAX_HELD_BYTES) continue;
      yield Buffer.concat(held.splice(0));
      size = 0;
    }
    isOpen = false;
  } catch (thrown) {
    isOpen = false;
    if (held.length > 0) yield Buffer.concat(held);
    throw thrown;
  } finally {
    if (isOpen) await frames.return();
  }
  if (held.length > 0) yield withFigures(Buffer.concat(held));
}

/** The stream with the last figures of its input put into its first event; as it is where nothing differs. */
function withFigures(stream: Buffer): Buffer {
  const { frames } = new SseParser(MAX_HELD_BYTES).push(stream);
  const last: JsonObject = {};
  let start: JsonObject | null = null;
  for (const { data } of frames) {
    if (!data.includes('"message_start"') && !data.includes('"message_delta"')) continue;
    const event = parseJson(data);
    if (!isObject(event)) continue;
    if (event['type'] === 'message_start' && start === null) start = event;
    const usage = event['type'] === 'message_delta' && isObject(event['usage']) ? event['usage'] : {};
    for (const [name, value] of Object.entries(usage)) {
      if ((name.endsWith('input_tokens') || name === 'cache_creation') && value !== null) last[name] = value;
    }
  }
  const message = start !== null && isObject(start['message']) ? start['message'] : null;
  if (start === null || message === null) return stream;
  const usage = isObject(message['usage']) ? message['usage'] : {};
  if (Object.entries(last).every(([name, value]) => JSON.stringify(usage[name]) === JSON.stringify(value)))
    return stream;
  const frame = `event: message_start\ndata: ${JSON.stringify({ ...start, message: { ...message, usage: { ...usage, ...last } } })}\n\n`;
  const at = stream.indexOf('"message_start"');
  const from = Math.max(stream.lastIndexOf('\n\n', at) + 2, stream.lastIndexOf('\r\n\r\n', at) + 4);
  const begin = stream.lastIndexOf('\n\n', at) < 0 && stream.lastIndexOf('\r\n\r\n', at) < 0 ? 0 : from;
  const ends = ['\n\n', '\r\n\r\n'].flatMap((end) => {
    const place = stream.indexOf(end, at);
    return place < 0 ? [] : [place + end.length];
  });
  const until = Math.min(...ends, stream.length);
  return Buffer.concat([stream.subarray(0, begin), Buffer.from(frame), stream.subarray(until)]);
}
