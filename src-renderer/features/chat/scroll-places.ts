import { draftShelf } from './draft-store.ts';

/** Where a reader was in a conversation: at a message, not at a pixel, since what stands above it may become higher. */
export interface ScrollPlace {
  messageId: string;
  /** From the top of the window to the top of the message; negative where it begins above it. */
  offsetPx: number;
  /** The newest message at that time: a newer one is news. */
  newestId: string | null;
}

type Shelf = Pick<Storage, 'getItem' | 'setItem'>;

const KEY = 'sluice.places';
/** Conversations beyond this many are forgotten, the one that was left longest ago first. */
const MOST_PLACES = 200;

/** The places by conversation, oldest first. Whoever was at the end has none: they follow the end. */
export class ScrollPlaces {
  readonly #shelf: Shelf | null;
  readonly #places: Map<string, ScrollPlace>;

  constructor(shelf: Shelf | null) {
    this.#shelf = shelf;
    this.#places = new Map(read(shelf));
  }

  of(sessionId: string): ScrollPlace | null {
    return this.#places.get(sessionId) ?? null;
  }

  /** @param place null for a conversation that was left at its end. */
  leave(sessionId: string, place: ScrollPlace | null): void {
    if (!this.#places.delete(sessionId) && place === null) return;
    if (place !== null) this.#places.set(sessionId, place);
    for (const [oldest] of this.#places) {
      if (this.#places.size <= MOST_PLACES) break;
      this.#places.delete(oldest);
    }
    try {
      this.#shelf?.setItem(KEY, JSON.stringify([...this.#places]));
    } catch {
      // A storage that is full keeps what it has: the place is lost with the window, and nothing else.
    }
  }
}

function read(shelf: Shelf | null): [string, ScrollPlace][] {
  try {
    const kept: unknown = JSON.parse(shelf?.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isPlace) : [];
  } catch {
    // Written by something else, or forbidden: everybody starts at the end.
    return [];
  }
}

function isPlace(entry: unknown): entry is [string, ScrollPlace] {
  if (!Array.isArray(entry) || typeof entry[0] !== 'string') return false;
  const place: unknown = entry[1];
  if (typeof place !== 'object' || place === null) return false;
  return (
    'messageId' in place &&
    typeof place.messageId === 'string' &&
    'offsetPx' in place &&
    Number.isFinite(place.offsetPx) &&
    'newestId' in place &&
    (place.newestId === null || typeof place.newestId === 'string')
  );
}

export const scrollPlaces = new ScrollPlaces(draftShelf);
