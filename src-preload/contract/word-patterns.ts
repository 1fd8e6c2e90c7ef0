/** Letters with marks by the letter below them, as the search takes them for one: `e` → `eèéêë…`. Made on first use. */
let variants: Map<string, string> | null = null;

function variantsOf(letter: string): string {
  if (variants === null) {
    variants = new Map();
    for (const [from, to] of [
      [0xc0, 0x24f],
      [0x1e00, 0x1eff],
    ] as const)
      for (let code = from; code <= to; code++) {
        const marked = String.fromCharCode(code);
        const base = baseOf(marked);
        if (base !== marked) variants.set(base, `${variants.get(base) ?? base}${marked}`);
      }
  }
  return variants.get(letter) ?? letter;
}

/** A letter without what stands above and below it. */
function baseOf(letter: string): string {
  return letter.normalize('NFD').replace(/\p{M}+/gu, '');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function patternOf(word: string): string {
  return Array.from(word, (sign) => {
    const all = variantsOf(baseOf(sign));
    return all.length === 1 ? escaped(sign) : `[${all}]\\p{M}*`;
  }).join('');
}

/**
 * A pattern for each word of a search: upper and lower case are one, and so are letters with marks and without, as in the
 * index. A word is looked for as it was typed first, then without the signs around it: `"lease"` finds lease.
 */
export function wordPatterns(query: string): RegExp[] {
  return query
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => {
      const core = word.replace(/^[^\p{L}\p{N}\p{M}_]+|[^\p{L}\p{N}\p{M}_]+$/gu, '');
      return new RegExp([word, ...(core === word || core === '' ? [] : [core])].map(patternOf).join('|'), 'iu');
    });
}
