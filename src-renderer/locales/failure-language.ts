import { type FailureSaying, type FailureWords, isSayingOf, sayFailure } from '#contract/failure-saying';
import { TIME_WORDS, timeIn, waitOf, withWait } from '#contract/failure-time';

/** Null while English is spoken: the core's sentences are. */
let words: FailureWords | null = null;

/** Says failures in these words from now on; null for the core's own. */
export function speakFailures(next: FailureWords | null): void {
  words = next;
}

/** A failure's sentence in the language that is spoken, where it has a name there; else as the core said it. */
export function failureSentence(message: string, said: unknown): string {
  return words === null || !isSayingOf(words, said) ? message : sayFailure(words, said);
}

/**
 * The same sentence some time later, with what is left of the wait that it names; at 0 it says that it can be tried now.
 * English sentences are as the core said them, so the wait is found by its words there.
 */
export function countedSentence(message: string, said: FailureSaying, leftMs: number): string {
  const waitMs = waitOf(said);
  if (waitMs === null) return failureSentence(message, said);
  if (words === null) return message.replace(timeIn(TIME_WORDS, waitMs), () => timeIn(TIME_WORDS, leftMs));
  return failureSentence(message, withWait(said, leftMs));
}
