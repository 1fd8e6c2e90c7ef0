const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const STRANGE = 'àƀçđéƒğĥíĵķĺɱñóƥɋřšťúṽŵẋýžÀƁÇĐÉƑĞĤÍĴĶĹṀÑÓƤɊŘŠŤÚṼŴẊÝŽ';

/** A text with its letters changed, a third longer, in brackets. What is filled in later stays as it is. */
export function pseudoText(text: string): string {
  const changed = text.replace(/\{\{.*?\}\}|[a-zA-Z]/gu, (part) => {
    const at = part.length === 1 ? PLAIN.indexOf(part) : -1;
    return at < 0 ? part : (STRANGE[at] ?? part);
  });
  return `⟦${changed}${'·'.repeat(Math.floor(text.length / 3))}⟧`;
}

/** Words of a language with every text changed, in the same tree. */
export function pseudo(words: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(words).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'string'
        ? pseudoText(value)
        : typeof value === 'object' && value !== null
          ? pseudo(value)
          : value,
    ]),
  );
}
