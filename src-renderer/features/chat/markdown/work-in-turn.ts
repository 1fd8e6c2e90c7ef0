/** How long such work may hold the page before it gives way to a frame or a key. */
const SLICE_MS = 5;

const waiting = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

function run(): void {
  timer = undefined;
  const endMs = performance.now() + SLICE_MS;
  for (const work of waiting) {
    if (performance.now() >= endMs) break;
    waiting.delete(work);
    work();
  }
  if (waiting.size > 0) timer ??= setTimeout(run);
}

/**
 * Does small pieces of work in their order, a few milliseconds at a time: dozens of formulas that come into sight at once
 * would otherwise hold up the frame that shows them.
 *
 * @param work must not throw. @returns takes the work back, if it was not done yet.
 */
export function workInTurn(work: () => void): () => void {
  waiting.add(work);
  timer ??= setTimeout(run);
  return () => waiting.delete(work);
}
