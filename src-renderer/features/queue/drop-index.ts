/** Where an item lies, from top to bottom. */
export interface Extent {
  top: number;
  bottom: number;
}

/**
 * The gap that a pointer points at: 0 above the first item, `items.length` below the last. The border is the middle of
 * each item, so that an item is passed when its half is.
 */
export function gapAt(items: readonly Extent[], y: number): number {
  const at = items.findIndex((item) => y < (item.top + item.bottom) / 2);
  return at < 0 ? items.length : at;
}

/** The place that an item gets when it is let go at a gap; null where it would stay. */
export function placeAfterDrop(from: number, gap: number): number | null {
  const to = gap > from ? gap - 1 : gap;
  return to === from ? null : to;
}

/** A list with one item at another place. */
export function moved<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const rest = items.filter((_, index) => index !== from);
  const item = items[from];
  return item === undefined ? [...items] : [...rest.slice(0, to), item, ...rest.slice(to)];
}
