import type { ErrorCode } from '#contract/errors';
import type { FailureSaying } from '#contract/failure-saying';
import type { CallFailure } from '../credentials/failure-class.ts';
import type { CredentialLease, LeaseQuestion, OtherKeys } from '../credentials/lease.ts';
import { type KeyReason, withReasons } from '../credentials/reasons-by-key.ts';
import { AppFailure, because, factOf } from '../platform/app-failure.ts';
import { type Clock, delay } from '../platform/clock.ts';
import { waitAtMost } from '../platform/wait-at-most.ts';
import { callFailureOf } from './call-failure.ts';
import type { CallRecord } from './call-record.ts';
import { nextStep } from './next-step.ts';
import { RETRY_BUDGET_MS } from './retry-delay.ts';

/** Where keys come from. */
export interface CredentialSource {
  /** As `CredentialPool.lease`. @returns null when the profile has no key at all. */
  lease(question: LeaseQuestion): Promise<CredentialLease | null>;
  /** Whether another key than those that a request used could take it. Absent where there is never another one. */
  others?(question: LeaseQuestion): OtherKeys;
  /** Why each key does not serve a request. Absent where one key is all there is. */
  reasons?(question: LeaseQuestion, refusedBy: ReadonlyMap<string, AppFailure>): KeyReason[];
  /** As `CredentialPool.kept`. Absent where nothing is kept. */
  kept?(): Promise<void> | null;
  /** How many keys a profile has. Absent counts as one. */
  count?(profileId: string): number;
  /**
   * Renews the token of a key that was refused. Called once a request and key.
   *
   * @param refused the token that was refused: somebody else may have renewed it already.
   * @returns false when there is nothing to renew.
   * @throws AppFailure when it could not be renewed, in the words that name the remedy; the signal's reason.
   */
  refresh?(credentialId: string, refused: string, signal: AbortSignal): Promise<boolean>;
  /** A certain key, whatever its state, to test it. Absent where keys cannot be tested. */
  leaseFor?(credentialId: string, origin: string): Promise<CredentialLease>;
}

/** A request that waits before it goes out, or goes out again, after `waitMs`. */
export interface RetryNotice {
  /** The number of the try that failed; 0 when the first one waits for a key. */
  attempt: number;
  waitMs: number;
  /** A sentence for a person. */
  reason: string;
  said?: FailureSaying;
  code: ErrorCode;
}

/** One call that an upstream took. Its owner ends it: `recover` after a failure, else `end`. */
export interface Attempt<T> {
  value: T;
  number: number;
  lease: CredentialLease | null;
  startedAtMs: number;
  isFallback: boolean;
}

export interface KeyedCallParts<T> {
  credentials: CredentialSource;
  clock: Clock;
  random: () => number;
  signal: AbortSignal;
  /** What a key is wanted for; the call adds what it has tried. */
  question: LeaseQuestion;
  /** Everything of a record that does not change from call to call. */
  about: Pick<CallRecord, 'profileId' | 'profile' | 'model' | 'runId' | 'sessionId'>;
  /** No key is asked for. */
  isKeyless: boolean;
  /** Thrown where the profile has no key and its kind needs one. */
  noKey: () => AppFailure | null;
  begin(lease: CredentialLease | null, attempt: number): Promise<T>;
  /** Its first failure is its last, and says nothing about its key. */
  isOnce: boolean;
  /** It can be asked twice without harm, so it goes out again also where it may have been heard. */
  isHarmless: boolean;
  retrying?(notice: RetryNotice): void;
  /** Hears that it is certain that a call was refused, before anything is waited for. */
  refused?(): void;
  ended?(record: CallRecord): void;
}

/** How a call ended. */
interface CallEnd {
  outcome: CallRecord['outcome'];
  failure: CallFailure | null;
  firstPartMs: number | null;
  usage?: CallRecord['usage'];
  /** As in `LeaseOutcome`. */
  goesOnAs?: string | null;
}

/** A store that is locked for longer holds up no failure. */
const KEPT_WITHIN_MS = 500;

const NONE: ReadonlySet<string> = new Set();
const NOBODY: ReadonlyMap<string, AppFailure> = new Map();

/** What became of a token that was refused. */
type Renewal =
  | { kind: 'none' }
  | { kind: 'renewed' }
  | { kind: 'failed'; failure: AppFailure }
  /** Aborted, or a fault of our own. */
  | { kind: 'broke'; thrown: unknown };

