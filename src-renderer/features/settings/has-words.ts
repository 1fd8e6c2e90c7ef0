import { wordPatterns } from '#contract/word-patterns';

/** Whether every word that was typed stands in one of the texts. Nothing typed stands everywhere. */
export function hasWords(query: string, texts: readonly string[]): boolean {
  return wordPatterns(query).every((pattern) => texts.some((text) => pattern.test(text)));
}
