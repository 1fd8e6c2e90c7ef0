/** What a key means in the list of conversations. */
export type ListIntent = 'next' | 'previous' | 'first' | 'last' | 'rename' | 'delete' | null;

interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/**
 * A pure decision. Keys with a modifier belong to somebody else. Enter is the row's own, as it is a button.
 *
 * @param isMac a Mac's own keyboard has one key that deletes, and it is Backspace.
 */
export function listIntent({ key, ctrlKey, metaKey, altKey, shiftKey }: Key, isMac: boolean): ListIntent {
  if (ctrlKey || metaKey || altKey || shiftKey) return null;
  switch (key) {
    case 'ArrowDown':
      return 'next';
    case 'ArrowUp':
      return 'previous';
    case 'Home':
      return 'first';
    case 'End':
      return 'last';
    case 'F2':
      return 'rename';
    case 'Delete':
      return 'delete';
    case 'Backspace':
      return isMac ? 'delete' : null;
    default:
      return null;
  }
}

/** The row that a movement leads to. It stops at both ends: a list that goes round loses its reader. */
export function rowAfter(intent: 'next' | 'previous' | 'first' | 'last', at: number, count: number): number {
  switch (intent) {
    case 'next':
      return Math.min(at + 1, count - 1);
    case 'previous':
      return Math.max(at - 1, 0);
    case 'first':
      return 0;
    case 'last':
      return count - 1;
  }
}
