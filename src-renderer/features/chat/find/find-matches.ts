/** A pattern for words as they are typed: upper and lower case are one, any white space stands for any other. */
export function findPattern(query: string): RegExp | null {
  const words = query.trim();
  if (words === '') return null;
  return new RegExp(words.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/\s+/g, '\\s+'), 'giu');
}

/** Where a pattern stands in a text, as pairs of start and end. Matches do not overlap. */
export function findMatches(text: string, pattern: RegExp): [number, number][] {
  const found: [number, number][] = [];
  for (const match of text.matchAll(pattern)) found.push([match.index, match.index + match[0].length]);
  return found;
}

/**
 * Whether a text as it is written may hold the words once it is read, so that only such texts are read: every part of the
 * words that no mark can stand in is there.
 */
export function mayHold(source: string, query: string): boolean {
  const low = source.toLowerCase();
  return query
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .every((part) => low.includes(part));
}
