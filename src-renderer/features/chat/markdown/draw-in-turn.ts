/** How long parts may be drawn after a frame; the browser then takes twice as long to lay them out and paint them. */
const SLICE_MS = 3;
/** A frame that held the page longer than this is followed by one in which nothing is drawn, unless it would be in sight. */
const LATE_MS = 12;
/** So many frames in a row at most: on a slow machine every frame is late. */
const MOST_RESTS = 2;
/** What is farther away needs no order. */
const FAR_PX = 1000;

/** A part that is to be drawn, and where it will stand. */
interface Part {
  place: Element;
  draw: () => void;
}

const waiting = new Set<Part>();
let isAsked = false;
let isDrawing = false;
let rests = 0;
let drawnMs = Number.NEGATIVE_INFINITY;

function askForFrame(): void {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    const startMs = performance.now();
    // After the frame: what it took is known then, and what is drawn now has until the next one.
    setTimeout(() => afterFrame(performance.now() - startMs));
  });
}

function afterFrame(tookMs: number): void {
  isAsked = false;
  // All of them are looked at before the first is drawn: the page would be laid out for each look otherwise.
  const parts = [...waiting].map((part) => ({ part, awayPx: awayFromWindow(part.place) }));
  parts.sort((a, b) => a.awayPx - b.awayPx);
  const isInSight = parts[0]?.awayPx === 0;
  if (tookMs > LATE_MS && rests < MOST_RESTS && !isInSight) rests++;
  else {
    rests = 0;
    draw(parts.map(({ part }) => part));
  }
  if (waiting.size > 0) askForFrame();
}

/** How far above or below the window something stands, in px; 0 within it. */
function awayFromWindow(place: Element): number {
  // What is around it first: where that is far away the browser has not laid out what is within, and would have to.
  const around = place.parentElement === null ? 0 : awayOf(place.parentElement);
  return around > FAR_PX ? around : awayOf(place);
}

function awayOf(element: Element): number {
  const { top, bottom } = element.getBoundingClientRect();
  return Math.max(0, -bottom, top - innerHeight);
}

function draw(parts: readonly Part[]): void {
  const endMs = performance.now() + SLICE_MS;
  isDrawing = true;
  try {
    for (const part of parts) {
      // Another one may have taken it back.
      if (!waiting.delete(part)) continue;
      part.draw();
      drawnMs = performance.now();
      if (drawnMs >= endMs) return;
    }
  } finally {
    isDrawing = false;
  }
}

/**
 * Draws parts of long answers, the nearest to the window first, for a few milliseconds after each frame: so that no frame has
 * more than a part or two to lay out and paint.
 *
 * @param place where the part will stand. @param work must not throw. @returns takes the work back, if it was not done yet.
 */
export function drawInTurn(place: Element, work: () => void): () => void {
  const part = { place, draw: work };
  waiting.add(part);
  askForFrame();
  return () => waiting.delete(part);
}

/** Whether such a part is being drawn now: what belongs to it is best done at once, so that it is laid out once. */
export function isDrawingInTurn(): boolean {
  return isDrawing;
}

/** When the last of them was drawn, by the clock of `performance`. */
export function lastDrawnMs(): number {
  return drawnMs;
}
