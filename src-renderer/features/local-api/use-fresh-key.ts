import { useCallback, useEffect, useState } from 'react';
import { useCore } from '../../ipc/use-api.ts';
import { activeClients, useLocalApiStore } from './local-api-store.ts';

/** Long enough to copy it and to paste it somewhere. */
const KEPT_MS = 5 * 60_000;

interface FreshKey {
  /** What the key was made for. */
  id: string;
  name: string;
  secret: string;
}

/**
 * A key that was made for one thing, in memory only: it is forgotten after five minutes, with the page, and when another
 * one is made. Keys cannot be read again, so a new one is the only way to show one.
 */
export function useFreshKey(): {
  fresh: FreshKey | null;
  problem: string | null;
  make: (id: string, name: string) => Promise<void>;
  forget: () => void;
} {
  const { api } = useCore();
  const [fresh, setFresh] = useState<FreshKey | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const forget = useCallback(() => setFresh(null), []);
  useEffect(() => {
    if (fresh === null) return undefined;
    const timer = setTimeout(forget, KEPT_MS);
    return () => clearTimeout(timer);
  }, [fresh, forget]);
  const make = useCallback(
    async (id: string, name: string) => {
      const { state, createClient } = useLocalApiStore.getState();
      const taken = new Set(state === null ? [] : activeClients(state).map((client) => client.name));
      const answer = await createClient(api, freeName(name, taken));
      if ('code' in answer) return setProblem(answer.message);
      setProblem(null);
      setFresh({ id, name: answer.client.name, secret: answer.key });
    },
    [api],
  );
  return { fresh, problem, make, forget };
}

/** The name itself, or with the first number that makes it one of its own. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name} ${number}`)) number += 1;
  return `${name} ${number}`;
}
