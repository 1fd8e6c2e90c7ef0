/** What a key of the keyboard means among cards; null where it means nothing. */
export type Walk = 'back' | 'on' | 'up' | 'down' | 'first' | 'last';

const WALKS: Readonly<Record<string, Walk>> = {
  ArrowLeft: 'back',
  ArrowRight: 'on',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'first',
  End: 'last',
};

export function walkOf(event: { key: string; altKey: boolean; ctrlKey: boolean; metaKey: boolean }): Walk | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  return WALKS[event.key] ?? null;
}

/**
 * The card that a step leads to, by its place in its grid; the same place where there is none. Pure.
 *
 * @param columns cards beside each other; at least 1.
 */
export function cardAfter(walk: Walk, at: number, count: number, columns: number): number {
  const last = count - 1;
  switch (walk) {
    case 'back':
      return Math.max(0, at - 1);
    case 'on':
      return Math.min(last, at + 1);
    case 'up':
      return at < columns ? at : at - columns;
    case 'down': {
      // Above a row that is shorter, down leads to its end.
      const isInLastRow = Math.floor(at / columns) === Math.floor(last / columns);
      return isInLastRow ? at : Math.min(last, at + columns);
    }
    case 'first':
      return 0;
    case 'last':
      return last;
  }
}
