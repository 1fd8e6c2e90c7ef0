import { create } from 'zustand';
import type { AppError } from '#contract/errors';
import type { Vote } from '#contract/records';
import type { SluiceApi } from '#contract/routes';

interface VoteState {
  /** Votes by run, for each conversation that was asked for. */
  bySession: Readonly<Record<string, Readonly<Record<string, Vote>>>>;
  /** Loads a conversation's votes once. */
  ensure(api: SluiceApi, sessionId: string): Promise<void>;
  /** Asks again for all that are shown: the line was cut, and nobody told what happened meanwhile. */
  reload(api: SluiceApi): Promise<void>;
  /** Somebody voted, here or through the runs API. */
  hear(sessionId: string, runId: string, vote: Vote | null): void;
  /** Returns the core's refusal; the thumb is then as it was. */
  cast(api: SluiceApi, sessionId: string, runId: string, rating: 1 | -1 | null): Promise<AppError | null>;
}

export const useVoteStore = create<VoteState>()((set, get) => {
  /** Conversations that are being asked for: every turn asks, and one question is enough. */
  const asking = new Set<string>();
  const load = async (api: SluiceApi, sessionId: string) => {
    asking.add(sessionId);
    const answer = await api.request('feedback.list', { sessionId });
    asking.delete(sessionId);
    if (!answer.ok) return;
    const votes = Object.fromEntries(answer.data.votes.map((vote) => [vote.runId, vote]));
    set(({ bySession }) => ({ bySession: { ...bySession, [sessionId]: votes } }));
  };
  return {
    bySession: {},
    async ensure(api, sessionId) {
      if (get().bySession[sessionId] === undefined && !asking.has(sessionId)) await load(api, sessionId);
    },
    async reload(api) {
      await Promise.all(Object.keys(get().bySession).map((sessionId) => load(api, sessionId)));
    },
    hear(sessionId, runId, vote) {
      const known = get().bySession[sessionId];
      // What nobody looks at is loaded when somebody does.
      if (known === undefined) return;
      const { [runId]: _, ...others } = known;
      const votes = vote === null ? others : { ...others, [runId]: vote };
      set(({ bySession }) => ({ bySession: { ...bySession, [sessionId]: votes } }));
    },
    async cast(api, sessionId, runId, rating) {
      const before = get().bySession[sessionId]?.[runId] ?? null;
      get().hear(sessionId, runId, rating === null ? null : { runId, rating, comment: before?.comment ?? null });
      const answer = await api.request('feedback.set', { sessionId, runId, rating });
      if (!answer.ok) get().hear(sessionId, runId, before);
      return answer.ok ? null : answer.error;
    },
  };
});
