import { isFitId } from '#contract/ids';
import type { ChatState } from './features/chat/chat-store.ts';

const KEY = 'sluice.session';

interface Store {
  getState(): ChatState;
  setState(state: Partial<ChatState>): void;
  subscribe(listener: (state: ChatState) => void): () => void;
}

/**
 * A reload comes back to the same conversation, and to the same new one with its draft. Kept per window, so that two
 * windows do not fight over it.
 */
export function rememberSession(store: Store, storage: Pick<Storage, 'getItem' | 'setItem'>): void {
  const kept = storage.getItem(KEY);
  if (kept !== null && isFitId(kept)) {
    const isNew = kept.startsWith('new:');
    store.setState({ currentId: isNew ? kept.slice(4) : kept, isNew });
  }
  let last = kept;
  const write = ({ currentId, isNew }: ChatState) => {
    const next = isNew ? `new:${currentId}` : currentId;
    if (next === last) return;
    last = next;
    storage.setItem(KEY, next);
  };
  write(store.getState());
  store.subscribe(write);
}
