import { useCallback, useEffect, useRef, useState } from 'react';
import type { AppError } from '#contract/errors';
import type { QueuedMessage } from '#contract/events';
import { newId } from '#contract/ids';
import { useCore } from '../../ipc/use-api.ts';
import { type FileBlock, partsOf, type QueueStanding, removalPlan, returnPlan, sentAgain } from './undo-plan.ts';

/** As long as a toast stays. */
const UNDO_MS = 6000;

interface Taken {
  item: QueuedMessage;
  /** Its place, counted from 0. */
  place: number;
}

/** Messages that were just taken away, and how. */
export interface Removal {
  taken: Taken[];
  plan: 'hold' | 'now';
}

interface RemovalParts {
  sessionId: string;
  items: readonly QueuedMessage[];
  standing: QueueStanding;
  /** Text and files that would be lost go to the composer. */
  onKeep: (text: string, files: readonly FileBlock[]) => void;
  onFailure: (error: AppError | null) => void;
}

/** Taking waiting messages away, with the way back. At most one removal can be undone: a second one settles the first. */
export function useRemoval(parts: RemovalParts): {
  removal: Removal | null;
  /** The items without those that are being taken away. */
  shown: readonly QueuedMessage[];
  remove: (ids: readonly string[]) => void;
  undo: () => void;
  /** Ends the time to undo, for whoever lets the queue go on. */
  settle: () => Promise<void>;
  /** Under pointer or focus the time stands still. */
  hold: (held: boolean) => void;
} {
  const { api } = useCore();
  const [removal, setRemoval] = useState<Removal | null>(null);
  const [held, setHeld] = useState(false);
  /** The removal that the core is being told of; says which messages it would not let go of. */
  const taking = useRef<Promise<ReadonlySet<string>>>(Promise.resolve(new Set<string>()));
  const latest = useRef({ ...parts, removal });
  useEffect(() => {
    latest.current = { ...parts, removal };
  });

  const take = useCallback(
    async (ids: readonly string[]): Promise<ReadonlySet<string>> => {
      const { sessionId, onFailure } = latest.current;
      for (const [at, queueId] of ids.entries()) {
        const answer = await api.request('chat.cancel_queued_run', { session_id: sessionId, queue_id: queueId });
        if (answer.ok) continue;
        onFailure(answer.error);
        return new Set(ids.slice(at));
      }
      return new Set();
    },
    [api],
  );

  const settle = useCallback(async () => {
    const { removal: now } = latest.current;
    if (now === null) return;
    latest.current.removal = null;
    setRemoval(null);
    if (now.plan === 'hold') await take(now.taken.map(({ item }) => item.id));
  }, [take]);

  // Whatever ends this panel ends the time to undo; a crash instead leaves the messages where they are.
  useEffect(() => () => void settle(), [settle]);

  const { paused } = parts.standing;
  useEffect(() => {
    // Somebody else lets the queue go on: nothing that is being taken away may go out with it.
    if (paused === null && latest.current.removal?.plan === 'hold') void settle();
  }, [paused, settle]);

  useEffect(() => {
    if (removal === null || held) return;
    const timer = setTimeout(() => void settle(), UNDO_MS);
    return () => clearTimeout(timer);
  }, [removal, held, settle]);

  const remove = (ids: readonly string[]) => {
    void settle();
    const wanted = new Set(ids);
    const taken = parts.items.flatMap((item, place) => (wanted.has(item.id) ? [{ item, place }] : []));
    const next: Removal = { taken, plan: removalPlan(parts.standing) };
    parts.onFailure(null);
    // A row that went from under the pointer told nobody that it was left.
    setHeld(false);
    setRemoval(next);
    if (next.plan !== 'now') return;
    taking.current = take(taken.map(({ item }) => item.id));
    void taking.current.then((left) => {
      // What is still in the queue stands there again, and has no way back of its own.
      if (left.size === 0 || latest.current.removal !== next) return;
      const gone = taken.filter(({ item }) => !left.has(item.id));
      const rest = gone.length === 0 ? null : { ...next, taken: gone };
      latest.current.removal = rest;
      setRemoval(rest);
    });
  };

  const bringBack = async ({ item, place }: Taken): Promise<void> => {
    const { sessionId, standing, onKeep, onFailure } = latest.current;
    const { text, files } = partsOf(item);
    if (returnPlan(standing) === 'compose') {
      onKeep(text, files);
      return;
    }
    // A fresh id: under the old one the core remembers that it was taken away.
    const queueId = newId();
    const answer = await api.request('chat.run', {
      session_id: sessionId,
      queue_id: queueId,
      idempotency_key: newId(),
      strategy: 'enqueue',
      ...sentAgain(item),
    });
    if (!answer.ok) {
      onFailure(answer.error);
      onKeep(text, files);
      return;
    }
    if (answer.data.status !== 'queued' || answer.data.position === place + 1) return;
    // Sent meanwhile, it has no place any more; that is no failure.
    await api.request('chat.queue_move', { session_id: sessionId, queue_id: queueId, position: place });
  };

  const undo = () => {
    const now = removal;
    setRemoval(null);
    latest.current.removal = null;
    if (now?.plan !== 'now') return;
    void taking.current.then(async (left) => {
      // A message that was never let go of would be sent twice.
      for (const each of now.taken) if (!left.has(each.item.id)) await bringBack(each);
    });
  };

  const goneIds = new Set(removal?.taken.map(({ item }) => item.id));
  return {
    removal,
    shown: goneIds.size === 0 ? parts.items : parts.items.filter((item) => !goneIds.has(item.id)),
    remove,
    undo,
    settle,
    hold: setHeld,
  };
}
