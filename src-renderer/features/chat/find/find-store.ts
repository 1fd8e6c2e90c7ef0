import { create } from 'zustand';

/** One place where the words stand: the `nth` of its message, from 0. */
export interface FindMatch {
  turnKey: string;
  messageId: string;
  nth: number;
}

interface FindState {
  /** The conversation that is looked through; null while nothing is. */
  sessionId: string | null;
  query: string;
  matches: readonly FindMatch[];
  /** Which of them is looked at; -1 for none. */
  at: number;
  /** Older messages are still looked through. */
  searching: boolean;
  open(sessionId: string, query?: string): void;
  close(): void;
  ask(query: string): void;
}

const NOTHING = { matches: [], at: -1, searching: false };

/** What is looked for in the open conversation. The view of the conversation fills in what was found. */
export const useFindStore = create<FindState>()((set) => ({
  sessionId: null,
  query: '',
  ...NOTHING,
  open: (sessionId, query) =>
    set((state) => ({
      sessionId,
      query: query ?? (state.sessionId === sessionId ? state.query : ''),
      ...(query === undefined && state.sessionId === sessionId ? {} : NOTHING),
    })),
  close: () => set({ sessionId: null, ...NOTHING }),
  ask: (query) => set({ query, ...NOTHING }),
}));

export function currentMatch(state: Pick<FindState, 'matches' | 'at'>): FindMatch | null {
  return state.matches[state.at] ?? null;
}
