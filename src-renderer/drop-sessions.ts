import { useChatStore } from './features/chat/chat-store.ts';
import type { EventBridge } from './ipc/event-bridge.ts';

/** Conversations that are deleted, here or elsewhere, are neither followed nor kept any more. */
export function dropSessions(bridge: Pick<EventBridge, 'unwatch'>, ids: readonly string[]): void {
  for (const id of ids) {
    bridge.unwatch(id);
    useChatStore.getState().forget(id);
  }
}
