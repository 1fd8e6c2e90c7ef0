import { placeAfterDrop } from './drop-index.ts';

/** What is being dragged, by its id: places change under a drag whenever the queue moves on. */
export interface Drag {
  id: string;
  /** The gap that the pointer points at, counted as `gapAt` counts. */
  gap: number;
}

/** The drag while the list still holds what is dragged; null once that has left. */
export function heldDrag(ids: readonly string[], drag: Drag | null): Drag | null {
  return drag !== null && ids.includes(drag.id) ? drag : null;
}

/** The place that the dragged item gets when it is let go now; null where it would stay, or has left. */
export function placeOfDrop(ids: readonly string[], { id, gap }: Drag): number | null {
  const from = ids.indexOf(id);
  // The list may have become shorter since the pointer moved last.
  return from < 0 ? null : placeAfterDrop(from, Math.min(gap, ids.length));
}

/** Where an item shows the line of the drop: above itself, below itself, or not at all. */
export function lineOfDrop(ids: readonly string[], drag: Drag | null, index: number): 'above' | 'below' | null {
  if (drag === null || placeOfDrop(ids, drag) === null) return null;
  const gap = Math.min(drag.gap, ids.length);
  if (gap === index) return 'above';
  return gap === ids.length && index === ids.length - 1 ? 'below' : null;
}
