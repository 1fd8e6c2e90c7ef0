import { describe, expect, it } from 'vitest';
import { useChatStore } from './features/chat/chat-store.ts';
import { isReload, rememberSession } from './remember-session.ts';
import { UnsentSessions } from './unsent-sessions.ts';

/** What windows of one browser share: a storage, and locks that end with their window. */
function browser() {
  const kept = new Map<string, string>();
  const shelf = {
    get length() {
      return kept.size;
    },
    key: (index: number) => [...kept.keys()][index] ?? null,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const owners = new Map<string, object>();
  return {
    kept,
    openWindow(withLocks = true) {
      const me = {};
      const request = async (name: string, ...rest: unknown[]) => {
        const then = rest.at(-1) as (lock: Lock | null) => unknown;
        const isFree = !owners.has(name) || owners.get(name) === me;
        // Who waits in line gets no word in these tests.
        if (!isFree && rest.length === 1) return new Promise(() => undefined);
        if (isFree) owners.set(name, me);
        return then(isFree ? ({ name } as Lock) : null);
      };
      const unsent = new UnsentSessions({
        shelf,
        locks: withLocks ? { request } : undefined,
      });
      return {
        unsent,
        close: () => {
          for (const [name, owner] of owners) if (owner === me) owners.delete(name);
        },
      };
    },
  };
}

/** A store of one window, which has a new conversation of this id. */
function storeWith(newId: string) {
  let state = { ...useChatStore.getInitialState(), newId, currentId: newId };
  const heard = new Set<(now: typeof state) => void>();
  return {
    getState: () => state,
    setState: (next: Partial<typeof state>) => {
      state = { ...state, ...next };
      for (const listener of heard) listener(state);
    },
    subscribe: (listener: (now: typeof state) => void) => {
      heard.add(listener);
      return () => heard.delete(listener);
    },
  };
}

function storage(entries: Record<string, string> = {}) {
  const kept = new Map(Object.entries(entries));
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

describe('a conversation that is yet to begin', () => {
  it('[E12] is taken up by the next window once its own is gone, and by none before', async () => {
    const shared = browser();
    const one = shared.openWindow();
    one.unsent.follow(storeWith('a'), () => 1);
    const two = shared.openWindow();
    expect(await two.unsent.adopt(() => true)).toBeNull();
    two.unsent.follow(storeWith('b'), () => 2);
    one.close();
    expect(await shared.openWindow().unsent.adopt(() => true)).toBe('a');
    // Whoever took it up keeps it.
    expect(await shared.openWindow().unsent.adopt(() => true)).toBeNull();
  });

  it('[E12] one with something in it goes before an empty one, and a newer one before an older one', async () => {
    const shared = browser();
    for (const [id, atMs] of [
      ['older', 1],
      ['newer', 2],
      ['empty', 3],
    ] as const) {
      const window = shared.openWindow();
      window.unsent.follow(storeWith(id), () => atMs);
      window.close();
    }
    const taken = [];
    for (let times = 0; times < 4; times++) taken.push(await shared.openWindow().unsent.adopt((id) => id !== 'empty'));
    expect(taken).toEqual(['newer', 'older', 'empty', null]);
  });

  it('[E12] that has begun is none any more', async () => {
    const shared = browser();
    const window = shared.openWindow();
    const store = storeWith('a');
    window.unsent.follow(store, () => 1);
    store.setState({ newId: 'b' });
    expect([...shared.kept.keys()]).toEqual(['sluice.unsent.b']);
    window.close();
    expect(await shared.openWindow().unsent.adopt(() => true)).toBe('b');
  });

  it('[E12] comes back where a browser has no locks, too', async () => {
    const shared = browser();
    shared.openWindow(false).unsent.follow(storeWith('a'), () => 1);
    expect(await shared.openWindow(false).unsent.adopt(() => true)).toBe('a');
  });
});

describe('the conversation of a window', () => {
  it('[E12] is the same after a reload, with the one that is yet to begin beside it', () => {
    const session = storage();
    const before = storeWith('new');
    rememberSession(before, session);
    expect(isReload(session)).toBe(true);
    before.setState({ currentId: 'a', isNew: false });
    const after = storeWith('fresh');
    rememberSession(after, session, 'of another window');
    expect(after.getState()).toMatchObject({ currentId: 'a', isNew: false, newId: 'new' });
  });

  it('[E12] begins with the one that was taken up, else with one of its own', () => {
    const adopting = storeWith('fresh');
    rememberSession(adopting, storage(), 'left');
    expect(adopting.getState()).toMatchObject({ currentId: 'left', isNew: true, newId: 'left' });
    const first = storeWith('fresh');
    rememberSession(first, storage());
    expect(first.getState()).toMatchObject({ currentId: 'fresh', isNew: true, newId: 'fresh' });
    expect(isReload(storage())).toBe(false);
  });

  it('[E12] what an older version kept is read, too', () => {
    const store = storeWith('fresh');
    rememberSession(store, storage({ 'sluice.session': 'new:old' }));
    expect(store.getState()).toMatchObject({ currentId: 'old', isNew: true, newId: 'old' });
  });
});
