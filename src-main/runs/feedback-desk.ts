import type { Vote } from '#contract/records';
import { failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { FeedbackRow } from '../store/feedback-repository.ts';
import type { Store } from '../store/store.ts';

/** There is one user (decision 21); every stored vote names them, so that a second one would be another. */
export const LOCAL_USER = 'local';

export interface FeedbackDeskParts {
  store: Store;
  clock: Clock;
  newId: () => string;
  /** Tells every viewer what a person thinks of a run now. */
  announce: (sessionId: string, runId: string, vote: Vote | null) => void;
}

/** A run that can be voted on. */
export interface VotedRun {
  id: string;
  sessionId: string;
}

export function toVote(row: FeedbackRow): Vote {
  return { runId: row.runId, rating: row.rating, comment: row.comment };
}

/** Votes on answers, whoever casts them: the window's thumbs and other programs share one for each run. */
export class FeedbackDesk {
  readonly #parts: FeedbackDeskParts;

  constructor(parts: FeedbackDeskParts) {
    this.#parts = parts;
  }

  /** The person's votes in a conversation. */
  votesIn(sessionId: string): Vote[] {
    return [...this.#parts.store.feedback.byRun(sessionId, LOCAL_USER).values()].map(toVote);
  }

  /**
   * Votes on a run, or changes the vote.
   *
   * @param vote.comment absent keeps the one that there is.
   * @param options.isNew refuses where there is one already.
   * @throws AppFailure `conflict`, `not_found` for a message of another run, `storage_*`.
   */
  async vote(
    run: VotedRun,
    vote: { rating: 1 | -1; comment?: string | null; messageId?: string | null },
    options: { isNew?: boolean } = {},
  ): Promise<FeedbackRow> {
    const { store, clock, newId, announce } = this.#parts;
    const stored = await store.committer.commit(() => {
      const [known] = store.feedback.ofRun(run.sessionId, run.id, LOCAL_USER, 1);
      if (options.isNew === true && known !== undefined) {
        throw failureOf('conflict', { word: 'vote_there' });
      }
      const messageId = vote.messageId ?? null;
      if (messageId !== null && !store.messages.ofRun(run.id).some((row) => row.id === messageId)) {
        throw failureOf('not_found', { word: 'run_no_message' });
      }
      const row = {
        id: newId(),
        sessionId: run.sessionId,
        runId: run.id,
        userId: LOCAL_USER,
        messageId,
        rating: vote.rating,
        comment: vote.comment === undefined ? (known?.comment ?? null) : vote.comment,
      };
      return store.feedback.upsert(row, clock.now());
    });
    announce(run.sessionId, run.id, toVote(stored));
    return stored;
  }

  /**
   * Takes votes back.
   *
   * @param feedbackId that one; the person's own when absent.
   * @returns whether there was one.
   */
  async takeBack(run: VotedRun, feedbackId?: string): Promise<boolean> {
    const { store, announce } = this.#parts;
    const removed = await store.committer.commit(() =>
      feedbackId === undefined
        ? store.feedback.removeOwn(run.sessionId, run.id, LOCAL_USER)
        : store.feedback.remove(feedbackId, run.sessionId, run.id, LOCAL_USER),
    );
    if (removed) announce(run.sessionId, run.id, null);
    return removed;
  }
}
