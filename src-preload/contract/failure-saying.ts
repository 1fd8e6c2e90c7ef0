import { timeIn } from './failure-time.ts';
import type { FAILURE_WORDS } from './failure-words.ts';

export type FailureWord = Exclude<keyof typeof FAILURE_WORDS, `_${string}`>;
export type FailureWords = Readonly<Record<keyof typeof FAILURE_WORDS, string>>;

/** What stands in a place of a sentence. A saying is a sentence, or a part of one, of its own. */
export type FailureFact = string | number | FailureSaying;

/** A sentence without its language: a name, and the facts in it. */
export interface FailureSaying {
  word: FailureWord;
  with?: Readonly<Record<string, FailureFact>>;
}

/** A sentence as a record holds it: in English, with its name beside it where it has one. */
export interface Told {
  message: string;
  said?: FailureSaying;
}

/** Sentences hold parts, and parts hold reasons: deeper than that is nothing of ours. */
const MOST_DEPTH = 4;

/** Whether something that came over a border names a sentence of these words. */
export function isSayingOf(words: Readonly<Record<string, string>>, value: unknown, depth = 0): value is FailureSaying {
  if (typeof value !== 'object' || value === null || !('word' in value) || depth > MOST_DEPTH) return false;
  const { word } = value;
  if (typeof word !== 'string' || word.startsWith('_') || !Object.hasOwn(words, word)) return false;
  if (!('with' in value) || value.with === undefined) return true;
  if (typeof value.with !== 'object' || value.with === null) return false;
  return Object.values(value.with).every(
    (fact) => typeof fact === 'string' || typeof fact === 'number' || isSayingOf(words, fact, depth + 1),
  );
}

/** The same saying with every text in it changed, in its parts as well. */
export function mapFacts(said: FailureSaying, change: (text: string) => string): FailureSaying {
  if (said.with === undefined) return said;
  const facts: Record<string, FailureFact> = {};
  for (const [name, fact] of Object.entries(said.with)) {
    if (typeof fact === 'string') facts[name] = change(fact);
    else facts[name] = typeof fact === 'number' ? fact : mapFacts(fact, change);
  }
  return { word: said.word, with: facts };
}

/** The sentence in the language of the words. A fact that is missing leaves nothing behind. */
export function sayFailure(words: FailureWords, said: FailureSaying): string {
  const facts = said.with ?? {};
  return words[said.word].replace(/\{(\w+)\}/g, (_place, name: string) => {
    // Stored before it was one wait for all: how long keys rest had a name of its own.
    const fact = facts[name] ?? (name === 'in' ? facts['for'] : undefined);
    if (fact === undefined || fact === '') return '';
    if (typeof fact === 'object') return sayFailure(words, fact);
    switch (name) {
      case 'status':
      case 'quote':
      case 'field':
        return words[`_${name}`].replace(`{${name}}`, () => String(fact));
      case 'in':
        return timeIn(words, Number(fact));
      default:
        if (typeof fact === 'string') return fact;
        return name.endsWith('Bytes') ? megabytes(fact) : fact.toLocaleString('en');
    }
  });
}

/** Bytes as a person reads them: never less than one. Both languages write large numbers alike. */
function megabytes(bytes: number): string {
  return `${Math.max(1, Math.ceil(bytes / 1e6)).toLocaleString('en')} MB`;
}
