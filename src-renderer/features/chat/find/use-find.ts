import { type RefObject, useEffect } from 'react';
import { useChatStore } from '../chat-store.ts';
import type { Turn } from '../group-turns.ts';
import { findPattern } from './find-matches.ts';
import { findRanges } from './find-ranges.ts';
import { currentMatch, type FindMatch, useFindStore } from './find-store.ts';
import { searchTurns } from './search-rows.ts';
import { useFindMarks, wordsOfMessage } from './use-find-marks.ts';

/** Whoever types is let finish. */
const PAUSE_MS = 120;
/** Further back than this many loaded rows nothing is looked for; the bar says so by what it counts. */
const MOST_ROWS = 20_000;
/** Whoever looks for something takes the largest pages there are. */
const PAGE_LIMIT = 500;
/** A place may move while what stands around it is drawn. */
const FRAMES = 4;

interface FindPlace {
  sessionId: string;
  turns: readonly Turn[];
  list: RefObject<HTMLElement | null>;
  loadEarlier: (rows?: number) => Promise<boolean>;
  /** Draws a turn and brings it into view. */
  showTurn: (turnKey: string) => void;
}

function isSame(a: FindMatch | null, b: FindMatch): boolean {
  return a !== null && a.messageId === b.messageId && a.nth === b.nth;
}

/** The first match that stands at or below what the reader sees; the last one where none does. */
function nearestMatch(matches: readonly FindMatch[], list: HTMLElement | null): number {
  const top = list?.getBoundingClientRect().top ?? 0;
  const index = matches.findIndex((match) => {
    const shell = list?.querySelector(`[data-turn="${CSS.escape(match.turnKey)}"]`);
    return shell != null && shell.getBoundingClientRect().bottom > top;
  });
  return index < 0 ? matches.length - 1 : index;
}

/** Looks for words in a conversation, page by page from the newest, and shows where they stand. */
export function useFind({ sessionId, turns, list, loadEarlier, showTurn }: FindPlace): boolean {
  const active = useFindStore((state) => state.sessionId === sessionId);
  const query = useFindStore((state) => state.query);
  const current = useFindStore(currentMatch);
  useFindMarks(list, active);

  useEffect(() => {
    if (!active || findPattern(query) === null) return;
    let isWanted = true;
    const search = async () => {
      const matches = await searchTurns(turns, query, () => isWanted);
      if (matches === null) return;
      const view = useChatStore.getState().views[sessionId];
      const goesOn = view?.hasMoreBefore === true && view.settled.length < MOST_ROWS;
      const before = currentMatch(useFindStore.getState());
      const kept = matches.findIndex((match) => isSame(before, match));
      const at = kept >= 0 || matches.length === 0 ? kept : nearestMatch(matches, list.current);
      useFindStore.setState({ matches, at, searching: goesOn });
      // The page that comes has all of it looked through again, which costs little: words are read once.
      if (goesOn && !(await loadEarlier(PAGE_LIMIT)) && isWanted) useFindStore.setState({ searching: false });
    };
    const timer = setTimeout(() => void search(), PAUSE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [active, query, turns, sessionId, list, loadEarlier]);

  const turnKey = current?.turnKey;
  const messageId = current?.messageId;
  const nth = current?.nth ?? 0;
  useEffect(() => {
    const element = list.current;
    const pattern = active ? findPattern(query) : null;
    if (element === null || pattern === null || turnKey === undefined || messageId === undefined) return;
    let left = FRAMES;
    const settle = () => {
      if (left === FRAMES) showTurn(turnKey);
      const words = wordsOfMessage(element, messageId);
      const range = words === null ? undefined : findRanges(words, pattern)[nth];
      if (range !== undefined) {
        const place = range.getBoundingClientRect();
        const view = element.getBoundingClientRect();
        const isSeen = place.top > view.top + 64 && place.bottom < view.bottom - 32;
        if (!isSeen) element.scrollBy({ top: place.top - view.top - view.height / 3, behavior: 'instant' });
      }
      if (--left > 0) frame = requestAnimationFrame(settle);
    };
    let frame = requestAnimationFrame(settle);
    return () => cancelAnimationFrame(frame);
  }, [active, query, turnKey, messageId, nth, list, showTurn]);

  // Another conversation has nothing to do with what was looked for here.
  useEffect(
    () => () => {
      if (useFindStore.getState().sessionId === sessionId) useFindStore.getState().close();
    },
    [sessionId],
  );
  return active;
}
