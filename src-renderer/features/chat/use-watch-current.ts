import { useEffect } from 'react';
import type { EventBridge } from '../../ipc/event-bridge.ts';
import { useChatStore } from './chat-store.ts';

/**
 * Follows the open conversation, whichever page stands before it, and lets go of the one before. Focus, visibility and
 * the transport are watched where the page meets the core; these say nothing of themselves.
 */
export function useWatchCurrent(bridge: EventBridge): void {
  const sessionId = useChatStore((state) => state.currentId);
  const isNew = useChatStore((state) => state.isNew);
  useEffect(() => {
    if (isNew) return;
    void bridge.watch(sessionId);
    return () => bridge.leave(sessionId);
  }, [bridge, sessionId, isNew]);
}
