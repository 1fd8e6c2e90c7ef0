import { create } from 'zustand';
import type { RouteInput } from '#contract/routes';

/** What is searched for, kept while the reader looks at what was found. */
export interface SearchWish {
  query: string;
  role: 'user' | 'assistant' | 'tool' | null;
  model: string | null;
  tag: string | null;
  /** How far back, in days; null for ever. */
  days: number | null;
  hasCode: boolean;
  session: { id: string; title: string } | null;
}

const NOTHING: SearchWish = {
  query: '',
  role: null,
  model: null,
  tag: null,
  days: null,
  hasCode: false,
  session: null,
};

interface SearchState {
  wish: SearchWish;
  change(part: Partial<SearchWish>): void;
}

export const useSearchStore = create<SearchState>()((set) => ({
  wish: NOTHING,
  change: (part) => set(({ wish }) => ({ wish: { ...wish, ...part } })),
}));

/** Hits that are asked for; more than this nobody reads. */
export const HIT_LIMIT = 200;

/** The question to the core. A day ends at the reader's own midnight. A pure decision. */
export function questionOf(wish: SearchWish, now: Date): RouteInput<'sessions.search'> {
  const { role, model, tag, days, hasCode, session } = wish;
  return {
    query: wish.query.trim(),
    limit: HIT_LIMIT,
    ...(role === null ? {} : { role }),
    ...(model === null ? {} : { model }),
    ...(tag === null ? {} : { tag }),
    ...(hasCode ? { hasCode } : {}),
    ...(session === null ? {} : { sessionId: session.id }),
    ...(days === null
      ? {}
      : { fromMs: new Date(now.getFullYear(), now.getMonth(), now.getDate() - days + 1).getTime() }),
  };
}
