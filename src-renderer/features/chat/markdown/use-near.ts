import { type RefObject, useEffect, useState } from 'react';

/** Whether an element has come near the window; once it has, it stays so. */
export function useNear(place: RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (element === null || near) return;
    const watched = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setNear(true);
      },
      { rootMargin: '600px' },
    );
    watched.observe(element);
    return () => watched.disconnect();
  }, [place, near]);
  return near;
}
