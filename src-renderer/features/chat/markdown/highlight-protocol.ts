import type { Language } from './languages.ts';

// What page and highlighter say to each other.

/** What a piece of code is. The page draws each kind in a colour of the theme. */
export const TOKEN_KINDS = ['plain', 'key', 'str', 'num', 'com', 'ins', 'del'] as const;

/** A line as pairs: an index into `TOKEN_KINDS`, and for how many characters it holds. */
export type HighlightedLine = readonly number[];

export interface HighlightRequest {
  id: number;
  language: Language;
  code: string;
}

/** `lines` is null where the code could not be read in its language. */
export interface HighlightAnswer {
  id: number;
  lines: HighlightedLine[] | null;
}
