import { type RefObject, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { watchNear } from './use-near.ts';
import { workInTurn } from './work-in-turn.ts';

/**
 * A part that is drawn once it comes near the window, in its turn among others, and stays drawn then.
 *
 * @param lazy false draws it at once.
 * @returns where it stands, to be given to the element that is there in both cases, and whether it still waits.
 */
export function useDrawnNear(lazy: boolean): { place: RefObject<HTMLDivElement | null>; isWaiting: boolean } {
  const place = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState(!lazy);
  const isWaiting = lazy && !drawn;
  if (!lazy && !drawn) setDrawn(true);
  useEffect(() => {
    const element = place.current;
    if (element === null || !isWaiting) return;
    let takeBack: (() => void) | undefined;
    const off = watchNear(element, () => {
      takeBack = workInTurn(() => flushSync(() => setDrawn(true)));
    });
    return () => {
      off();
      takeBack?.();
    };
  }, [isWaiting]);
  return { place, isWaiting };
}
