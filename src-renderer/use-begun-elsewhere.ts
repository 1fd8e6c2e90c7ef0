import { useEffect } from 'react';
import { useChatStore } from './features/chat/chat-store.ts';
import { useSessionsStore } from './features/sessions/sessions-store.ts';

/**
 * A conversation that the core lists has begun, also where this page never heard that its first message was taken: the page
 * was closed in that moment, or another window sent it.
 */
export function useBegunElsewhere(): void {
  const newId = useChatStore((state) => state.newId);
  const hasBegun = useSessionsStore((state) => state.sessions?.some((session) => session.id === newId) === true);
  useEffect(() => {
    if (hasBegun) useChatStore.getState().settleNew(newId);
  }, [hasBegun, newId]);
}
