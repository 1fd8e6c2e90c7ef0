import type { UsageCall } from '#contract/usage-report';
import type { PictureRule } from '../compressor/image-tokens.ts';
import type { UpstreamRequest } from '../gateway/upstream-adapter.ts';
import { AppFailure } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import { waitAtMost } from '../platform/wait-at-most.ts';
import type { Store } from '../store/store.ts';
import type { CallJournal } from './call-journal.ts';
import { type CallSubject, CallTrack } from './call-track.ts';
import { settleCall } from './settle-call.ts';
import { estimateRequest } from './token-tally.ts';

export interface CallLedgerParts {
  store: Store;
  clock: Clock;
  logger: Logger;
  prices: {
    /** Null where there is nothing to wait for. */
    prepare(profile: string, model: string | null): Promise<void> | null;
    find(profile: string, model: string | null, atMs: number): UsageCall['price'];
  };
  /** The model that a profile calls when none is named. */
  defaultModelOf: (profile: string) => string | null;
  /** By whose rule a profile's upstream counts pictures. */
  picturesOf: (profile: string) => PictureRule;
  /** What a key is called now. */
  labelOf: (credentialId: string) => string | null;
  /** Rejects when a budget allows no new call, or the cap of the program that asks. Null where nobody has to be asked. */
  assertMayCall: (clientId: string | null) => Promise<void> | null;
  /** Where calls that belong to no conversation wait for the store; absent, each is a transaction. Owned by the ledger. */
  journal?: CallJournal;
}

/**
 * Programs may call thousands of times a second; their ends go into the store together, so many or so often. More at once
 * cost no less each, and hold up the next request for longer: whoever asks one by one is held up by few of them.
 */
const GATHER_MS = 100;
const MOST_GATHERED = 32;
const FEWEST_GATHERED = 8;
/**
 * Beyond it a call waits for the lines of all others of its turn and leaves with them. Going by itself would save it some
 * microseconds of waiting, and cost all of them together more.
 */
