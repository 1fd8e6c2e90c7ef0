import { type RefObject, useEffect } from 'react';
import { findPattern } from './find-matches.ts';
import { findRanges } from './find-ranges.ts';
import { currentMatch, useFindStore } from './find-store.ts';

/** A page that changes all the time is marked anew this often. */
const PAUSE_MS = 100;

/** The words of a message on the page; null while it is not drawn. */
export function wordsOfMessage(list: Element, messageId: string): Element | null {
  return list.querySelector(`[data-message-id="${CSS.escape(messageId)}"] [data-find]`);
}

/**
 * Marks what is found in the messages that are drawn, without touching their elements: the browser paints the marks. Drawn
 * messages change while it looks, so it looks again.
 */
export function useFindMarks(list: RefObject<HTMLElement | null>, active: boolean): void {
  const query = useFindStore((state) => state.query);
  const current = useFindStore(currentMatch);
  useEffect(() => {
    const element = list.current;
    const pattern = active ? findPattern(query) : null;
    if (element === null || pattern === null || !('highlights' in CSS)) return;
    const mark = () => {
      const all = new Highlight();
      const one = new Highlight();
      for (const words of element.querySelectorAll('[data-find]')) {
        const messageId = words.closest('[data-message-id]')?.getAttribute('data-message-id');
        const ranges = findRanges(words, pattern);
        const nth = current !== null && current.messageId === messageId ? current.nth : -1;
        for (const [index, range] of ranges.entries()) (index === nth ? one : all).add(range);
      }
      CSS.highlights.set('find', all);
      CSS.highlights.set('find-current', one);
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = new MutationObserver(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        mark();
      }, PAUSE_MS);
    });
    mark();
    changed.observe(element, { childList: true, subtree: true, characterData: true });
    return () => {
      clearTimeout(timer);
      changed.disconnect();
      CSS.highlights.delete('find');
      CSS.highlights.delete('find-current');
    };
  }, [list, active, query, current]);
}
