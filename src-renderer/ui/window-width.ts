import { useSyncExternalStore } from 'react';

/**
 * The widths below which the layout changes, in px at text of its usual size. Larger text needs more room, so with it they
 * are wider; a media query would not know.
 */
export const WIDTHS_PX = { full: 1080, wide: 840, word: 560 } as const;

export type WidthName = keyof typeof WIDTHS_PX;

/** The widths that a window stays below. @param textPercent the size of the text, 100 as it comes. */
export function widthsAbove(widthPx: number, textPercent: number): WidthName[] {
  const names = Object.keys(WIDTHS_PX) as WidthName[];
  return names.filter((name) => widthPx < (WIDTHS_PX[name] * textPercent) / 100);
}

let textPercent = 100;
const listeners = new Set<() => void>();

/** What the stylesheet's `max-full`, `max-wide` and `max-word` read. Written where it changes only: all is styled anew then. */
function write(): void {
  const { dataset } = document.documentElement;
  const below = widthsAbove(window.innerWidth, textPercent).join(' ');
  if (dataset['below'] === below) return;
  dataset['below'] = below;
  for (const each of listeners) each();
}

/** Keeps the document told of how wide the window is, from before its first drawing. */
export function watchWidth(): void {
  write();
  window.addEventListener('resize', write);
}

/** Takes over the size of the text, in percent. */
export function measureByText(percent: number): void {
  textPercent = percent;
  write();
}

/** Whether the window is narrower than this width. */
export function useIsBelow(name: WidthName): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => (document.documentElement.dataset['below'] ?? '').split(' ').includes(name),
  );
}
