import type { FailureFact, FailureSaying } from './failure-saying.ts';

/** How long to wait, in words; apart from the sentences, so that a page can count without loading all of them. */
export const TIME_WORDS = {
  _inNow: 'now',
  _inSecond: 'in a second',
  _inSeconds: 'in {count} seconds',
  _inMinutes: 'in {count} minutes',
} as const;

type TimeWords = Readonly<Record<keyof typeof TIME_WORDS, string>>;

/** From two minutes on nobody counts seconds. */
const MINUTES_FROM_S = 120;

export function timeIn(words: TimeWords, waitMs: number): string {
  const seconds = Math.ceil(waitMs / 1000);
  if (seconds <= 0) return words._inNow;
  if (seconds === 1) return words._inSecond;
  return seconds < MINUTES_FROM_S
    ? words._inSeconds.replace('{count}', String(seconds))
    : words._inMinutes.replace('{count}', String(Math.ceil(seconds / 60)));
}

/** How long a saying asks to wait, in milliseconds from when it was said; null where it asks for nothing. */
export function waitOf(said: FailureSaying | undefined): number | null {
  for (const [name, fact] of Object.entries(said?.with ?? {})) {
    if (name === 'in' && typeof fact === 'number') return fact;
    const inner = typeof fact === 'object' ? waitOf(fact) : null;
    if (inner !== null) return inner;
  }
  return null;
}

/** The same saying with what is left of its wait. */
export function withWait(said: FailureSaying, leftMs: number): FailureSaying {
  if (said.with === undefined) return said;
  const facts: Record<string, FailureFact> = {};
  for (const [name, fact] of Object.entries(said.with)) {
    facts[name] = name === 'in' ? leftMs : typeof fact === 'object' ? withWait(fact, leftMs) : fact;
  }
  return { word: said.word, with: facts };
}
