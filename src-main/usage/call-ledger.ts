import type { CallCaller, CallPurpose, UsageCall } from '#contract/usage-report';
import type { PictureRule } from '../compressor/image-tokens.ts';
import type { UpstreamRequest } from '../gateway/upstream-adapter.ts';
import { AppFailure } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { Store } from '../store/store.ts';
import { CallTrack } from './call-track.ts';
import { settleCall } from './settle-call.ts';
import { estimateRequest } from './token-tally.ts';

/** On whose behalf a call is made. */
export interface CallSubject {
  /** Names the start; its calls are `<id>#1`, `<id>#2` … */
  id: string;
  runId: string | null;
  sessionId: string | null;
  profile: string;
  model: string | null;
  caller: CallCaller;
  /** The program's key on whose behalf it is made; absent where a person asked. */
  clientId?: string | null;
  purpose: CallPurpose;
}

export interface CallLedgerParts {
  store: Store;
  clock: Clock;
  logger: Logger;
  prices: {
    prepare(profile: string, model: string | null): Promise<void>;
    find(profile: string, model: string | null, atMs: number): UsageCall['price'];
  };
  /** The model that a profile calls when none is named. */
  defaultModelOf: (profile: string) => string | null;
  /** By whose rule a profile's upstream counts pictures. */
  picturesOf: (profile: string) => PictureRule;
  /** What a key is called now. */
  labelOf: (credentialId: string) => string | null;
  /** Rejects when a budget allows no new call, or the cap of the program that asks. */
  assertMayCall: (clientId: string | null) => Promise<void>;
}

interface EndedCalls {
  booked: UsageCall[];
  dropped: string[];
}

/**
 * The books about calls to upstreams. A call is written down before it leaves, and booked once when its fate is known:
 * with its run's end, at once where nobody accepted it, or after a restart for what a dead process left.
 */
export class CallLedger {
  readonly #parts: CallLedgerParts;
  /** What ended in this turn and is to be booked at its end. */
  #ended: EndedCalls | null = null;

  constructor(parts: CallLedgerParts) {
    this.#parts = parts;
  }

  /**
   * Opens the books for one start. To be asked before each start, because it is also what budgets stop.
   *
   * @param request what is asked, or about how many tokens it has where nobody here reads it.
   * @throws AppFailure `budget_reached`.
   */
  async begin(subject: CallSubject, request: UpstreamRequest | { inputTokens: number }): Promise<CallTrack> {
    const { prices, assertMayCall, defaultModelOf, picturesOf } = this.#parts;
    await assertMayCall(subject.clientId ?? null);
    const isCounted = 'inputTokens' in request;
    const model = (isCounted ? null : request.model) ?? subject.model ?? defaultModelOf(subject.profile);
    await prices.prepare(subject.profile, model);
    return new CallTrack(
      this.#trackParts(),
      { ...subject, model },
      isCounted ? request.inputTokens : estimateRequest(request, picturesOf(subject.profile)),
    );
  }

  /** Goes on with the books of a run that an earlier process started. */
  resume(subject: CallSubject): CallTrack {
    const model = subject.model ?? this.#parts.defaultModelOf(subject.profile);
    const open = this.#parts.store.usage.openOfRun(subject.id).at(-1) ?? null;
    return new CallTrack(this.#trackParts(), { ...subject, model }, null, open);
  }

  #trackParts() {
    const { store, clock, logger, prices, labelOf } = this.#parts;
    return {
      clock,
      labelOf,
      priceOf: (profile: string, model: string | null, atMs: number) => prices.find(profile, model, atMs),
      open: async (draft: UsageCall) => {
        try {
          await store.committer.commit(() => store.usage.open(draft));
        } catch (thrown) {
          // The answer is wanted all the same; its end books the call with it, unless the process dies before.
          logger.warn(describeThrown(thrown), 'a call could not be written down before it left');
        }
      },
      close: (booked: readonly UsageCall[], dropped: readonly string[]) => this.#close(booked, dropped),
    };
  }

  /** What ends in one turn of the event loop is booked together, which costs half of booking each call by itself. */
  #close(booked: readonly UsageCall[], dropped: readonly string[]): void {
    if (this.#ended !== null) {
      this.#ended.booked.push(...booked);
      this.#ended.dropped.push(...dropped);
      return;
    }
    const ended: EndedCalls = { booked: [...booked], dropped: [...dropped] };
    this.#ended = ended;
    this.#write(ended);
  }

  #write(ended: EndedCalls): void {
    const { store, logger } = this.#parts;
    // Whatever ends from here on is booked by itself, also where this is tried again.
    const closed = () => {
      if (this.#ended === ended) this.#ended = null;
    };
    store.committer
      .commit(
        () => {
          closed();
          store.usage.book(ended.booked);
          store.usage.drop(ended.dropped);
        },
        { patient: true },
      )
      .catch((thrown: unknown) => {
        closed();
        // What was written down stays so, and the next start books it.
        if (thrown instanceof AppFailure && thrown.code === 'shutting_down') return;
        const { booked, dropped } = ended;
        if (booked.length + dropped.length > 1 && !(thrown instanceof AppFailure)) {
          // One of them was refused: the others are not to suffer for it.
          for (const call of booked) this.#write({ booked: [call], dropped: [] });
          for (const id of dropped) this.#write({ booked: [], dropped: [id] });
          return;
        }
        logger.error(describeThrown(thrown), 'a call could not be booked');
      });
  }

  /** Books calls that belong to no run's end, such as summaries. Returns at once, and never throws. */
  bookNow(calls: readonly UsageCall[]): void {
    if (calls.length > 0) this.#close(calls, []);
  }

  /** Books what a process that died left open and nobody takes up. Called once a start, after recovery. */
  closeLeftovers(): void {
    const { store, clock } = this.#parts;
    // Read before anybody is let in: what is open later belongs to this process.
    this.bookNow(store.usage.openOfNobody().map((draft) => lostCall(draft, null, clock.now())));
  }
}

/** The row of a call whose process ended before it. */
export function lostCall(draft: UsageCall, outputEstimate: number | null, endedAtMs: number): UsageCall {
  // What its process had already estimated of the answer is more than nothing.
  const estimate = outputEstimate ?? draft.outputTokens;
  return settleCall(draft, { outcome: 'lost', usage: null, isFinal: false, outputEstimate: estimate, endedAtMs });
}
