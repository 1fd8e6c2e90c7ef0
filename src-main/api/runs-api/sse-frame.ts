import { type Frame, frameId } from './run-frames.ts';

/**
 * Bytes of a stream, framed once for all its readers: `chunk` is `body` as one chunk of a chunked body (RFC 9112, 7.1).
 * Writing it as it is saves Node from framing the same bytes for each reader again.
 */
export interface StreamBytes {
  body: Buffer;
  chunk: Buffer;
}

export function toStreamBytes(text: string): StreamBytes {
  const length = Buffer.byteLength(text, 'utf8');
  const head = `${length.toString(16)}\r\n`;
  const chunk = Buffer.from(`${head}${text}\r\n`, 'utf8');
  return { body: chunk.subarray(head.length, head.length + length), chunk };
}

/** JSON has no line break of its own outside of strings, and escapes those within: one `data:` line is enough. */
export function encodeFrame(frame: Frame): StreamBytes {
  return toStreamBytes(`event: ${frame.event}\ndata: ${JSON.stringify(frame.data)}\nid: ${frameId(frame)}\n\n`);
}

/** A frame that has no place in the stream, so that nobody comes back to it. */
export function encodeBare(event: string, data: unknown): StreamBytes {
  return toStreamBytes(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

export const HEARTBEAT = toStreamBytes(': heartbeat\n\n');

/**
 * Where a reader left off, from its `Last-Event-ID`.
 *
 * @returns `start` for none and for `-1`, `unreadable` for what is no id of ours.
 */
export function readEventId(text: string | undefined): { ms: number; place: number } | 'start' | 'unreadable' {
  if (text === undefined || text === '' || text === '-1') return 'start';
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text);
  if (match === null) return 'unreadable';
  return { ms: Number(match[1]), place: Number(match[2]) };
}
