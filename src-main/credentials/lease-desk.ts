import { because } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { type Choice, type ChoiceQuestion, chooseCredential } from './choose-credential.ts';
import type { PoolSettings } from './credential-record.ts';
import type { LeaseQuestion, LeaseWait, OtherKeys } from './lease.ts';
import { LeaseLine, type Verdict } from './lease-line.ts';
import { busyTooLong, lineFull, noneUsable, restsTooLong, sentence } from './lease-refusals.ts';
import type { PoolEntry } from './pool-entry.ts';
import { StickyBindings } from './sticky-bindings.ts';

/** Past the end of a rest, so that a clock that is a little behind finds it over. */
const AFTER_REST_MS = 50;

/** A permit of one key. It is counted until `giveBack`. */
export interface Permit {
  entry: PoolEntry;
  /** Grows with each permit of any key. */
  number: number;
  asProbe: boolean;
  /** False for a question beside the answers, which takes no place. */
  counts: boolean;
  waitedMs: number;
}

/**
 * Hands out permits: whom a request gets, who waits, and for how long. A permit is one of its key's own and of nobody else's;
 * without the explicit setting no key ever serves more than its limit (BUG-D4).
 */
export class LeaseDesk {
  readonly bindings = new StickyBindings();
  readonly #clock: Clock;
  readonly #settings: () => PoolSettings;
  readonly #entries: (profileId: string) => readonly PoolEntry[];
  readonly #changed: (entry: PoolEntry) => void;
  readonly #lines = new Map<string, LeaseLine>();
  #number = 0;

  /** @param changed hears of each permit that is taken or given back. */
  constructor(parts: {
    clock: Clock;
    settings: () => PoolSettings;
    entries: (profileId: string) => readonly PoolEntry[];
    changed: (entry: PoolEntry) => void;
  }) {
    this.#clock = parts.clock;
    this.#settings = parts.settings;
    this.#entries = parts.entries;
    this.#changed = parts.changed;
  }

  /** Requests that wait for a key of a profile. */
  waiting(profileId: string): number {
    return this.#lines.get(profileId)?.length ?? 0;
  }

  /**
   * A permit now, or a promise of one. Null when the profile has no keys at all.
   *
   * @throws AppFailure (the promise rejects with it) `credentials_busy`, `credentials_cooling`, `no_credential`, `secrets_locked`,
   *   `upstream_auth`, `quota_exhausted`; the signal's reason.
   */
  take(question: LeaseQuestion): Permit | null | Promise<Permit | null> {
    const line = this.#lines.get(question.profileId);
    if (question.aside || line === undefined || line.length === 0) {
      const choice = this.#choose(question);
      if (choice.kind === 'take') {
        const counts = !question.aside || question.holdsPlace === true;
        return this.#grant(choice.candidate, question, choice.asProbe && !question.aside, 0, counts);
      }
      if (choice.kind === 'blocked' && choice.obstacle === 'none') return null;
    }
    return this.#wait(question);
  }

  /** A permit of this key, whatever its state and its limit; for a test that a person asked for. */
  takeThis(entry: PoolEntry): Permit {
    return this.#grant(entry, {}, false, 0, false);
  }

  /** The number of the newest permit. */
  get lastNumber(): number {
    return this.#number;
  }

  giveBack(permit: Permit): void {
    const { entry } = permit;
    if (!permit.counts) return;
    entry.inFlight--;
    if (permit.asProbe) entry.isProbing = false;
    this.#changed(entry);
    this.serve(entry.row.profile_id);
  }

  /** The answer has begun: a permit that tests its key holds up nobody any more. */
  answering(permit: Permit): void {
    if (!permit.asProbe) return;
    permit.asProbe = false;
    permit.entry.isProbing = false;
    this.serve(permit.entry.row.profile_id);
  }

  /** A key of this profile may have become usable. */
  serve(profileId: string): void {
    this.#lines.get(profileId)?.serve();
  }

