import { create } from 'zustand';
import type { SluiceApi } from '#contract/routes';
import { filesOf, useAttachmentStore } from './features/chat/attachment-store.ts';
import { useChatStore } from './features/chat/chat-store.ts';
import { draftOf, keepText, useDraftStore } from './features/chat/draft-store.ts';
import { blockOf } from './features/chat/message-input.ts';
import { deletingHere, isDeletedHere } from './features/chat/own-deletions.ts';
import { useSessionsStore } from './features/sessions/sessions-store.ts';
import type { EventBridge } from './ipc/event-bridge.ts';

/** A conversation that was open here and that somebody else deleted. */
interface Gone {
  /** Empty where it had none. */
  title: string;
  /** What was being written in it stands in the new one. */
  hasDraft: boolean;
}

/** What has to be said of the new chat that stands where another conversation was; null where there is nothing. */
export const useGoneStore = create<{ gone: Gone | null }>()(() => ({ gone: null }));

/**
 * Conversations that are deleted are neither followed nor kept any more. What is being written in the open one goes along to
 * the new one where another window deleted it: somebody may be in the middle of a sentence. Whoever deletes it here has
 * given that up too.
 */
export function dropSessions(bridge: Pick<EventBridge, 'unwatch'>, ids: readonly string[]): void {
  for (const id of ids) {
    bridge.unwatch(id);
    const { currentId, isNew, newId } = useChatStore.getState();
    if (id === currentId && !isNew && !isDeletedHere(id)) {
      const title = titleOf(id);
      useGoneStore.setState({ gone: { title, hasDraft: moveDraft(id, newId) } });
    }
    useDraftStore.getState().forget(id);
    useAttachmentStore.getState().forget(id);
    useChatStore.getState().forget(id);
  }
}

/**
 * Asks the list for what changed. A conversation that is being deleted here tells much on its way, such as the end of its
 * answer, and a question about it would come too late.
 */
export function hearChanged(api: SluiceApi, ids: readonly string[]): void {
  void useSessionsStore.getState().refresh(
    api,
    ids.filter((id) => !isDeletedHere(id)),
  );
}

/** @returns whether `send` deleted it; if not, what it told meanwhile is asked for now. */
export async function deleteHere(api: SluiceApi, sessionId: string, send: () => Promise<boolean>): Promise<boolean> {
  const done = await deletingHere(sessionId, send);
  if (!done) hearChanged(api, [sessionId]);
  return done;
}

function titleOf(sessionId: string): string {
  const { sessions, archived } = useSessionsStore.getState();
  const listed = [...(sessions ?? []), ...(archived ?? [])].find((session) => session.id === sessionId);
  return (listed ?? useChatStore.getState().sessions[sessionId])?.title ?? '';
}

/** @returns whether there was anything. */
function moveDraft(from: string, to: string): boolean {
  const text = draftOf(useDraftStore.getState().texts, from);
  if (text.trim() !== '') keepText(to, text);
  const { files, putBack } = useAttachmentStore.getState();
  const stored = filesOf(files, from).flatMap(({ state }) => (state.kind === 'ready' ? [state.record] : []));
  putBack(to, stored.map(blockOf));
  return text.trim() !== '' || stored.length > 0;
}
