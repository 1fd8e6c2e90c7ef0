import type { Clock } from '../../platform/clock.ts';
import { describeThrown, type Logger } from '../../platform/logger.ts';
import type { Store } from '../../store/store.ts';
import type { AnswerKeeper } from './idempotency.ts';

/** Answers to keyed requests in the store. One that cannot be kept is logged: it was given all the same. */
export function keptAnswers(parts: { store: Store; clock: Clock; logger: Logger }): AnswerKeeper {
  const { store, clock, logger } = parts;
  return {
    find(key, nowMs) {
      const row = store.keptAnswers.find(key, nowMs);
      return row === null ? null : { digest: row.digest, answer: row };
    },
    async keep(key, digest, answer, untilMs) {
      try {
        await store.committer.commit(() => store.keptAnswers.keep({ key, digest, ...answer, untilMs }, clock.now()));
      } catch (thrown) {
        logger.warn(describeThrown(thrown), 'an answer could not be kept for its idempotency key');
      }
    },
  };
}
