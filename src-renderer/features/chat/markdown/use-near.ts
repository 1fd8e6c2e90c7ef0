import { type RefObject, useEffect, useState } from 'react';

const MARGIN = '600px';

/** Calls once when an element comes near the window, also one within a part that scrolls. @returns what ends the watch. */
export function watchNear(element: Element, onNear: () => void): () => void {
  const watched = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watched.disconnect();
      onNear();
    },
    // A margin of the root does not reach into a part that scrolls; `scrollMargin` does.
    { rootMargin: MARGIN, scrollMargin: MARGIN },
  );
  watched.observe(element);
  return () => watched.disconnect();
}

/** Whether an element has come near the window; once it has, it stays so. It is watched for where somebody wants to know. */
export function useNear(place: RefObject<HTMLElement | null>, isWanted: boolean): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (element === null || near || !isWanted) return;
    return watchNear(element, () => setNear(true));
  }, [place, near, isWanted]);
  return near;
}
