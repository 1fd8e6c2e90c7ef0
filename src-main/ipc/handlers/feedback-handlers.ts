import { failureOf } from '../../platform/app-failure.ts';
import { type FeedbackDesk, toVote } from '../../runs/feedback-desk.ts';
import type { Store } from '../../store/store.ts';
import type { Handlers } from '../router.ts';

type FeedbackHandlers = Pick<Handlers, Extract<keyof Handlers, `feedback.${string}`>>;

/** The window's thumbs. */
export function createFeedbackHandlers({ desk, store }: { desk: FeedbackDesk; store: Store }): FeedbackHandlers {
  return {
    'feedback.list': ({ sessionId }) => ({ votes: desk.votesIn(sessionId) }),
    'feedback.set': async ({ sessionId, runId, rating }) => {
      const run = store.runs.get(runId);
      if (run === null || run.sessionId !== sessionId) {
        throw failureOf('not_found', { word: 'no_answer_here' });
      }
      const voted = { id: run.id, sessionId };
      if (rating !== null) return { vote: toVote(await desk.vote(voted, { rating })) };
      await desk.takeBack(voted);
      return { vote: null };
    },
  };
}
