import { draftShelf } from './draft-store.ts';

const KEY_PREFIX = 'sluice.editing.';

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;

/** Keeps which message of a conversation is being written anew, so that a reload or a look elsewhere comes back to it. */
export function keepEdit(sessionId: string, messageId: string | null, shelf: Shelf = draftShelf): void {
  try {
    if (messageId === null) shelf?.removeItem(KEY_PREFIX + sessionId);
    else shelf?.setItem(KEY_PREFIX + sessionId, messageId);
  } catch {
    // A full shelf: the edit is open as long as its page.
    return;
  }
}

/** The message that was being written anew; null for none. */
export function keptEdit(sessionId: string, shelf: Shelf = draftShelf): string | null {
  return shelf?.getItem(KEY_PREFIX + sessionId) ?? null;
}
