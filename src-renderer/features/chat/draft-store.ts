import { create } from 'zustand';

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const KEY_PREFIX = 'sluice.draft.';

/** Writes, and says whether it worked: a storage may be forbidden or full. */
function put(shelf: Shelf, key: string, text: string): boolean {
  try {
    if (text === '') shelf.removeItem(key);
    else shelf.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}

/** Where drafts outlive a reload: the first storage that takes a write, or none. */
function findShelf(): Storage | null {
  for (const name of ['localStorage', 'sessionStorage'] as const) {
    try {
      const storage = window[name];
      if (put(storage, `${KEY_PREFIX}probe`, '1') && put(storage, `${KEY_PREFIX}probe`, '')) return storage;
    } catch {
      // Reading the property itself throws where storage is forbidden; the next one is tried.
      continue;
    }
  }
  return null;
}

const shelf = typeof window === 'undefined' ? null : findShelf();

/** Where drafts and what belongs to them are kept; null where the browser keeps nothing. */
export const draftShelf: Storage | null = shelf;

/** Where the words of an edit are kept that was not sent. */
export function editKey(sessionId: string, messageId: string): string {
  return `edit.${sessionId}.${messageId}`;
}

/** A longer text is written down once its writer pauses: the whole of it at each key would hold up the next one. */
const MOST_AT_ONCE_CHARS = 20_000;
const PAUSE_MS = 300;

const unwritten = new Map<string, string>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Writes down what waits for a pause. @returns whether all of it is kept. */
function writeWaiting(): boolean {
  clearTimeout(timer);
  timer = undefined;
  let kept = true;
  for (const [sessionId, text] of unwritten) kept = shelf !== null && put(shelf, KEY_PREFIX + sessionId, text) && kept;
  unwritten.clear();
  return kept;
}

interface DraftState {
  texts: Record<string, string>;
  /** What is typed outlives a reload. The composer says so when it does not. */
  durable: boolean;
  setDraft(sessionId: string, text: string): void;
  /** The conversation is deleted: nothing of what was typed in it stays. */
  forget(sessionId: string): void;
  /** Another window of this browser has written one. */
  hear(key: string | null, text: string | null): void;
}

/** What is typed and not yet sent, per conversation. Apart from the chat store, so a keystroke redraws the composer only. */
export const useDraftStore = create<DraftState>()((set) => ({
  texts: {},
  durable: shelf !== null,
  setDraft: (sessionId, text) => {
    if (text.length > MOST_AT_ONCE_CHARS) {
      unwritten.set(sessionId, text);
      timer ??= setTimeout(() => {
        const durable = writeWaiting();
        set({ durable });
      }, PAUSE_MS);
      set((state) => ({ texts: { ...state.texts, [sessionId]: text } }));
      return;
    }
    unwritten.delete(sessionId);
    const durable = shelf !== null && put(shelf, KEY_PREFIX + sessionId, text);
    set((state) => ({ texts: { ...state.texts, [sessionId]: text }, durable }));
  },
  forget: (sessionId) => {
    const edits = KEY_PREFIX + editKey(sessionId, '');
    const own = (key: string) => key === KEY_PREFIX + sessionId || key.startsWith(edits);
    for (const id of unwritten.keys()) if (own(KEY_PREFIX + id)) unwritten.delete(id);
    for (const key of Object.keys(shelf ?? {}).filter(own)) shelf?.removeItem(key);
    set((state) => ({
      texts: Object.fromEntries(Object.entries(state.texts).filter(([id]) => !own(KEY_PREFIX + id))),
    }));
  },
  hear: (key, text) => {
    if (key?.startsWith(KEY_PREFIX) !== true) return;
    set((state) => ({ texts: { ...state.texts, [key.slice(KEY_PREFIX.length)]: text ?? '' } }));
  },
}));

// A page that is left writes down what still waits.
if (typeof window !== 'undefined') window.addEventListener('pagehide', writeWaiting);

/** The draft of a conversation, from this page's life or from before its reload. */
export function draftOf(texts: Record<string, string>, sessionId: string): string {
  return texts[sessionId] ?? shelf?.getItem(KEY_PREFIX + sessionId) ?? '';
}

/** What stands between what is typed and what is added to it. */
export function gapBefore(now: string): string {
  return now.trim() === '' ? '' : '\n\n';
}

/** Adds text to what is typed, so that nothing of either is lost. */
export function keepText(sessionId: string, text: string): void {
  const { texts, setDraft } = useDraftStore.getState();
  const now = draftOf(texts, sessionId);
  const gap = gapBefore(now);
  setDraft(sessionId, gap === '' ? text : `${now}${gap}${text}`);
}
