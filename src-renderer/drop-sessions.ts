import { filesOf, useAttachmentStore } from './features/chat/attachment-store.ts';
import { useChatStore } from './features/chat/chat-store.ts';
import { draftOf, keepText, useDraftStore } from './features/chat/draft-store.ts';
import { blockOf } from './features/chat/message-input.ts';
import type { EventBridge } from './ipc/event-bridge.ts';

/**
 * Conversations that are deleted, here or elsewhere, are neither followed nor kept any more. What is being written in the open
 * one goes along to the new one: somebody may be in the middle of a sentence.
 */
export function dropSessions(bridge: Pick<EventBridge, 'unwatch'>, ids: readonly string[]): void {
  for (const id of ids) {
    bridge.unwatch(id);
    const { currentId, isNew, newId } = useChatStore.getState();
    if (id === currentId && !isNew) moveDraft(id, newId);
    useDraftStore.getState().forget(id);
    useAttachmentStore.getState().forget(id);
    useChatStore.getState().forget(id);
  }
}

function moveDraft(from: string, to: string): void {
  const text = draftOf(useDraftStore.getState().texts, from);
  if (text.trim() !== '') keepText(to, text);
  const { files, putBack } = useAttachmentStore.getState();
  const stored = filesOf(files, from).flatMap(({ state }) => (state.kind === 'ready' ? [state.record] : []));
  putBack(to, stored.map(blockOf));
}
