import type { LinkRequest } from '#contract/links';
import { type LinkReading, readLink } from './read-link.ts';

/** Whoever opens links in a row must not bury a person in questions: the oldest unanswered one gives way. */
const MAX_WAITING = 5;

interface Waiting {
  id: string;
  reading: LinkReading;
}

/**
 * Links that wait for a person's answer. They are held in memory only, with their keys, and are gone with the process:
 * nobody is asked about a link of last week.
 */
export class LinkDesk {
  readonly #waiting: Waiting[] = [];
  readonly #parts: {
    newId: () => string;
    /** Keeps a key out of logs and error texts from now on. */
    protect: (key: string) => void;
    changed: (pending: number) => void;
  };

  constructor(parts: { newId: () => string; protect: (key: string) => void; changed: (pending: number) => void }) {
    this.#parts = parts;
  }

  /** Takes a link in, whatever it says. Never throws; a link that cannot be taken waits as its refusal. */
  offer(address: string): number {
    const reading = readLink(address);
    if (reading.kind === 'connect' && reading.key !== null) this.#parts.protect(reading.key);
    this.#waiting.push({ id: this.#parts.newId(), reading });
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.#parts.changed(this.#waiting.length);
    return this.#waiting.length;
  }

  /** What waits, oldest first, as a page may see it. */
  list(show: (id: string, reading: LinkReading) => LinkRequest): LinkRequest[] {
    return this.#waiting.map(({ id, reading }) => show(id, reading));
  }

  /** Takes one away, so that it is answered once. Null for one that is gone. */
  take(id: string): LinkReading | null {
    const at = this.#waiting.findIndex((each) => each.id === id);
    if (at < 0) return null;
    const [taken] = this.#waiting.splice(at, 1);
    this.#parts.changed(this.#waiting.length);
    return taken?.reading ?? null;
  }
}
