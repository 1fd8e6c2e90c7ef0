import { type FailureWords, isSayingOf, sayFailure } from '#contract/failure-saying';

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
