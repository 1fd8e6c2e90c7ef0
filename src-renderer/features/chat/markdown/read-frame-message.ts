/** What a diagram's frame may say. */
export type FrameMessage =
  | { kind: 'ready' }
  | { kind: 'drawn'; height: number }
  /** `message`: the drawing program's words, for a person who knows its language. */
  | { kind: 'failed'; message: string };

/** No diagram is taller than this; it scrolls within its frame. */
const MOST_HEIGHT_PX = 900;
const LEAST_HEIGHT_PX = 24;
const MOST_WORDS = 400;

/** Reads what came from a frame, which may be anything. Null for what a frame of ours does not say. */
export function readFrameMessage(data: unknown): FrameMessage | null {
  if (typeof data !== 'object' || data === null || !('kind' in data)) return null;
  if (data.kind === 'ready') return { kind: 'ready' };
  if (data.kind === 'drawn' && 'height' in data && typeof data.height === 'number' && Number.isFinite(data.height)) {
    return { kind: 'drawn', height: Math.min(MOST_HEIGHT_PX, Math.max(LEAST_HEIGHT_PX, Math.round(data.height))) };
  }
  if (data.kind === 'failed' && 'message' in data && typeof data.message === 'string') {
    return { kind: 'failed', message: data.message.slice(0, MOST_WORDS) };
  }
  return null;
}
