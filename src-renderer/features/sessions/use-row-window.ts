import { type RefObject, useEffect, useState } from 'react';
import type { SessionGroup, SessionGroupName } from './group-sessions.ts';
import { type RowRange, rowsInView } from './row-window.ts';

type Ranges = Partial<Record<SessionGroupName, RowRange>>;

/** Drawn before anything was measured: more than a window holds. */
const FIRST: RowRange = { from: 0, to: 60 };

/** The height of a row of the list, in CSS pixels: 28 at the normal text size, 44 where fingers are the pointer. */
function rowHeightOf(list: HTMLElement): number {
  const drawn = list.querySelector('[data-session-id]')?.getBoundingClientRect().height ?? 0;
  return drawn > 0 ? drawn : 1.75 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

function scrollerOf(root: HTMLElement | null): HTMLElement | null {
  return root?.closest<HTMLElement>('[data-scroller]') ?? null;
}

/** Brings a row into the middle of what is seen; it is drawn with the next frame. */
export function revealRow(root: HTMLElement | null, name: SessionGroupName, index: number): void {
  const scroller = scrollerOf(root);
  const rows = root?.querySelector(`[data-group="${name}"]`);
  if (root === null || scroller === null || rows == null) return;
  const top = rows.getBoundingClientRect().top - scroller.getBoundingClientRect().top + index * rowHeightOf(root);
  scroller.scrollTop += top - scroller.clientHeight / 2;
}

/** What is seen now, by group. */
function measure(root: HTMLElement, scroller: HTMLElement, groups: readonly SessionGroup[], rowPx: number): Ranges {
  const view = scroller.getBoundingClientRect();
  const ranges: Ranges = {};
  for (const group of groups) {
    const rows = root.querySelector(`[data-group="${group.name}"]`);
    if (rows === null) continue;
    ranges[group.name] = rowsInView(rows.getBoundingClientRect().top - view.top, view.height, rowPx, group.total);
  }
  return ranges;
}

/**
 * Which rows of which group are drawn, as the list's scroller stands. The scroller is the nearest element around the list
 * with `data-scroller`; each group's `<ul>` carries `data-group`.
 */
export function useRowWindow(list: RefObject<HTMLDivElement | null>, groups: readonly SessionGroup[]) {
  const [{ ranges, rowPx }, setSeen] = useState<{ ranges: Ranges; rowPx: number }>({ ranges: {}, rowPx: 28 });

  useEffect(() => {
    const root = list.current;
    const scroller = scrollerOf(root);
    if (root === null || scroller === null) return;
    const look = () => {
      const row = rowHeightOf(root);
      const next = measure(root, scroller, groups, row);
      setSeen((before) =>
        before.rowPx === row && isSame(before.ranges, next) ? before : { ranges: next, rowPx: row },
      );
    };
    scroller.addEventListener('scroll', look, { passive: true });
    // It also tells once when it begins, before anything is painted; and when the text size changes the list's height.
    const resized = new ResizeObserver(look);
    resized.observe(scroller);
    resized.observe(root);
    return () => {
      scroller.removeEventListener('scroll', look);
      resized.disconnect();
    };
  }, [list, groups]);

  const rangeOf = (group: SessionGroup): RowRange => {
    const { from, to } = ranges[group.name] ?? FIRST;
    return { from: Math.min(from, group.total), to: Math.min(to, group.total) };
  };
  return { rangeOf, rowPx };
}

function isSame(a: Ranges, b: Ranges): boolean {
  const names = Object.keys(b) as SessionGroupName[];
  return (
    names.length === Object.keys(a).length &&
    names.every((name) => a[name]?.from === b[name]?.from && a[name]?.to === b[name]?.to)
  );
}
