import { wordPatterns } from '#contract/word-patterns';

/** Parts a snippet into what matches the search and what does not, as the search itself takes words. The text stays as it is. */
export function markParts(text: string, query: string): { text: string; match: boolean }[] {
  const patterns = wordPatterns(query);
  if (patterns.length === 0) return [{ text, match: false }];
  const pattern = new RegExp(`(${patterns.map(({ source }) => source).join('|')})`, 'giu');
  return text
    .split(pattern)
    .map((part, index) => ({ text: part, match: index % 2 === 1 }))
    .filter((part) => part.text !== '');
}
