import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { AppError } from '#contract/errors';
import { useCore } from '../../ipc/use-api.ts';
import { useChatStore } from './chat-store.ts';

/** Rows of a page that a reader scrolls into; it is taken in within a frame. */
const PAGE_ROWS = 120;

/**
 * Older pages of a conversation, asked for one at a time. What the reader looks at stays where it is while a page grows
 * above it.
 *
 * @returns `loadEarlier` resolves once the page stands in the view; false where there is none, or it failed.
 */
export function useEarlierPages(
  sessionId: string,
  list: RefObject<HTMLElement | null>,
): { loading: boolean; problem: AppError | null; loadEarlier: (rows?: number) => Promise<boolean> } {
  const { api } = useCore();
  const [loading, setLoading] = useState(false);
  const [problem, setProblem] = useState<AppError | null>(null);
  const underWay = useRef<Promise<boolean> | null>(null);
  const firstId = useChatStore((state) => state.views[sessionId]?.settled[0]?.id);
  const held = useRef<number | null>(null);

  // Before the page is painted: the older rows are in, and none of the newer ones has moved.
  useLayoutEffect(() => {
    const element = list.current;
    if (held.current === null || element === null || firstId === undefined) return;
    element.scrollTo({ top: element.scrollHeight - held.current, behavior: 'instant' });
    held.current = null;
  }, [firstId, list]);

  const ask = useCallback(
    async (limit: number): Promise<boolean> => {
      const view = useChatStore.getState().views[sessionId];
      const first = view?.settled[0];
      if (view === undefined || first === undefined || !view.hasMoreBefore) return false;
      setLoading(true);
      const page = await api.request('sessions.page', { sessionId, beforeId: first.id, limit });
      setLoading(false);
      setProblem(page.ok ? null : page.error);
      if (!page.ok) return false;
      const element = list.current;
      held.current = element === null ? null : element.scrollHeight - element.scrollTop;
      useChatStore.getState().prependPage(page.data);
      // A page that brought nothing new moves nothing.
      if (useChatStore.getState().views[sessionId]?.settled[0]?.id === first.id) held.current = null;
      return true;
    },
    [api, sessionId, list],
  );

  const loadEarlier = useCallback(
    (rows = PAGE_ROWS) => {
      underWay.current ??= ask(rows).finally(() => {
        underWay.current = null;
      });
      return underWay.current;
    },
    [ask],
  );

  return { loading, problem, loadEarlier };
}
