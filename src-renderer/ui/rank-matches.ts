/**
 * How well a name fits what was typed; null where it does not. Lower is better: the whole name, its beginning, the beginning
 * of a word, somewhere within, then every typed word somewhere, then its letters in order. Case and accents do not count.
 */
export function matchRank(name: string, typed: string): number | null {
  const text = plain(name);
  const query = plain(typed).trim();
  if (query === '') return 0;
  if (text === query) return 0;
  const at = text.indexOf(query);
  if (at === 0) return 1;
  if (at > 0) return /[\p{L}\p{N}]/u.test(text[at - 1] ?? '') ? 3 : 2;
  const words = query.split(/\s+/);
  if (words.length > 1 && words.every((word) => text.includes(word))) return 4;
  // Letters in order catch "ncc" for "New chat"; of a long text they would catch nearly everything.
  return query.length >= 2 && text.length <= 60 && inOrder(text, query.replace(/\s+/g, '')) ? 5 : null;
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Whether the letters stand in this order, the first one at the beginning of a word. */
function inOrder(text: string, letters: string): boolean {
  const first = letters[0] ?? '';
  for (let start = 0; start < text.length; start++) {
    if (text[start] !== first || /[\p{L}\p{N}]/u.test(text[start - 1] ?? ' ')) continue;
    let at = start;
    let found = 1;
    while (found < letters.length) {
      at = text.indexOf(letters[found] ?? '', at + 1);
      if (at < 0) break;
      found += 1;
    }
    if (found === letters.length) return true;
  }
  return false;
}

/** Those that fit, the best first; equals stay in their order. */
export function rankMatches<Item>(items: readonly Item[], nameOf: (item: Item) => string, typed: string): Item[] {
  return items
    .map((item, index) => ({ item, index, rank: matchRank(nameOf(item), typed) }))
    .filter((each): each is { item: Item; index: number; rank: number } => each.rank !== null)
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map((each) => each.item);
}
