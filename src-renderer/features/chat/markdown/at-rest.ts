import { lastDrawnMs } from './draw-in-turn.ts';

/** So long after the last part was drawn, nobody scrolls on. */
const REST_MS = 300;
const SLICE_MS = 4;
const PAUSE_MS = 20;

const waiting = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

function look(): void {
  timer = undefined;
  const restMs = performance.now() - lastDrawnMs();
  if (restMs < REST_MS) {
    timer = setTimeout(look, REST_MS - restMs);
    return;
  }
  const endMs = performance.now() + SLICE_MS;
  for (const work of waiting) {
    if (performance.now() >= endMs) break;
    waiting.delete(work);
    work();
  }
  if (waiting.size > 0) timer ??= setTimeout(look, PAUSE_MS);
}

/**
 * Does what nobody sees once no more parts of long answers are drawn, a few milliseconds at a time.
 *
 * @param work must not throw. @returns takes the work back, if it was not done yet.
 */
export function workAtRest(work: () => void): () => void {
  waiting.add(work);
  timer ??= setTimeout(look, REST_MS);
  return () => waiting.delete(work);
}
