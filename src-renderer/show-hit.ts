import { useChatStore } from './features/chat/chat-store.ts';
import type { Transport } from './ipc/transport.ts';

/** Pages that are read back at most for one message: 10,000 messages. */
const MAX_PAGES = 20;
/** Longest wait for the conversation to be there. */
const PATIENCE_MS = 5000;

interface Shower {
  showMessage: (messageId: string, words: string) => void;
}

/** Settles when `until` holds of the conversation's view, or when it takes too long. */
function viewSettles(sessionId: string): Promise<boolean> {
  const isThere = () => useChatStore.getState().views[sessionId] !== undefined;
  if (isThere()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (there: boolean) => {
      clearTimeout(timer);
      unsubscribe();
      resolve(there);
    };
    const timer = setTimeout(() => end(false), PATIENCE_MS);
    const unsubscribe = useChatStore.subscribe(() => {
      if (isThere()) end(true);
    });
  });
}

/**
 * Shows a message that was found, wherever it stands: waits for its conversation, reads older pages until it is among them,
 * and has it brought into view. Gives up in silence when the reader has gone elsewhere.
 */
export async function showHit(
  api: Transport,
  sessionId: string,
  messageId: string,
  words: string,
  chat: () => Shower | null,
): Promise<void> {
  if (!(await viewSettles(sessionId))) return;
  const view = () => useChatStore.getState().views[sessionId];
  const isLoaded = () =>
    [...(view()?.settled ?? []), ...(view()?.live ?? [])].some((message) => message.id === messageId);
  for (let page = 0; page < MAX_PAGES && !isLoaded() && view()?.hasMoreBefore === true; page++) {
    const beforeId = view()?.settled[0]?.id;
    if (beforeId === undefined) break;
    const answer = await api.request('sessions.page', { sessionId, beforeId });
    if (!answer.ok || useChatStore.getState().currentId !== sessionId) return;
    useChatStore.getState().prependPage(answer.data);
  }
  // Twice: the conversation is drawn with the first frame and has its heights with the second.
  requestAnimationFrame(() => requestAnimationFrame(() => chat()?.showMessage(messageId, words)));
}
