import { mapFacts } from '#contract/failure-saying';
import { formatDecimal, PICO_PLACES } from '#contract/money';
import type { ApiCallAttempt, ApiCallRecord, TurnedAway } from '#contract/programs';
import type { UsageCall } from '#contract/usage-report';
import { toldError } from '../../gateway/relay/told-error.ts';
import type { AttemptNotices } from '../../gateway/tell-attempt.ts';
import { factOf, inEnglish, told } from '../../platform/app-failure.ts';
import type { Clock } from '../../platform/clock.ts';

/** More than anybody reads; nothing of what was said is in them. */
const CAPACITY = 200;
/** A call that goes through more keys than this is not read key by key. */
const MOST_ATTEMPTS = 20;

/** One call while it goes on. */
export interface RecentCall {
  /** What it asks, once that is known. */
  asks(what: Pick<ApiCallRecord, 'profile' | 'model' | 'stream'>): void;
  /** The answer begins to be shown. */
  answering(): void;
  /** @param thrown what it failed of, where it failed. */
  end(outcome: ApiCallRecord['outcome'], status: number | null, thrown?: unknown): void;
}

export interface RecentCallsParts {
  clock: Clock;
  /** What a key is called now. */
  labelOf: (credentialId: string) => string | null;
  /** Takes every known secret out of a text. */
  scrub: (text: string) => string;
}

/** The newest calls of other programs, in memory, for whoever looks: who asked whom, how long, for how much. */
export class RecentCalls {
  readonly #parts: RecentCallsParts;
  readonly #calls = new Map<string, ApiCallRecord>();
  /** The id at each place, so that the oldest is known without a walk. */
  readonly #ids: string[] = [];
  #begun = 0;
  #revision = 0;
  #turnedAway: TurnedAway = { count: 0, lastAtMs: null };
  #listener: () => void = () => undefined;

  constructor(parts: RecentCallsParts) {
    this.#parts = parts;
  }

  /** Newest first. */
  list(): ApiCallRecord[] {
    return [...this.#calls.values()].reverse();
  }

  /** Calls `listener` with every change. It is called for each call several times, so it has to be quick. */
  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  /** Copies of what has changed after a revision, oldest first, with the place of the oldest that is remembered. */
  since(revision: number): { calls: ApiCallRecord[]; oldest: number; revision: number; turnedAway: TurnedAway } {
    const calls: ApiCallRecord[] = [];
    let oldest = this.#begun + 1;
    for (const record of this.#calls.values()) {
      oldest = Math.min(oldest, record.place);
      if (record.revision > revision) calls.push({ ...record, attempts: record.attempts.map((each) => ({ ...each })) });
    }
    return { calls, oldest, revision: this.#revision, turnedAway: this.#turnedAway };
  }

  /** Requests without a key that opens anything: whoever sends thousands of them pushes no call out of the list. */
  get turnedAway(): TurnedAway {
    return this.#turnedAway;
  }

  turnAway(): void {
    this.#turnedAway = { count: this.#turnedAway.count + 1, lastAtMs: this.#parts.clock.now() };
    this.#listener();
  }

  #touch(record: ApiCallRecord): void {
    record.revision = ++this.#revision;
    this.#listener();
  }

  /** What went wrong, as the program was told it; with its name where that is the very sentence. */
  #noteFailure(record: ApiCallRecord | ApiCallAttempt, thrown: unknown): void {
    const { message } = toldError(thrown);
    record.failure = this.#parts.scrub(message);
    const { said } = told(factOf(thrown));
    if (said !== undefined && inEnglish(said) === message) record.failureSaid = mapFacts(said, this.#parts.scrub);
  }

  begin(call: Pick<ApiCallRecord, 'id' | 'client' | 'path'>): RecentCall {
    const { clock } = this.#parts;
    const startedAtMs = clock.now();
    const record: ApiCallRecord = {
      ...call,
      profile: null,
      model: null,
      stream: false,
      place: ++this.#begun,
      revision: 0,
      startedAtMs,
      firstByteMs: null,
      durationMs: null,
      outcome: 'running',
      status: null,
      failure: null,
      credential: null,
      attempts: [],
      inputTokens: null,
      outputTokens: null,
      isEstimate: false,
      cost: null,
      currency: null,
    };
    const place = record.place % CAPACITY;
    const oldest = this.#ids[place];
    if (oldest !== undefined) this.#calls.delete(oldest);
    this.#ids[place] = call.id;
    this.#calls.set(call.id, record);
    this.#touch(record);
    return {
      asks: (what) => {
        Object.assign(record, what);
        this.#touch(record);
      },
      answering: () => {
        record.firstByteMs = clock.now() - startedAtMs;
        this.#touch(record);
      },
      end: (outcome, status, thrown) => {
        record.outcome = outcome;
        record.status = status;
        record.durationMs = clock.now() - startedAtMs;
        if (outcome === 'failed' && thrown !== undefined) this.#noteFailure(record, thrown);
        this.#touch(record);
      },
    };
  }

  /** Passes notices of attempts on to the books, and remembers which keys were tried and what became of it. */
  watched(id: string, notices: Required<AttemptNotices>): Required<AttemptNotices> {
    return {
      sending: (attempt) => {
        const record = this.#calls.get(id);
        if (record !== undefined) {
          const { credentialId } = attempt;
          record.credential = credentialId === null ? null : this.#parts.labelOf(credentialId);
          record.attempts.push({ credential: record.credential, failure: null });
          if (record.attempts.length > MOST_ATTEMPTS) record.attempts.shift();
          this.#touch(record);
        }
        return notices.sending(attempt);
      },
      notAccepted: (attempt, thrown) => {
        const record = this.#calls.get(id);
        const last = record?.attempts.at(-1);
        // One that never left is no attempt.
        if (record !== undefined && thrown === null) record.attempts.pop();
        else if (record !== undefined && last !== undefined) this.#noteFailure(last, thrown);
        if (record !== undefined) this.#touch(record);
        notices.notAccepted(attempt, thrown);
      },
    };
  }

  /** What the books say of a call; they may close it before its last byte is written, or after. */
  booked(id: string, rows: readonly UsageCall[]): void {
    const record = this.#calls.get(id);
    const row = rows.at(-1);
    if (record === undefined || row === undefined) return;
    record.model = row.model ?? record.model;
    record.credential = row.credentialLabel;
    record.inputTokens = row.inputTokens;
    record.outputTokens = row.outputTokens;
    record.isEstimate = row.source === 'estimate';
    record.cost = row.costPicos === null ? null : formatDecimal(BigInt(row.costPicos), PICO_PLACES);
    record.currency = row.price?.currency ?? null;
    this.#touch(record);
  }
}
