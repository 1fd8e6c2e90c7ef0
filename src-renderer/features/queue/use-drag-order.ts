import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { gapAt } from './drop-index.ts';
import { type Drag, heldDrag, placeOfDrop } from './held-drag.ts';

/** Nearer to the list's edge than this, a drag scrolls it. */
const EDGE_PX = 24;
const SCROLL_PX = 6;

function gapIn(list: HTMLElement, y: number): number {
  return gapAt(
    [...list.querySelectorAll('[data-queue-row]')].map((row) => row.getBoundingClientRect()),
    y,
  );
}

/**
 * Dragging the items of a list by their grips. Each item of the list carries `data-queue-row`. A drag ends without a drop
 * when its item leaves the list: with it goes the grip that would have heard the pointer.
 *
 * @param ids the items in the order in which they stand.
 * @param onDrop the item, and its new place counted from 0.
 * @returns what is dragged now, and the handlers of a grip.
 */
export function useDragOrder(
  list: RefObject<HTMLElement | null>,
  ids: readonly string[],
  onDrop: (id: string, to: number) => void,
): {
  drag: Drag | null;
  grip: (id: string) => {
    onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    onPointerUp: () => void;
    onPointerCancel: () => void;
  };
} {
  const [wanted, setDrag] = useState<Drag | null>(null);
  const pointerY = useRef(0);
  const drag = heldDrag(ids, wanted);
  if (wanted !== null && drag === null) setDrag(null);
  const dragging = drag !== null;

  const pointAt = (gap: number) => setDrag((now) => (now === null || now.gap === gap ? now : { ...now, gap }));

  useEffect(() => {
    if (!dragging) return;
    // Held still at an edge, the list goes on scrolling; and rows may move under a pointer that does not.
    let frame = requestAnimationFrame(function step() {
      const element = list.current;
      if (element !== null) {
        const box = element.getBoundingClientRect();
        const y = pointerY.current;
        const by = y < box.top + EDGE_PX ? -SCROLL_PX : y > box.bottom - EDGE_PX ? SCROLL_PX : 0;
        if (by !== 0) element.scrollTop += by;
        pointAt(gapIn(element, y));
      }
      frame = requestAnimationFrame(step);
    });
    const end = () => setDrag(null);
    const onEscape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      end();
    };
    // Before anybody else hears it: a first Escape ends the drag and stops no answer.
    window.addEventListener('keydown', onEscape, true);
    // A grip that is gone hears nothing; after one that heard it, nothing is left to end.
    window.addEventListener('pointerup', end);
    window.addEventListener('pointercancel', end);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener('keydown', onEscape, true);
      window.removeEventListener('pointerup', end);
      window.removeEventListener('pointercancel', end);
    };
  }, [dragging, list]);

  return {
    drag,
    grip: (id) => ({
      onPointerDown: (event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        pointerY.current = event.clientY;
        setDrag({ id, gap: ids.indexOf(id) });
      },
      onPointerMove: (event) => {
        if (!dragging) return;
        pointerY.current = event.clientY;
        if (list.current !== null) pointAt(gapIn(list.current, event.clientY));
      },
      onPointerUp: () => {
        if (drag === null) return;
        const to = placeOfDrop(ids, drag);
        setDrag(null);
        if (to !== null) onDrop(drag.id, to);
      },
      onPointerCancel: () => setDrag(null),
    }),
  };
}