const OF_KEYS: ReadonlySet<ErrorCode> = new Set([
  'account_flagged',
  'credentials_cooling',
  'no_credential',
  'quota_exhausted',
  'secrets_locked',
  'upstream_auth',
  'upstream_overloaded',
  'upstream_rate_limited',
]);

/**
 * One request with its keys: lease → call → report, and again as `nextStep` says. The only place that repeats a request, for
 * answers of every kind and for questions to upstreams. An abort ends every wait at once.
 */
export class KeyedCall<T> {
  readonly #parts: KeyedCallParts<T>;
  readonly #tried = new Set<string>();
  /** Made where something goes wrong, as the next two. */
  #out: ReadonlySet<string> = NONE;
  #renewed: ReadonlySet<string> = NONE;
  /** What each key answered last. */
  #refusedBy: ReadonlyMap<string, AppFailure> = NOBODY;
  #preferredId: string | null = null;
  #lastId: string | null = null;
  #number = 0;
  /** When the first key was there; waiting for that is bounded by itself. */
  #beganAtMs: number | null = null;
  #last: AppFailure | null = null;

  constructor(parts: KeyedCallParts<T>) {
    this.#parts = parts;
  }

  /**
   * Calls until an upstream takes the request.
   *
   * @throws AppFailure what the lease or the last call threw; the signal's reason when it aborted. No key is held then.
   */
  async next(): Promise<Attempt<T>> {
    const { clock, signal, begin } = this.#parts;
    for (;;) {
      signal.throwIfAborted();
      const lease = await this.#lease();
      const id = lease?.credentialId ?? null;
      this.#number++;
      this.#beganAtMs ??= clock.now();
      const attempt = {
        number: this.#number,
        lease,
        startedAtMs: clock.now(),
        isFallback: this.#number > 1 && id !== this.#lastId,
      };
      this.#lastId = id;
      if (id !== null) this.#tried.add(id);
      try {
        signal.throwIfAborted();
        return { ...attempt, value: await begin(lease, this.#number) };
      } catch (thrown) {
        await this.recover(attempt, thrown);
      }
    }
  }

  /**
   * Books a failed call and gives its key back. Resolves when the request is to go out again, after the wait.
   *
   * @throws what was thrown, when that was the last word; the signal's reason when it aborted meanwhile.
   */
  async recover(attempt: Omit<Attempt<T>, 'value'>, thrown: unknown): Promise<void> {
    const { clock, signal, credentials, random, retrying, refused } = this.#parts;
    const { lease } = attempt;
    if (!(thrown instanceof AppFailure) || signal.aborted) {
      this.end(attempt, { outcome: signal.aborted ? 'aborted' : 'failure', failure: null, firstPartMs: null });
      throw thrown;
    }
    const failure = this.#read(thrown);
    const renewal = await this.#renew(lease, thrown);
    if (renewal.kind === 'renewed' || renewal.kind === 'broke') {
      lease?.release();
      this.#book(attempt, { outcome: 'failure', failure, firstPartMs: null }, renewal.kind === 'renewed');
      if (renewal.kind === 'broke') throw renewal.thrown;
      signal.throwIfAborted();
      return;
    }
    // A token that could not be renewed says nothing against its key; what is wrong is said in the words of the renewal.
    const told = renewal.kind === 'failed' ? renewal.failure : thrown;
    if (failure !== null && renewal.kind !== 'failed' && this.#isOfKey(failure)) {
      lease?.report({ kind: 'failure', failure });
    }
    lease?.release();
    if (failure !== null && lease !== null) {
      this.#refusedBy = new Map([...this.#refusedBy, [lease.credentialId, told]]);
    }
    // Nobody hears of a failure before what it means for the key would outlive this process.
    const kept = credentials.kept?.() ?? null;
    if (kept !== null) await waitAtMost(kept, clock, KEPT_WITHIN_MS);
    const elapsedMs = clock.now() - (this.#beganAtMs ?? clock.now());
    const step =
      failure === null
        ? ({ do: 'fail' } as const)
        : nextStep(
            told,
            failure,
            { attempt: this.#number, elapsedMs },
            credentials.others?.(this.#question()) ?? { kind: 'none' },
            credentials.count?.(this.#parts.question.profileId) ?? 1,
            random,
          );
    this.#book(attempt, { outcome: 'failure', failure, firstPartMs: null }, step.do === 'again');
    if (step.do === 'fail') throw this.#explained(told);
    if (step.out && lease !== null) this.#out = new Set([...this.#out, lease.credentialId]);
    this.#last = told;
    refused?.();
    // The caller may have waited for just that.
    signal.throwIfAborted();
    retrying?.({ attempt: this.#number, waitMs: step.waitMs, ...because(factOf(told)), code: told.code });
    if (step.waitMs > 0) await delay(clock, step.waitMs, signal);
  }

  /** Books how a call ended that is not repeated, and gives its key back. Only the first word counts for the key. */
  end(attempt: Omit<Attempt<T>, 'value'>, how: CallEnd): void {
    const { lease } = attempt;
    if (how.outcome === 'success') lease?.report({ kind: 'success', goesOnAs: how.goesOnAs ?? null });
    else if (how.failure !== null) lease?.report({ kind: 'failure', failure: how.failure });
    lease?.release();
    this.#book(attempt, how, false);
  }

  #read(thrown: AppFailure): CallFailure | null {
    const failure = this.#parts.isOnce ? null : callFailureOf(thrown);
    return failure === null ? null : { ...failure, refused: failure.refused || this.#parts.isHarmless };
  }

  /** A question beside the answers has limits and rights of its own, but for an account that is suspected of abuse. */
  #isOfKey(failure: CallFailure): boolean {
    return this.#parts.question.aside !== true || failure.class === 'suspicious_activity';
  }

  /** What was refused for its token was not executed, so questions that are asked once are asked again as well. */
  async #renew(lease: CredentialLease | null, refusal: AppFailure): Promise<Renewal> {
    const { credentials, signal } = this.#parts;
    const failure = callFailureOf(refusal);
    if (lease === null || failure?.class !== 'auth' || credentials.refresh === undefined) return { kind: 'none' };
    // A provider that knows who asks, and does not allow it, does not change its mind for another token.
    if (failure.status === 403) return { kind: 'none' };
    const { credentialId, secret } = lease;
    if (this.#renewed.has(credentialId)) return { kind: 'none' };
    this.#renewed = new Set([...this.#renewed, credentialId]);
    try {
      if (!(await credentials.refresh(credentialId, secret, signal))) return { kind: 'none' };
    } catch (thrown) {
      return thrown instanceof AppFailure && !signal.aborted
        ? { kind: 'failed', failure: thrown }
        : { kind: 'broke', thrown };
    }
    // The same key has to be tried with its new token.
    this.#tried.delete(credentialId);
    this.#preferredId = credentialId;
    return { kind: 'renewed' };
  }

  #question(): LeaseQuestion {
    return {
      ...this.#parts.question,
      tried: this.#tried,
      out: this.#out,
      preferredId: this.#preferredId,
      signal: this.#parts.signal,
    };
  }

  async #lease(): Promise<CredentialLease | null> {
    const { credentials, retrying, isKeyless, noKey } = this.#parts;
    if (isKeyless) return null;
    const question = this.#question();
    const deadline = this.#beganAtMs === null ? {} : { deadlineAtMs: this.#beganAtMs + RETRY_BUDGET_MS };
    const waiting: LeaseQuestion['waiting'] = (wait) => retrying?.({ attempt: this.#number, ...wait });
    try {
      const lease = await credentials.lease({ ...question, ...deadline, waiting });
      this.#preferredId = null;
      const missing = lease === null ? noKey() : null;
      if (missing !== null) throw missing;
      return lease;
    } catch (thrown) {
      // That every key has refused is told by the last refusal, which names the remedy.
      const isExhausted = thrown instanceof AppFailure && thrown.details?.['obstacle'] === 'out';
      throw this.#explained(isExhausted && this.#last !== null ? this.#last : thrown);
    }
  }

  /** What hangs on keys is told of each of them: the last one alone may be the one that nothing can be done about. */
  #explained(thrown: unknown): unknown {
    if (!(thrown instanceof AppFailure) || !OF_KEYS.has(thrown.code)) return thrown;
    return withReasons(thrown, this.#parts.credentials.reasons?.(this.#question(), this.#refusedBy) ?? []);
  }

  #book(attempt: Omit<Attempt<T>, 'value'>, how: CallEnd, isRepeated: boolean): void {
    this.#parts.ended?.({
      ...this.#parts.about,
      credentialId: attempt.lease?.credentialId ?? null,
      attempt: attempt.number,
      outcome: how.outcome,
      failure: how.failure?.class ?? null,
      startedAtMs: attempt.startedAtMs,
      endedAtMs: this.#parts.clock.now(),
      firstPartMs: how.firstPartMs,
      waitedMs: attempt.lease?.waitedMs ?? 0,
      isRepeated,
      isFallback: attempt.isFallback,
      usage: how.usage ?? null,
    });
  }
}