const FEW_UNDER_WAY = 16;
/** A reader waits this long for what ended just before. */
const READER_PATIENCE_MS = 500;

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
  /** What ended, stands in the journal and is to go into the store. */
  #gathered: UsageCall[] = [];
  #cancelGathering: (() => void) | null = null;
  /** Settles when all that was gathered so far is in the store, or was refused. */
  #taken: Promise<void> = Promise.resolve();
  #taking = 0;

  constructor(parts: CallLedgerParts) {
    this.#parts = parts;
  }

  /**
   * Opens the books for one start. To be asked before each start, because it is also what budgets stop.
   *
   * @param request what is asked, or about how many tokens it has where nobody here reads it.
   * @param how.saysLeaving whoever makes the call says `CallTrack.leaving` before anything of it leaves; then it has to wait
   *   for nothing that goes through the journal.
   * @param how.unaccepted told the row of each attempt that nobody accepted, as it is booked. Must not throw.
   * @throws AppFailure `budget_reached`.
   */
  async begin(
    subject: CallSubject,
    request: UpstreamRequest | { inputTokens: number },
    how: { saysLeaving?: boolean; unaccepted?: (rows: readonly UsageCall[]) => void } = {},
  ): Promise<CallTrack> {
    const { prices, assertMayCall, defaultModelOf, picturesOf } = this.#parts;
    // Nearly always there is nothing to wait for, and each wait costs as much as all the rest of this.
    const allowed = assertMayCall(subject.clientId ?? null);
    if (allowed !== null) await allowed;
    const isCounted = 'inputTokens' in request;
    const model = (isCounted ? null : request.model) ?? subject.model ?? defaultModelOf(subject.profile);
    const prepared = prices.prepare(subject.profile, model);
    if (prepared !== null) await prepared;
    return new CallTrack(
      this.#trackParts(subject, how),
      { ...subject, model },
      isCounted ? request.inputTokens : estimateRequest(request, picturesOf(subject.profile)),
    );
  }

  /** Goes on with the books of a run that an earlier process started. */
  resume(subject: CallSubject): CallTrack {
    const model = subject.model ?? this.#parts.defaultModelOf(subject.profile);
    const open = this.#parts.store.usage.openOfRun(subject.id).at(-1) ?? null;
    return new CallTrack(this.#trackParts(subject), { ...subject, model }, null, open);
  }

  /** A run's calls are in the store with its other rows; those of nobody's conversation go through the journal. */
  #trackParts(
    { runId, sessionId }: CallSubject,
    { saysLeaving = false, unaccepted }: Parameters<CallLedger['begin']>[2] = {},
  ) {
    const { clock, prices, labelOf } = this.#parts;
    const journal = runId === null && sessionId === null ? this.#parts.journal : undefined;
    return {
      clock,
      labelOf,
      priceOf: (profile: string, model: string | null, atMs: number) => prices.find(profile, model, atMs),
      open: (draft: UsageCall) => {
        if (journal === undefined) return this.#open(draft);
        if (!saysLeaving || this.#underWay(journal) > FEW_UNDER_WAY) return journal.open(draft);
        journal.note(draft);
        return null;
      },
      leaving: () => journal?.leaving(),
      close: (booked: readonly UsageCall[], dropped: readonly string[]) => {
        this.#close(booked, dropped);
        unaccepted?.(booked);
      },
    };
  }

  async #open(draft: UsageCall): Promise<void> {
    const { store, logger } = this.#parts;
    try {
      await store.committer.commit(() => store.usage.open(draft));
    } catch (thrown) {
      // The answer is wanted all the same; its end books the call with it, unless the process dies before.
      logger.warn(describeThrown(thrown), 'a call could not be written down before it left');
    }
  }

  #close(booked: readonly UsageCall[], dropped: readonly string[]): void {
    const { journal } = this.#parts;
    if (journal === undefined) return this.#closeInTurn(booked, dropped);
    for (const call of booked) {
      if (journal.has(call.id)) {
        journal.end(call);
        this.#gathered.push(call);
      } else this.#closeInTurn([call], []);
    }
    for (const id of dropped) {
      if (journal.has(id)) journal.drop(id);
      else this.#closeInTurn([], [id]);
    }
    const enough = Math.min(MOST_GATHERED, Math.max(FEWEST_GATHERED, this.#underWay(journal)));
    if (this.#gathered.length >= enough) this.#take();
    else if (this.#gathered.length > 0) this.#takeLater();
  }

  /** About how many calls have left and not ended; those that are just being booked are among them. */
  #underWay(journal: CallJournal): number {
    return journal.size - this.#gathered.length;
  }

  #takeLater(): void {
    this.#cancelGathering ??= this.#parts.clock.after(GATHER_MS, () => this.#take());
  }

  /** Everything that was gathered goes into the store, in one transaction of a bounded size each. */
  #take(): void {
    this.#cancelGathering?.();
    this.#cancelGathering = null;
    const gathered = this.#gathered;
    if (gathered.length === 0) this.#parts.journal?.tidy();
    this.#gathered = [];
    for (let from = 0; from < gathered.length; from += MOST_GATHERED) {
      const calls = gathered.slice(from, from + MOST_GATHERED);
      const before = this.#taken;
      this.#taking++;
      const taken = this.#book(calls).then(() => void this.#taking--);
      this.#taken = before.then(() => taken);
    }
  }

  /** Never rejects: what the store does not take stays in the journal. */
  async #book(calls: readonly UsageCall[]): Promise<void> {
    const { store, logger, journal } = this.#parts;
    try {
      await store.committer.commit(() => store.usage.book(calls), { patient: true });
      journal?.settled(calls.map(({ id }) => id));
      if (journal?.isUntidy === true) this.#takeLater();
    } catch (thrown) {
      // What was written down stays so, and the next start books it.
      if (thrown instanceof AppFailure && thrown.code === 'shutting_down') return;
      // One of them was refused: the others are not to suffer for it.
      if (calls.length > 1 && !(thrown instanceof AppFailure)) for (const call of calls) await this.#book([call]);
      else logger.error(describeThrown(thrown), 'a call could not be booked');
    }
  }

  /**
   * What ended so far is in the store when this resolves, so that whoever reads there finds it. A store that cannot be written
   * is not waited for. Never rejects.
   */
  async settled(): Promise<void> {
    const { store, clock } = this.#parts;
    this.#take();
    if (this.#taking === 0 || store.committer.storage.state === 'read-only') return;
    await waitAtMost(this.#taken, clock, READER_PATIENCE_MS);
  }

  /** Takes what is gathered into the store and lets go of the journal. To be called before the store is closed. */
  async close(): Promise<void> {
    await this.settled();
    this.#parts.journal?.close();
  }

  /** What ends in one turn of the event loop is booked together, which costs half of booking each call by itself. */
  #closeInTurn(booked: readonly UsageCall[], dropped: readonly string[]): void {
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
    const { store, clock, journal } = this.#parts;
    const lost = (draft: UsageCall) => lostCall(draft, null, clock.now());
    // Read before anybody is let in: what is open later belongs to this process.
    this.bookNow(store.usage.openOfNobody().map(lost));
    if (journal === undefined) return;
    const { ended, open } = journal.recover();
    this.#gathered.push(...ended, ...open.map(lost));
    this.#take();
  }
}

/** The row of a call whose process ended before it. */
export function lostCall(draft: UsageCall, outputEstimate: number | null, endedAtMs: number): UsageCall {
  // What its process had already estimated of the answer is more than nothing.
  const estimate = outputEstimate ?? draft.outputTokens;
  return settleCall(draft, { outcome: 'lost', usage: null, isFinal: false, outputEstimate: estimate, endedAtMs });
}
