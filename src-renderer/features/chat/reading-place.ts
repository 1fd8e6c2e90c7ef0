/** What stands at the top of a list, and how much of it is above. */
export interface ReadingPlace {
  element: Element;
  /** The part of its height that is above the line where it was looked for: 0 at its upper edge, 1 at its lower one. */
  part: number;
  /** That line, in px below the list's upper edge. */
  linePx: number;
}

/** Where it is looked for, in px below the list's upper edge: one of these is within a line of text, whatever lies between them. */
const LINES_PX = [12, 36, 60, 84];

/** How far a list has to be scrolled, in px, so that the same part of something is at the same line again. */
export function wayBack(box: { topPx: number; heightPx: number }, place: { part: number; linePx: number }): number {
  return box.topPx + box.heightPx * place.part - place.linePx;
}

/** What the reader has at the top of the list; null where there is nothing to be found again. It costs one look at the layout. */
export function readPlace(list: HTMLElement): ReadingPlace | null {
  const box = list.getBoundingClientRect();
  for (const linePx of LINES_PX) {
    const element = document.elementFromPoint(box.left + box.width / 2, box.top + linePx);
    // What holds a whole turn is too large to be a place, and what lies over the list is none.
    if (element === null || !list.contains(element) || element.closest('[data-turn]') === null) continue;
    if (element.matches('[data-turn], article')) continue;
    const { top, height } = element.getBoundingClientRect();
    if (height > 0) return { element, part: (box.top + linePx - top) / height, linePx };
  }
  return null;
}

/** Puts a place back where it was read. Nothing happens where it is gone. */
export function returnTo(list: HTMLElement, place: ReadingPlace): void {
  if (!list.contains(place.element)) return;
  const { top, height } = place.element.getBoundingClientRect();
  const px = wayBack({ topPx: top - list.getBoundingClientRect().top, heightPx: height }, place);
  if (Math.abs(px) >= 1) list.scrollTop += px;
}
