import { type RefObject, useEffect, useState } from 'react';

const MARGIN_PX = 600;

type OnNear = (isNear: boolean) => void;

/** One observer for each margin: the page pays for each of them with every frame. */
const observers = new Map<number, { watched: IntersectionObserver; calls: Map<Element, Set<OnNear>> }>();

function observerOf(marginPx: number) {
  const known = observers.get(marginPx);
  if (known !== undefined) return known;
  const calls = new Map<Element, Set<OnNear>>();
  const margin = `${marginPx}px`;
  const watched = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries)
        for (const call of calls.get(target) ?? []) call(isIntersecting);
    },
    // A margin of the root does not reach into a part that scrolls; `scrollMargin` does.
    { rootMargin: margin, scrollMargin: margin },
  );
  const made = { watched, calls };
  observers.set(marginPx, made);
  return made;
}

/** Tells whether an element is near the window, whenever that changes, also one within a part that scrolls. @returns what ends it. */
export function watchNear(element: Element, onChange: OnNear, marginPx: number = MARGIN_PX): () => void {
  const { watched, calls } = observerOf(marginPx);
  const others = calls.get(element) ?? new Set();
  calls.set(element, others.add(onChange));
  // One that is watched already is not told of again.
  if (others.size > 1) watched.unobserve(element);
  watched.observe(element);
  return () => {
    others.delete(onChange);
    if (others.size > 0) return;
    watched.unobserve(element);
    calls.delete(element);
  };
}

/** Whether an element has come near the window; once it has, it stays so. It is watched for where somebody wants to know. */
export function useNear(place: RefObject<HTMLElement | null>, isWanted: boolean): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (element === null || near || !isWanted) return;
    return watchNear(element, (isNear) => isNear && setNear(true));
  }, [place, near, isWanted]);
  return near;
}
