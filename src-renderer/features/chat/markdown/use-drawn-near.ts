import { type RefObject, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { drawInTurn } from './draw-in-turn.ts';
import { watchNear } from './use-near.ts';

/** Where a part stands, to be given to the element that is there before and after it is drawn, and whether it still waits. */
interface DrawnPart {
  place: RefObject<HTMLDivElement | null>;
  isWaiting: boolean;
}

/** @param begin is called while the part waits; @returns what ends it. */
function useDrawn(lazy: boolean, begin: (element: Element, draw: () => void) => () => void): DrawnPart {
  const place = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState(!lazy);
  const isWaiting = lazy && !drawn;
  if (!lazy && !drawn) setDrawn(true);
  const first = useRef(begin);
  useEffect(() => {
    const element = place.current;
    if (element === null || !isWaiting) return;
    return first.current(element, () => flushSync(() => setDrawn(true)));
  }, [isWaiting]);
  return { place, isWaiting };
}

/** A part that is drawn in its turn among others, and stays drawn then. @param lazy false draws it at once. */
export function useDrawnInTurn(lazy: boolean): DrawnPart {
  return useDrawn(lazy, drawInTurn);
}

/**
 * The same for a part that waits until it is near the window.
 *
 * @param marginPx how near that is; it does not change.
 */
export function useDrawnNear(lazy: boolean, marginPx?: number): DrawnPart {
  return useDrawn(lazy, (element, draw) => {
    let takeBack: (() => void) | undefined;
    const off = watchNear(
      element,
      (isNear) => {
        takeBack?.();
        takeBack = isNear ? drawInTurn(element, draw) : undefined;
      },
      marginPx,
    );
    return () => {
      off();
      takeBack?.();
    };
  });
}
