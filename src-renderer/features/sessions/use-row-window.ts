import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from 'react';
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

/**
 * Which rows of which group are drawn, as the list's scroller stands. The scroller is the nearest element around the list
 * with `data-scroller`; each group's `<ul>` carries `data-group`.
 */
export function useRowWindow(list: RefObject<HTMLDivElement | null>, groups: readonly SessionGroup[]) {
  const [ranges, setRanges] = useState<Ranges>({});
  const [rowPx, setRowPx] = useState(28);

  const measure = useCallback(() => {
    const root = list.current;
    const scroller = root?.closest<HTMLElement>('[data-scroller]');
    if (root == null || scroller == null) return;
    const row = rowHeightOf(root);
    const view = scroller.getBoundingClientRect();
    const next: Ranges = {};
    for (const group of groups) {
      const rows = root.querySelector(`[data-group="${group.name}"]`);
      if (rows === null) continue;
      next[group.name] = rowsInView(rows.getBoundingClientRect().top - view.top, view.height, row, group.total);
    }
    setRowPx(row);
    setRanges((before) => (isSame(before, next) ? before : next));
  }, [list, groups]);

  useLayoutEffect(measure, [measure]);
  useEffect(() => {
    const scroller = list.current?.closest<HTMLElement>('[data-scroller]');
    if (scroller == null) return;
    scroller.addEventListener('scroll', measure, { passive: true });
    const resized = new ResizeObserver(measure);
    resized.observe(scroller);
    return () => {
      scroller.removeEventListener('scroll', measure);
      resized.disconnect();
    };
  }, [list, measure]);

  /** Brings a row into the middle of what is seen; it is drawn with the next frame. */
  const reveal = useCallback(
    (name: SessionGroupName, index: number) => {
      const scroller = list.current?.closest<HTMLElement>('[data-scroller]');
      const rows = list.current?.querySelector(`[data-group="${name}"]`);
      if (scroller == null || rows == null) return;
      const top = rows.getBoundingClientRect().top - scroller.getBoundingClientRect().top + index * rowPx;
      scroller.scrollTop += top - scroller.clientHeight / 2;
      measure();
    },
    [list, rowPx, measure],
  );

  const rangeOf = (group: SessionGroup): RowRange => {
    const { from, to } = ranges[group.name] ?? FIRST;
    return { from: Math.min(from, group.total), to: Math.min(to, group.total) };
  };
  return { rangeOf, rowPx, reveal };
}

function isSame(a: Ranges, b: Ranges): boolean {
  const names = Object.keys(b) as SessionGroupName[];
  return (
    names.length === Object.keys(a).length &&
    names.every((name) => a[name]?.from === b[name]?.from && a[name]?.to === b[name]?.to)
  );
}
