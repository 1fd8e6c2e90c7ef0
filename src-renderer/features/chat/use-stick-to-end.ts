import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';

/** Nearer to the end than this counts as being at the end. */
const NEAR_PX = 48;

/**
 * Keeps a scrolled list at its end while it grows, unless the reader has scrolled up.
 *
 * @param key Names the list; another one starts at its end.
 */
export function useStickToEnd(key: string): {
  list: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  atEnd: boolean;
  jump: () => void;
} {
  const list = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  const jump = useCallback(() => {
    stuck.current = true;
    const element = list.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, []);

  useLayoutEffect(() => {
    const element = list.current;
    const inner = content.current;
    if (element === null || inner === null) return;
    stuck.current = true;
    element.scrollTop = element.scrollHeight;
    let lastTop = element.scrollTop;
    const onScroll = () => {
      const fromEnd = element.scrollHeight - element.scrollTop - element.clientHeight;
      // Growth alone moves the end away without a step up; only the reader's own step up lets go.
      if (element.scrollTop < lastTop && fromEnd > NEAR_PX) stuck.current = false;
      else if (fromEnd <= NEAR_PX) stuck.current = true;
      lastTop = element.scrollTop;
      setAtEnd(stuck.current);
    };
    const grown = new ResizeObserver(() => {
      if (stuck.current) element.scrollTop = element.scrollHeight;
    });
    grown.observe(inner);
    grown.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      grown.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, [key]);

  return { list, content, atEnd, jump };
}
