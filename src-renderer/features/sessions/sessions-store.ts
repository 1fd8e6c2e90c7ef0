import { create } from 'zustand';
import type { AppError } from '#contract/errors';
import type { SessionRecord } from '#contract/records';
import type { SluiceApi } from '#contract/routes';

interface SessionsState {
  /** `null` until the first answer. */
  sessions: SessionRecord[] | null;
  problem: AppError | null;
  load(api: SluiceApi): Promise<void>;
  put(session: SessionRecord): void;
  drop(sessionId: string): void;
}

let newestLoad = 0;

export const useSessionsStore = create<SessionsState>()((set) => ({
  sessions: null,
  problem: null,
  async load(api) {
    const load = ++newestLoad;
    const answer = await api.request('sessions.list', {});
    // Of two answers under way only the one asked for last counts.
    if (load !== newestLoad) return;
    set(answer.ok ? { sessions: answer.data.sessions, problem: null } : { problem: answer.error });
  },
  put: (session) =>
    set((state) => ({
      sessions: [session, ...(state.sessions ?? []).filter((known) => known.id !== session.id)],
    })),
  drop: (sessionId) =>
    set((state) => ({ sessions: state.sessions?.filter((known) => known.id !== sessionId) ?? null })),
}));
