import type { FailureSaying } from '#contract/failure-saying';
import type { CredentialState } from '#contract/records';
import { keepFact, readFact } from '../platform/kept-fact.ts';
import type { CooldownRow, CredentialHealthRow } from '../store/credential-health-repository.ts';
import type { CredentialRow } from '../store/credential-repository.ts';
import type { Candidate } from './choose-credential.ts';
import { type Cooldown, restoreCooldown } from './cooldown.ts';
import { COOLDOWN_KINDS, type CooldownKind, type FailureClass } from './failure-class.ts';

export interface LastError {
  class: FailureClass;
  /** Free of secrets. */
  message: string;
  said?: FailureSaying;
  status: number | null;
  atMs: number;
}

/** What an entry asks of where secrets are kept; it may change at any time, as when a vault is unlocked. */
export interface SecretState {
  /** Grows with whatever may change the answers of the others. */
  readonly epoch: number;
  canOpen(credentialId: string): boolean;
  isStored(credentialId: string): boolean;
}

/** A key with everything that is known of it but its secret. Only the pool changes it. */
export class PoolEntry implements Candidate {
  /** The record as it is stored; replaced as a whole. */
  #row: Omit<CredentialRow, 'sealed'>;
  readonly id: string;
  priority = 0;
  limit = 0;
  origin = '';
  /** Why it is left alone: what is stored, or a sign-in that has ended. */
  disabledReason: string | null = null;
  models: ReadonlySet<string> | null = null;
  readonly #secrets: SecretState;
  #epoch = -1;
  #canOpen = false;
  #isStored = false;
  #needsSignIn = false;

  inFlight = 0;
  lastUse = 0;
  isProbing = false;
  readonly cooldowns = new Map<string, Cooldown>();
  /** The lease count when it was last put to rest: only what was leased later can end the rest. */
  cooledAtLease = 0;

  failureCount = 0;
  trialRound = 0;
  nextTrialAtMs = 0;
  successes = 0;
  failures = 0;
  transientFailures = 0;
  lastUsedAtMs: number | null = null;
  troubleAtMs: number | null = null;
  lastError: LastError | null = null;

  constructor(row: Omit<CredentialRow, 'sealed'>, secrets: SecretState) {
    this.id = row.id;
    this.#row = row;
    this.#secrets = secrets;
    this.row = row;
  }

  /** Asked for every key at every lease, so that it is looked up again only where something has changed. */
  get canOpen(): boolean {
    this.#look();
    return this.#canOpen;
  }

  /** False for one that is in memory only: nothing of it is on disk. */
  get isStored(): boolean {
    this.#look();
    return this.#isStored;
  }

  #look(): void {
    const { epoch } = this.#secrets;
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#canOpen = this.#secrets.canOpen(this.id);
    this.#isStored = this.#secrets.isStored(this.id);
  }

  /** Its tokens cannot be renewed any more, until a person signs in again. */
  get needsSignIn(): boolean {
    return this.#needsSignIn;
  }

  set needsSignIn(needsSignIn: boolean) {
    this.#needsSignIn = needsSignIn;
    this.row = this.#row;
  }

  get row(): Omit<CredentialRow, 'sealed'> {
    return this.#row;
  }

  /** Replaces the record. What choosing reads of it is kept apart: it is read for every key at every lease. */
  set row(row: Omit<CredentialRow, 'sealed'>) {
    this.#row = row;
    this.priority = row.priority;
    this.limit = row.max_in_flight;
    this.origin = row.approved_origin;
    this.disabledReason =
      row.disabled === 1 ? (row.disabled_reason ?? 'manual') : this.#needsSignIn ? 'invalid_refresh_token' : null;
    this.models = row.models === null ? null : new Set(JSON.parse(row.models) as string[]);
  }

  /** Why it is left alone, as far as that is the pool's to store; a sign-in's end is stored with the sign-in. */
  get storedReason(): string | null {
    return this.#row.disabled === 1 ? this.disabledReason : null;
  }

  /** Takes over what an earlier process stored. */
  restore(health: CredentialHealthRow): void {
    this.failureCount = health.failure_count;
    this.trialRound = health.trial_round;
    this.nextTrialAtMs = health.next_trial_at_ms;
    this.successes = health.successes;
    this.failures = health.failures;
    this.transientFailures = health.transient_failures;
    this.lastUsedAtMs = health.last_used_at_ms;
    this.troubleAtMs = health.trouble_at_ms;
    this.lastError = health.last_error === null ? null : (JSON.parse(health.last_error) as LastError);
  }

  restoreRest(row: CooldownRow, nowMs: number): void {
    // A kind of a newer version rests for its stored time, under the name of the most general one.
    const kind = COOLDOWN_KINDS.find((known) => known === row.kind) ?? ('upstream_error' satisfies CooldownKind);
    const stored: Cooldown = {
      kind,
      source: row.source,
      reason: readFact(row.reason),
      fromMs: row.from_ms,
      untilMs: row.until_ms,
      probes: row.probes,
    };
    const rest = restoreCooldown(stored, nowMs);
    if (rest !== null) this.cooldowns.set(row.model, rest);
  }

  /** Where the clock was set back since a rest began, the rest lasts its own length from now. Called before rests are read. */
  heedClock(nowMs: number): void {
    for (const [model, rest] of this.cooldowns) {
      const held = nowMs < rest.fromMs ? restoreCooldown(rest, nowMs) : rest;
      if (held !== null) this.cooldowns.set(model, held);
    }
  }

  toHealthRow(): CredentialHealthRow {
    return {
      credential_id: this.id,
      failure_count: this.failureCount,
      trial_round: this.trialRound,
      next_trial_at_ms: this.nextTrialAtMs,
      successes: this.successes,
      failures: this.failures,
      transient_failures: this.transientFailures,
      last_used_at_ms: this.lastUsedAtMs,
      trouble_at_ms: this.troubleAtMs,
      last_error: this.lastError === null ? null : JSON.stringify(this.lastError),
    };
  }

  toCooldownRows(): CooldownRow[] {
    return [...this.cooldowns].map(([model, rest]) => ({
      credential_id: this.id,
      model,
      kind: rest.kind,
      source: rest.source,
      reason: keepFact(rest.reason),
      from_ms: rest.fromMs,
      until_ms: rest.untilMs,
      probes: rest.probes,
    }));
  }

  /** How it stands, in one word. */
  stateAt(nowMs: number): CredentialState {
    switch (this.disabledReason) {
      case null:
        break;
      case 'quota_exhausted':
        return 'exhausted';
      case 'too_many_failures':
        return 'refused';
      case 'invalid_refresh_token':
        return 'needs_sign_in';
      default:
        return 'disabled';
    }
    if (!this.canOpen) return 'locked';
    for (const rest of this.cooldowns.values()) if (nowMs < rest.untilMs) return 'cooling';
    return this.limit > 0 && this.inFlight >= this.limit ? 'busy' : 'ready';
  }
}
