import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { gapAt, placeAfterDrop } from './drop-index.ts';

/** Nearer to the list's edge than this, a drag scrolls it. */
const EDGE_PX = 24;
const SCROLL_PX = 6;

interface Drag {
  from: number;
  gap: number;
}

/**
 * Dragging the items of a list by their grips. Each item of the list carries `data-queue-row`.
 *
 * @param onDrop the item's place before and after, both counted from 0.
 * @returns what is dragged now, and the handlers of a grip.
 */
export function useDragOrder(
  list: RefObject<HTMLElement | null>,
  onDrop: (from: number, to: number) => void,
): {
  drag: Drag | null;
  grip: (index: number) => {
    onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    onPointerUp: () => void;
    onPointerCancel: () => void;
  };
} {
  const [drag, setDrag] = useState<Drag | null>(null);
  const pointerY = useRef(0);
  const dragging = drag !== null;

  const point = (y: number) => {
    const element = list.current;
    if (element === null) return;
    pointerY.current = y;
    const rows = [...element.querySelectorAll('[data-queue-row]')].map((row) => row.getBoundingClientRect());
    const gap = gapAt(rows, y);
    setDrag((now) => (now === null || now.gap === gap ? now : { ...now, gap }));
  };

  useEffect(() => {
    if (!dragging) return;
    // Held still at an edge, the list goes on scrolling.
    let frame = requestAnimationFrame(function step() {
      const element = list.current;
      if (element !== null) {
        const box = element.getBoundingClientRect();
        const y = pointerY.current;
        const by = y < box.top + EDGE_PX ? -SCROLL_PX : y > box.bottom - EDGE_PX ? SCROLL_PX : 0;
        const before = element.scrollTop;
        if (by !== 0) element.scrollTop += by;
        if (element.scrollTop !== before) {
          const rows = [...element.querySelectorAll('[data-queue-row]')].map((row) => row.getBoundingClientRect());
          const gap = gapAt(rows, y);
          setDrag((now) => (now === null || now.gap === gap ? now : { ...now, gap }));
        }
      }
      frame = requestAnimationFrame(step);
    });
    const onEscape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      setDrag(null);
    };
    // Before anybody else hears it: a first Escape ends the drag and stops no answer.
    window.addEventListener('keydown', onEscape, true);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener('keydown', onEscape, true);
    };
  }, [dragging, list]);

  return {
    drag,
    grip: (index) => ({
      onPointerDown: (event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        pointerY.current = event.clientY;
        setDrag({ from: index, gap: index });
      },
      onPointerMove: (event) => {
        if (dragging) point(event.clientY);
      },
      onPointerUp: () => {
        if (drag === null) return;
        const to = placeAfterDrop(drag.from, drag.gap);
        setDrag(null);
        if (to !== null) onDrop(drag.from, to);
      },
      onPointerCancel: () => setDrag(null),
    }),
  };
}
