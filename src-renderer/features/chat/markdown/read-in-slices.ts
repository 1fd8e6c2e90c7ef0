import { useEffect, useMemo, useState } from 'react';
import { MarkdownStream, type MarkdownView } from './markdown-stream.ts';

/** A text up to this length is read at once; a longer one that is over is read in slices of this length, one a frame. */
const SLICE_CHARS = 32_768;
/** How many long texts stay read, for those who scroll away and come back. */
const MOST_KEPT = 4;

const kept = new Map<string, MarkdownStream>();

function keep(text: string, stream: MarkdownStream): void {
  kept.delete(text);
  kept.set(text, stream);
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT) return;
    kept.delete(oldest);
  }
}

/**
 * An answer's blocks. One that is being written is read as it comes. A long one of the past is read over some frames, so
 * that no frame waits for all of it; `restChars` of it are still to be read.
 */
export function useReadInSlices(text: string, live: boolean): MarkdownView & { restChars: number } {
  const [stream] = useState(() => (live ? undefined : kept.get(text)) ?? new MarkdownStream());
  const [upTo, setUpTo] = useState(() =>
    live || text.length <= SLICE_CHARS || kept.has(text) ? Number.POSITIVE_INFINITY : SLICE_CHARS,
  );
  const isWhole = upTo >= text.length;
  const view = useMemo(
    () => (isWhole ? stream.read(text, live) : stream.read(text.slice(0, upTo), true)),
    [stream, text, live, isWhole, upTo],
  );
  useEffect(() => {
    if (isWhole) {
      if (!live && text.length > SLICE_CHARS) keep(text, stream);
      return;
    }
    const frame = requestAnimationFrame(() => setUpTo(upTo + SLICE_CHARS));
    return () => cancelAnimationFrame(frame);
  }, [isWhole, live, text, stream, upTo]);
  return { ...view, restChars: isWhole ? 0 : text.length - upTo };
}
