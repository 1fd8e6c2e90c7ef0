import type { Clock } from '../platform/clock.ts';
import type { UpstreamCapabilities } from './upstream-adapter.ts';

/** What an upstream can do changes when it is updated, not in between. */
const FRESH_MS = 5 * 60_000;
/** An upstream that could not be asked is asked again soon. */
const FRESH_AFTER_FAILURE_MS = 30_000;
/** Far more than anybody has profiles; addresses that were changed leave their entries behind. */
const MAX_ENTRIES = 200;

type Answer = UpstreamCapabilities | null;

interface Entry {
  /** Undefined until the first probe has ended. */
  answer: Answer | undefined;
  staleAtMs: number;
  probing: Promise<void> | null;
}

/**
 * What upstreams can do, asked once and remembered. Only the first question waits: an answer that has grown old is given
 * out at once while it is asked again behind it, so that an upstream that hangs on the question delays one run and no other.
 */
export class CapabilityCache {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The known answer, or the first one as soon as it is there. Callers that come at the same time share one question; it
   * goes on when one of them leaves. A question that fails counts as *tells nothing*.
   *
   * @param probe asks; bounded by itself.
   * @throws the reason of `signal` when it aborts while there is nothing to give yet.
   */
  async get(key: string, probe: (signal: AbortSignal) => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const entry = this.#entryOf(key);
    if (entry.answer === undefined || this.#clock.now() >= entry.staleAtMs) {
      entry.probing ??= this.#probe(entry, probe).finally(() => {
        entry.probing = null;
      });
    }
    if (entry.answer === undefined && entry.probing !== null) await orAbort(entry.probing, signal);
    return entry.answer ?? null;
  }

  /** Ends questions under way. */
  close(): void {
    this.#closing.abort();
  }

  async #probe(entry: Entry, probe: (signal: AbortSignal) => Promise<Answer>): Promise<void> {
    try {
      entry.answer = await probe(this.#closing.signal);
      entry.staleAtMs = this.#clock.now() + FRESH_MS;
    } catch {
      // Not knowing is an answer, too: the oldest surface works everywhere. What was known before still holds, and a
      // failure that matters is met again, and told, by the request that follows.
      entry.answer ??= null;
      entry.staleAtMs = this.#clock.now() + FRESH_AFTER_FAILURE_MS;
    }
  }

  #entryOf(key: string): Entry {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = { answer: undefined, staleAtMs: 0, probing: null };
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }
}

/** Waits for a promise, or throws the signal's reason as soon as it aborts. */
async function orAbort(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
