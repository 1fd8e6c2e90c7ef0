import { isFitId } from '#contract/ids';
import type { ChatState } from './features/chat/chat-store.ts';

const KEY = 'sluice.session';
const NEW_KEY = 'sluice.session.new';

interface Store {
  getState(): ChatState;
  setState(state: Partial<ChatState>): void;
  subscribe(listener: (state: ChatState) => void): () => void;
}

/**
 * A reload comes back to the same conversation, and *New chat* to the same one that is yet to begin. Kept per window, so that
 * two windows do not fight over it.
 *
 * @param adopted a conversation that is yet to begin and whose window is gone; for a window that comes from no reload.
 */
export function rememberSession(
  store: Store,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  adopted: string | null = null,
): void {
  const kept = fit(storage.getItem(KEY));
  const isNew = kept?.startsWith('new:') === true;
  // What a page of an older version left behind names the new one only where it was open.
  const newId = fit(storage.getItem(NEW_KEY)) ?? (isNew ? kept.slice(4) : (adopted ?? store.getState().newId));
  store.setState({ newId, currentId: kept === null || isNew ? newId : kept, isNew: kept === null || isNew });
  let last: string | null = null;
  const write = ({ currentId, isNew: isNewNow, newId: next }: ChatState) => {
    const now = isNewNow ? `new:${currentId}` : currentId;
    if (`${now} ${next}` === last) return;
    last = `${now} ${next}`;
    storage.setItem(KEY, now);
    storage.setItem(NEW_KEY, next);
  };
  write(store.getState());
  store.subscribe(write);
}

/** What can name a conversation; an address may have brought what cannot. */
function fit(kept: string | null): string | null {
  return kept !== null && isFitId(kept.replace(/^new:/, '')) ? kept : null;
}

/** Whether this window was there before a reload. */
export function isReload(storage: Pick<Storage, 'getItem'>): boolean {
  return storage.getItem(KEY) !== null;
}