  serveAll(): void {
    for (const line of this.#lines.values()) line.serve();
  }

  /** Whether another key than those that the request used could take it, now or soon. Changes nothing. */
  others(question: LeaseQuestion): OtherKeys {
    const used = new Set([...(question.tried ?? []), ...(question.out ?? [])]);
    const choice = this.#choose({ ...question, tried: new Set(), out: used, preferredId: null });
    if (choice.kind === 'take') return choice.asProbe ? { kind: 'none' } : { kind: 'ready' };
    if (choice.kind === 'cooling')
      return { kind: 'later', waitMs: choice.readyAtMs - this.#clock.now() + AFTER_REST_MS };
    return { kind: 'none' };
  }

  #choose(question: LeaseQuestion): Choice<PoolEntry> {
    const settings = this.#settings();
    const nowMs = this.#clock.now();
    const asked: ChoiceQuestion = {
      mode: settings.credentialMode,
      origin: question.origin,
      model: question.model ?? null,
      boundId:
        this.#boundTo(question, question.goesOnFrom, nowMs) ?? this.#boundTo(question, question.conversation, nowMs),
      tried: question.tried ?? null,
      out: question.out ?? null,
      preferredId: question.preferredId ?? null,
      overflow: settings.credentialOverflow,
      aside: question.aside ?? false,
      nowMs,
    };
    const entries = this.#entries(question.profileId);
    for (const entry of entries) entry.heedClock(nowMs);
    return chooseCredential(entries, asked);
  }

  #boundTo({ profileId }: LeaseQuestion, name: string | null | undefined, nowMs: number): string | null {
    return name == null ? null : this.bindings.get(bindingKey(profileId, name), nowMs);
  }

  #grant(
    entry: PoolEntry,
    { model }: Pick<LeaseQuestion, 'model'>,
    asProbe: boolean,
    waitedMs: number,
    counts: boolean,
  ): Permit {
    if (!counts) return { entry, number: this.#number, asProbe, counts, waitedMs };
    this.#number++;
    entry.inFlight++;
    entry.lastUse = this.#number;
    entry.lastUsedAtMs = this.#clock.now();
    if (asProbe) {
      entry.isProbing = true;
      // A rest for another model learns nothing of it.
      for (const [of, rest] of entry.cooldowns) if (of === '' || of === model) rest.probes++;
    }
    this.#changed(entry);
    return { entry, number: this.#number, asProbe, counts, waitedMs };
  }

  #wait(question: LeaseQuestion): Promise<Permit | null> {
    const line = this.#lines.get(question.profileId) ?? new LeaseLine(this.#clock);
    this.#lines.set(question.profileId, line);
    const settings = this.#settings();
    const startMs = this.#clock.now();
    const endMs = question.deadlineAtMs ?? Number.POSITIVE_INFINITY;
    const busyEndMs = Math.min(endMs, startMs + settings.credentialQueueWaitMs);
    const restEndMs = Math.min(endMs, startMs + settings.credentialRestWaitMs);
    let told: LeaseWait['code'] | null = null;
    const tell = (wait: LeaseWait) => {
      if (told === wait.code) return;
      told = wait.code;
      question.waiting?.(wait);
    };
    const attempt = (): Verdict<Permit | null> => {
      const nowMs = this.#clock.now();
      const choice = this.#choose(question);
      switch (choice.kind) {
        case 'take':
          return {
            kind: 'served',
            value: this.#grant(choice.candidate, question, choice.asProbe, nowMs - startMs, true),
          };
        case 'blocked':
          if (choice.obstacle === 'none') return { kind: 'served', value: null };
          return {
            kind: 'refused',
            failure: noneUsable(choice.obstacle, this.#entries(question.profileId), question.origin),
          };
        case 'full': {
          const isNew = told === null;
          if (isNew && line.length > settings.credentialQueueLimit) {
            return { kind: 'refused', failure: lineFull(settings.credentialQueueLimit) };
          }
          if (nowMs >= busyEndMs) return { kind: 'refused', failure: busyTooLong(busyEndMs - startMs) };
          tell({
            code: 'credentials_busy',
            waitMs: busyEndMs - nowMs,
            ...because({ word: 'waits_for_key' }),
          });
          return { kind: 'waits', untilMs: busyEndMs };
        }
        case 'cooling': {
          const readyAtMs = choice.readyAtMs + AFTER_REST_MS;
          const hangs = choice.hangsOnProbe;
          if (nowMs >= restEndMs || (!hangs && readyAtMs > restEndMs)) {
            return { kind: 'refused', failure: restsTooLong(choice, nowMs) };
          }
          tell({
            code: 'credentials_cooling',
            waitMs: Math.min(readyAtMs, restEndMs) - nowMs,
            ...because({ word: 'waits_for_rest', with: { reason: sentence(choice.cooldown.reason) } }),
          });
          return { kind: 'waits', untilMs: Math.min(readyAtMs, restEndMs) };
        }
      }
    };
    return line.wait(attempt, question.signal ?? NEVER);
  }
}

const NEVER = new AbortController().signal;

export function bindingKey(profileId: string, conversation: string): string {
  return `${profileId}/${conversation}`;
}
