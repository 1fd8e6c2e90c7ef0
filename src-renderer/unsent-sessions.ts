import type { ChatState } from './features/chat/chat-store.ts';

const KEY_PREFIX = 'sluice.unsent.';

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;
type Locks = Pick<LockManager, 'request'>;

interface Parts {
  /** Null where the browser keeps nothing: then there is nothing to come back to. */
  shelf: Shelf | null;
  /** Undefined where the browser has none: then there is one window. */
  locks: Locks | undefined;
}

/**
 * The conversations that are yet to begin, one of each window, beyond the life of their windows: what was typed or chosen for
 * one comes back with the next window that is opened. A window holds a lock on its own, so that no other takes it.
 */
export class UnsentSessions {
  readonly #parts: Parts;
  readonly #held = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Takes over one whose window is gone: one with something in it before one with nothing, a newer one before an older one.
   *
   * @returns null where there is none.
   */
  async adopt(holdsSomething: (sessionId: string) => boolean): Promise<string | null> {
    const known = this.#list().map(({ id, atMs }) => ({ id, atMs, rank: holdsSomething(id) ? 1 : 0 }));
    for (const { id } of known.sort((a, b) => b.rank - a.rank || b.atMs - a.atMs)) {
      if (await this.#isFree(id)) return id;
    }
    return null;
  }

  /** Follows which conversation of this window is yet to begin. */
  follow(
    store: { getState(): ChatState; subscribe(listener: (state: ChatState) => void): () => void },
    now: () => number,
  ): void {
    let last: string | null = null;
    const note = ({ newId }: ChatState) => {
      if (newId === last) return;
      if (last !== null) this.#parts.shelf?.removeItem(KEY_PREFIX + last);
      last = newId;
      this.#put(newId, now());
      this.#hold(newId);
    };
    note(store.getState());
    store.subscribe(note);
  }

  #list(): { id: string; atMs: number }[] {
    const { shelf } = this.#parts;
    const found: { id: string; atMs: number }[] = [];
    for (let index = 0; index < (shelf?.length ?? 0); index++) {
      const key = shelf?.key(index) ?? '';
      if (!key.startsWith(KEY_PREFIX)) continue;
      found.push({ id: key.slice(KEY_PREFIX.length), atMs: Number(shelf?.getItem(key)) });
    }
    return found;
  }

  #put(id: string, atMs: number): void {
    try {
      this.#parts.shelf?.setItem(KEY_PREFIX + id, String(atMs));
    } catch {
      // A full shelf: the composer says that what is typed is not kept.
      return;
    }
  }

  /** Asks for its lock without waiting, and keeps it with the first yes. */
  #isFree(id: string): Promise<boolean> {
    const { locks } = this.#parts;
    if (locks === undefined) return Promise.resolve(true);
    return new Promise((resolve) => {
      const taken = locks.request(KEY_PREFIX + id, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        if (lock === null) return undefined;
        this.#held.add(id);
        return forLife();
      });
      // Where locks are refused nobody else holds one either.
      taken.catch(() => resolve(true));
    });
  }

  /** After a reload the page before may still have it for a moment, so this one waits in line. */
  #hold(id: string): void {
    const { locks } = this.#parts;
    if (locks === undefined || this.#held.has(id)) return;
    this.#held.add(id);
    locks.request(KEY_PREFIX + id, forLife).catch(() => undefined);
  }
}

/** A lock that is held until its page is gone. */
function forLife(): Promise<never> {
  return new Promise(() => undefined);
}
