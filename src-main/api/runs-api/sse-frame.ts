import { type Frame, frameId } from './run-frames.ts';

/** JSON has no line break of its own outside of strings, and escapes those within: one `data:` line is enough. */
export function encodeFrame(frame: Frame): Buffer {
  return Buffer.from(`event: ${frame.event}\ndata: ${JSON.stringify(frame.data)}\nid: ${frameId(frame)}\n\n`, 'utf8');
}

/** A frame that has no place in the stream, so that nobody comes back to it. */
export function encodeBare(event: string, data: unknown): Buffer {
  return Buffer.from(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`, 'utf8');
}

export const HEARTBEAT = Buffer.from(': heartbeat\n\n', 'utf8');

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
