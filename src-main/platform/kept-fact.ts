import type { FailureFact } from '#contract/failure-saying';
import { isFailureSaying } from '#contract/failure-words';

/**
 * A part of a sentence as one column of text keeps it: a saying as JSON, so that it can be told in any language later on, and
 * words of somebody else as they are.
 */
export function keepFact(fact: FailureFact): string {
  return typeof fact === 'object' ? JSON.stringify(fact) : String(fact);
}

/** What `keepFact` wrote. Anything else, rows of earlier versions included, is a text. */
export function readFact(text: string): FailureFact {
  if (!text.startsWith('{')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return isFailureSaying(value) ? value : text;
  } catch {
    // A provider's own words that happen to begin with a brace.
    return text;
  }
}
