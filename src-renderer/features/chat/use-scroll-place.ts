import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useChatStore } from './chat-store.ts';
import { holdsMessage, type Turn } from './group-turns.ts';
import { type ScrollPlace, scrollPlaces } from './scroll-places.ts';

/** Nearer to the end than this is at the end. */
const NEAR_PX = 48;
/** What stands around a place may still change its height while it is drawn. */
const FRAMES = 3;
/** Rows of a page on the way to a place that is far back, and how many of them are asked for. */
const PAGE_ROWS = 500;
const MOST_PAGES = 10;

interface ScrollPlaceParts {
  sessionId: string;
  list: RefObject<HTMLElement | null>;
  turns: readonly Turn[];
  /** The newest message that is whole. */
  newestId: string | undefined;
  hasMoreBefore: boolean;
  atEnd: boolean;
  letGo: () => void;
  loadEarlier: (rows?: number) => Promise<boolean>;
}

/** The first message in sight, and where it stands; null at the end. */
function placeIn(list: HTMLElement, newestId: string | null): ScrollPlace | null | undefined {
  if (list.clientHeight === 0) return undefined;
  if (list.scrollHeight - list.scrollTop - list.clientHeight <= NEAR_PX) return null;
  const { top } = list.getBoundingClientRect();
  for (const message of list.querySelectorAll<HTMLElement>('[data-message-id]')) {
    const box = message.getBoundingClientRect();
    const { messageId } = message.dataset;
    if (box.bottom > top && messageId !== undefined)
      return { messageId, offsetPx: Math.round(box.top - top), newestId };
  }
  return undefined;
}

/** @returns whether the message is drawn. */
function putAt(list: HTMLElement, { messageId, offsetPx }: ScrollPlace): boolean {
  const message = list.querySelector(`[data-message-id="${CSS.escape(messageId)}"]`);
  if (message === null) return false;
  const by = message.getBoundingClientRect().top - list.getBoundingClientRect().top - offsetPx;
  if (Math.abs(by) >= 1) list.scrollBy({ top: by, behavior: 'instant' });
  return true;
}

/**
 * Brings a reader back to where they left the conversation. It is looked at when they leave, so scrolling costs nothing.
 *
 * @returns `openAt`: the message that is drawn first; null for the end. `hasNews`: something came that they have not seen.
 *   `settle` gives the place up, for whoever is sent elsewhere.
 */
export function useScrollPlace(parts: ScrollPlaceParts): {
  openAt: string | null;
  hasNews: boolean;
  settle: () => void;
} {
  const { sessionId, list, turns, newestId, hasMoreBefore, atEnd, letGo } = parts;
  const [place] = useState(() => scrollPlaces.of(sessionId));
  const pending = useRef(place);
  const [seenId, setSeenId] = useState(place?.newestId ?? null);
  /** The first frames count as being at the end, wherever the reader is about to be. */
  const isReturning = useRef(place !== null);
  const wanted = place?.messageId;
  const isThere = wanted !== undefined && turns.some((turn) => holdsMessage(turn, wanted));
  const hasView = turns.length > 0;
  const current = useRef(parts);
  useEffect(() => {
    current.current = parts;
  });

  useLayoutEffect(() => {
    const element = list.current;
    const to = pending.current;
    if (!isThere || element === null || to === null) return;
    let left = FRAMES;
    let frame = 0;
    const step = () => {
      if (pending.current === null) return;
      putAt(element, to);
      if (--left > 0) frame = requestAnimationFrame(step);
      else pending.current = null;
    };
    letGo();
    step();
    return () => cancelAnimationFrame(frame);
  }, [isThere, list, letGo]);

  // A place that is further back than the first page.
  useEffect(() => {
    const to = pending.current;
    if (to === null || !hasView || isThere) return;
    if (!hasMoreBefore) {
      pending.current = null;
      isReturning.current = false;
      return;
    }
    let isWanted = true;
    const goBack = async () => {
      for (let page = 0; page < MOST_PAGES && isWanted; page++) {
        if (!(await current.current.loadEarlier(PAGE_ROWS))) break;
        const { settled = [] } = useChatStore.getState().views[current.current.sessionId] ?? {};
        if (settled.some((row) => row.id === to.messageId)) return;
      }
      // Deleted, or too far: the reader stays at the end.
      if (isWanted) {
        pending.current = null;
        isReturning.current = false;
      }
    };
    void goBack();
    return () => {
      isWanted = false;
    };
  }, [hasView, isThere, hasMoreBefore]);

  useEffect(() => {
    if (!atEnd) isReturning.current = false;
    else if (!isReturning.current && newestId !== undefined) setSeenId(newestId);
  }, [atEnd, newestId]);

  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    const leave = () => {
      // Nobody was there yet.
      if (pending.current !== null) return;
      const newest = useChatStore.getState().views[sessionId]?.settled.at(-1)?.id ?? null;
      const now = placeIn(element, newest);
      if (now !== undefined) scrollPlaces.leave(sessionId, now);
    };
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
    };
  }, [sessionId, list]);

  return {
    openAt: wanted ?? null,
    hasNews: !atEnd && seenId !== null && newestId !== undefined && newestId !== seenId,
    settle: () => {
      pending.current = null;
      isReturning.current = false;
    },
  };
}
