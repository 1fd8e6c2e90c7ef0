import { useCallback, useEffect, useState } from 'react';
import type { LinkOutcome, LinkRequest } from '#contract/links';
import { useCore } from '../../ipc/use-api.ts';

/** The link that waits longest for an answer, and how to answer it. */
export interface WaitingLink {
  link: LinkRequest | null;
  /** Why the last answer could not be carried out; null for none. */
  problem: string | null;
  answer: (id: string, accept: boolean) => Promise<void>;
  forget: () => void;
}

/** @param onDone hears what came of an answer. */
export function useLinks(onDone: (outcome: LinkOutcome) => void): WaitingLink {
  const { api } = useCore();
  const [links, setLinks] = useState<LinkRequest[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    const load = () =>
      // A host that cannot be reached is told elsewhere; links wait there.
      void api.request('links.pending', {}).then((answer) => {
        if (current && answer.ok) setLinks(answer.data.links);
      });
    load();
    const off = api.onEvent((event) => {
      if (event.event === 'links.changed') load();
    });
    // A link that came before the line stood was told to nobody here.
    const offConnection = api.onConnection((state) => {
      if (state === 'up') load();
    });
    return () => {
      current = false;
      off();
      offConnection();
    };
  }, [api]);
  const answer = useCallback(
    async (id: string, accept: boolean) => {
      setLinks((waiting) => waiting.filter((link) => link.id !== id));
      const said = await api.request('links.answer', { id, accept });
      if (said.ok) onDone(said.data);
      else if (accept) setProblem(said.error.message);
    },
    [api, onDone],
  );
  return { link: links[0] ?? null, problem, answer, forget: () => setProblem(null) };
}
