import { useEffect, useRef } from 'react';
import { newsOf } from './features/sessions/news-of.ts';
import { useSessionsStore } from './features/sessions/sessions-store.ts';
import { useUnreadStore } from './features/sessions/unread-store.ts';

/**
 * Marks conversations whose answers end while this window shows something else, until somebody looks at them in any window.
 *
 * @param shownId the conversation that is open, or null.
 */
export function useUnread(shownId: string | null): void {
  const shown = useRef(shownId);
  useEffect(() => {
    shown.current = shownId;
    if (shownId !== null) useUnreadStore.getState().see(shownId);
  }, [shownId]);
  useEffect(() => {
    /** Another window marks what is open here. */
    const look = () => {
      if (shown.current !== null && document.visibilityState === 'visible')
        useUnreadStore.getState().see(shown.current);
    };
    const offMarks = useUnreadStore.subscribe(look);
    const offNews = useSessionsStore.subscribe((state, before) => {
      // What needs a person says so itself.
      const news = newsOf(before.sessions, state.sessions).filter(({ kind }) => kind !== 'needs');
      const ids = news.map(({ sessionId }) => sessionId).filter((id) => id !== shown.current);
      if (ids.length > 0) useUnreadStore.getState().mark(ids);
    });
    document.addEventListener('visibilitychange', look);
    return () => {
      offMarks();
      offNews();
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
}
