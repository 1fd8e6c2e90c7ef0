import type { EventDraft } from '#contract/events';
import type { Clock } from '../platform/clock.ts';

/** How long text may wait for company. Two frames at 60 Hz: not seen, and a fast stream makes 33 commits a second. */
export const COALESCE_MS = 30;
/** Text that is this long goes at once. UTF-16 units; near enough to 4 KiB for a bound. */
export const COALESCE_CHARS = 4096;

type Delta = Extract<EventDraft, { event: 'message.delta' | 'reasoning.delta' }>;

function isDelta(draft: EventDraft): draft is Delta {
  return draft.event === 'message.delta' || draft.event === 'reasoning.delta';
}

/** Joins neighbours that belong to the same text of the same row. The first one's timestamp stays (decision 7). */
export function joinDeltas(drafts: readonly EventDraft[]): EventDraft[] {
  const joined: EventDraft[] = [];
  for (const draft of drafts) {
    const last = joined.at(-1);
    if (
      last !== undefined &&
      isDelta(last) &&
      isDelta(draft) &&
      last.event === draft.event &&
      last.message_id === draft.message_id
    ) {
      const delta = last.delta + draft.delta;
      joined[joined.length - 1] =
        last.event === 'reasoning.delta' ? { ...last, delta, text: delta } : { ...last, delta };
    } else {
      joined.push(draft);
    }
  }
  return joined;
}

/**
 * Gathers a run's events into few writes. The first part after a pause goes at once, later ones wait up to 30 ms or
 * 4 KiB; an event that is not text takes everything before it along. Order is kept, nothing is dropped.
 */
export class DeltaCoalescer {
  readonly #clock: Clock;
  readonly #write: (drafts: EventDraft[]) => Promise<void>;
  #waiting: EventDraft[] = [];
  #waitingChars = 0;
  #cancelTimer: (() => void) | null = null;
  #lastFlushMs = Number.NEGATIVE_INFINITY;
  #tail: Promise<void> = Promise.resolve();
  #failure: { cause: unknown } | null = null;

  /** @param write stores a batch; its promise settles after the commit. */
  constructor(clock: Clock, write: (drafts: EventDraft[]) => Promise<void>) {
    this.#clock = clock;
    this.#write = write;
  }

  /** Takes a part. @throws what an earlier write failed with: a run whose text cannot be stored must not go on. */
  push(draft: EventDraft): void {
    if (this.#failure !== null) throw this.#failure.cause;
    this.#waiting.push(draft);
    if (!isDelta(draft)) {
      this.#send();
      return;
    }
    this.#waitingChars += draft.delta.length;
    const restMs = this.#lastFlushMs + COALESCE_MS - this.#clock.now();
    if (this.#waitingChars >= COALESCE_CHARS || restMs <= 0) this.#send();
    else this.#cancelTimer ??= this.#clock.after(restMs, () => this.#send());
  }

  #send(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.#waiting.length === 0) return;
    const drafts = joinDeltas(this.#waiting);
    this.#waiting = [];
    this.#waitingChars = 0;
    this.#lastFlushMs = this.#clock.now();
    const written = this.#write(drafts).catch((thrown: unknown) => {
      this.#failure ??= { cause: thrown };
    });
    this.#tail = Promise.all([this.#tail, written]).then(() => undefined);
  }

  /** Sends what waits and settles when all of it is stored. @throws what a write failed with. */
  async flush(): Promise<void> {
    this.#send();
    await this.#tail;
    if (this.#failure !== null) throw this.#failure.cause;
  }
}
