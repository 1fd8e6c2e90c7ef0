import { create } from 'zustand';

type Shelf = Pick<Storage, 'getItem' | 'setItem'>;

const KEY = 'sluice.unread';
/** Beyond this many the oldest marks go: a mark on everything says nothing. */
const MOST_MARKS = 500;

/** Conversations with an answer that nobody has looked at, oldest first. */
export function readUnread(text: string | null): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(text ?? '[]');
    return new Set(Array.isArray(kept) ? kept.filter((id): id is string => typeof id === 'string') : []);
  } catch {
    // Written by something else: nothing is marked.
    return new Set();
  }
}

/** A pure decision. @returns the same set where nothing changes. */
export function withMarks(ids: ReadonlySet<string>, added: readonly string[]): ReadonlySet<string> {
  const fresh = added.filter((id) => !ids.has(id));
  return fresh.length === 0 ? ids : new Set([...ids, ...fresh].slice(-MOST_MARKS));
}

/** A pure decision. @returns the same set where nothing changes. */
export function withoutMark(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return ids.has(id) ? new Set([...ids].filter((each) => each !== id)) : ids;
}

/** Null where the browser keeps nothing; marks live as long as the window then. */
function findShelf(): Shelf | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
const shelf = typeof window === 'undefined' ? null : findShelf();

interface UnreadState {
  ids: ReadonlySet<string>;
  mark(sessionIds: readonly string[]): void;
  /** Somebody looks at it. */
  see(sessionId: string): void;
}

/** Owns which conversations have news. Windows of one browser share it: what is read in one is read in all. */
export const useUnreadStore = create<UnreadState>()((set, get) => {
  const put = (ids: ReadonlySet<string>) => {
    if (ids === get().ids) return;
    set({ ids });
    try {
      shelf?.setItem(KEY, JSON.stringify([...ids]));
    } catch {
      // A storage that is full or forbidden: the marks last as long as this window.
    }
  };
  return {
    ids: readUnread(shelf?.getItem(KEY) ?? null),
    mark: (sessionIds) => put(withMarks(get().ids, sessionIds)),
    see: (sessionId) => put(withoutMark(get().ids, sessionId)),
  };
});

if (typeof window !== 'undefined')
  window.addEventListener('storage', (event) => {
    if (event.key === KEY || event.key === null) useUnreadStore.setState({ ids: readUnread(event.newValue) });
  });
