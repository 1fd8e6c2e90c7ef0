import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';
import { type ReadingPlace, readPlace, returnTo } from './reading-place.ts';

/** Nearer to the end than this counts as being at the end. */
const NEAR_PX = 48;
/** A step that follows the reader's hand within this time is the reader's. */
const HAND_MS = 600;
const HANDS = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

/** What a scroll tells of the reader's wish: to be held at the end, to be left alone, or nothing new. */
export function scrollWish(step: { px: number; fromEndPx: number; byHand: boolean }): 'hold' | 'leave' | null {
  const { px, fromEndPx, byHand } = step;
  // Growth alone moves the end away without a step up, and what shrinks takes one itself. The smallest step of a hand
  // counts: a slow finger would otherwise be pulled back with every word.
  if (px < 0) return fromEndPx > NEAR_PX || (byHand && fromEndPx > 1) ? 'leave' : null;
  return fromEndPx <= NEAR_PX ? 'hold' : null;
}

/**
 * Keeps a scrolled list at its end while it grows, unless the reader has scrolled up. What the reader looks at then is held
 * in place by the browser, whatever changes above it; and by hand where all of it is laid out anew for another width, which
 * the browser loses.
 *
 * @param key Names the list; another one starts at its end.
 */
export function useStickToEnd(key: string): {
  list: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  atEnd: boolean;
  jump: () => void;
  /** Lets go of the end, as a reader does who looks for something. */
  letGo: () => void;
} {
  const list = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  const jump = useCallback(() => {
    stuck.current = true;
    setAtEnd(true);
    const element = list.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, []);
  const letGo = useCallback(() => {
    const element = list.current;
    if (element === null || element.scrollHeight <= element.clientHeight) return;
    stuck.current = false;
    setAtEnd(false);
  }, []);

  useLayoutEffect(() => {
    const element = list.current;
    const inner = content.current;
    if (element === null || inner === null) return;
    stuck.current = true;
    element.scrollTop = element.scrollHeight;
    let lastTop = element.scrollTop;
    let handAtMs = Number.NEGATIVE_INFINITY;
    let widthPx = element.clientWidth;
    let place: ReadingPlace | null = null;
    // Between a new width and what is made of it below, the list stands where the browser left it.
    const isBetween = () => element.clientWidth !== widthPx;
    const onRest = () => {
      // At the end nothing has to be found again, and a growing answer asks for no look at the layout.
      if (!isBetween()) place = stuck.current ? null : readPlace(element);
    };
    const onHand = (event: Event) => {
      handAtMs = event.timeStamp;
    };
    const onScroll = (event: Event) => {
      if (isBetween()) return;
      const wish = scrollWish({
        px: element.scrollTop - lastTop,
        fromEndPx: element.scrollHeight - element.scrollTop - element.clientHeight,
        byHand: event.timeStamp - handAtMs < HAND_MS,
      });
      lastTop = element.scrollTop;
      if (wish !== null) stuck.current = wish === 'hold';
      setAtEnd(stuck.current);
    };
    const grown = new ResizeObserver(() => {
      const isReflowed = isBetween();
      widthPx = element.clientWidth;
      if (stuck.current) element.scrollTop = element.scrollHeight;
      else if (isReflowed && place !== null) returnTo(element, place);
      else return;
      // This step is nobody's: what it undoes must not be taken for the reader's next one.
      lastTop = element.scrollTop;
    });
    grown.observe(inner);
    grown.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('scrollend', onRest, { passive: true });
    for (const hand of HANDS) element.addEventListener(hand, onHand, { passive: true });
    return () => {
      grown.disconnect();
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('scrollend', onRest);
      for (const hand of HANDS) element.removeEventListener(hand, onHand);
    };
  }, [key]);

  return { list, content, atEnd, jump, letGo };
}
