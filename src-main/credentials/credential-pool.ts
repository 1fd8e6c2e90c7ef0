import { DEFAULT_SETTINGS } from '#contract/settings';
import { abortable } from '../platform/abortable.ts';
import { AppFailure, failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import type { Store } from '../store/store.ts';
import { durationsOf, type PoolSettings } from './credential-record.ts';
import type { CredentialSecrets } from './credential-secrets.ts';
import type { CallFailure } from './failure-class.ts';
import { accountOf, noteFailure, noteRest, noteWorks } from './key-outcomes.ts';
import { KeyRecords } from './key-records.ts';
import type { CredentialLease, LeaseOutcome, LeaseQuestion, OtherKeys } from './lease.ts';
import { bindingKey, LeaseDesk, type Permit } from './lease-desk.ts';
import type { OAuthTokens } from './oauth-tokens.ts';
import type { PoolEntry } from './pool-entry.ts';
import { PoolKeys, type PoolNews } from './pool-keys.ts';
import { type Lender, PoolLease } from './pool-lease.ts';
import { PoolWriter } from './pool-writer.ts';
import { type KeyReason, reasonsByKey } from './reasons-by-key.ts';
import { BINDING_MS } from './sticky-bindings.ts';

/** A lease that failed for want of keys, and not because they are busy or rest. */
const NOTHING_LEFT: ReadonlySet<string> = new Set([
  'no_credential',
  'upstream_auth',
  'secrets_locked',
  'quota_exhausted',
]);

export interface CredentialPoolParts {
  store: Store;
  secrets: CredentialSecrets;
  scrubber: SecretScrubber;
  clock: Clock;
  newId: () => string;
  /** The tokens to call with, for credentials that renew themselves. Absent where there are none. */
  renewals?: Pick<OAuthTokens, 'accessToken' | 'refresh'>;
  /** Read at each decision, so that a change holds at once. Absent for the defaults. */
  settings?: () => PoolSettings;
  /** Hears of health that could not be stored. */
  onWriteFailure?: (thrown: unknown) => void;
  /** For tests; otherwise `Math.random`. Spreads rests in time and decides nothing else. */
  random?: () => number;
}

/**
 * All keys of all profiles, and the one owner of what is known of them: `PoolKeys` holds it, `records` changes it for a person,
 * and a lease's end teaches it something. `LeaseDesk` reads it to choose, `PoolWriter` keeps it. What is secret of a key lies with
 * `CredentialSecrets`; a lease has it for the length of one upstream call.
 */
export class CredentialPool {
  /** The keys as a person has them. */
  readonly records: KeyRecords;
  readonly #parts: CredentialPoolParts;
  readonly #settings: () => PoolSettings;
  readonly #random: () => number;
  readonly #keys: PoolKeys;
  readonly #desk: LeaseDesk;
  readonly #writer: PoolWriter;
  /** What leases speak with; one for all of them. */
  readonly #lender: Lender;

  constructor(parts: CredentialPoolParts) {
    this.#parts = parts;
    this.#settings = parts.settings ?? (() => DEFAULT_SETTINGS);
    this.#random = parts.random ?? Math.random;
    const { store, secrets, scrubber, clock, newId } = parts;
    const keys = new PoolKeys(store, secrets, clock.now());
    const writer = new PoolWriter(store, clock, parts.onWriteFailure ?? (() => undefined));
    const desk = new LeaseDesk({
      clock,
      settings: this.#settings,
      entries: (profileId) => keys.of(profileId),
      changed: (entry) => keys.tell(entry),
    });
    const usable = (profileId: string | null) => (profileId === null ? desk.serveAll() : desk.serve(profileId));
    this.records = new KeyRecords({ store, secrets, scrubber, clock, newId, keys, writer, usable });
    this.#keys = keys;
    this.#writer = writer;
    this.#desk = desk;
    this.#lender = {
      report: (permit, secret, outcome, question) => this.#report(permit, secret, outcome, question),
      giveBack: (permit) => desk.giveBack(permit),
      answering: (permit) => desk.answering(permit),
    };
    const nowMs = clock.now();
    for (const bound of store.credentialHealth.bindings(nowMs - BINDING_MS)) {
      desk.bindings.bind(bound.conversation, bound.credential_id, Math.min(bound.bound_at_ms, nowMs));
    }
  }

  /** Calls `listener` for each change of a key. One listener; it must not throw. It may be called very often. */
  onChange(listener: (news: PoolNews) => void): void {
    this.#keys.onChange(listener);
  }

  /** Settings have changed: whoever waits may be able to go on. */
  settingsChanged(): void {
    this.#desk.serveAll();
  }

  /** Resolves when everything that is known of keys is on disk. For a clean end, before the store closes. */
  close(): Promise<void> {
    return this.#writer.flush();
  }

  /** Resolves when what was learned of keys just now is on disk, or cannot be; null where it is already. Never rejects. */
  kept(): Promise<void> | null {
    return this.#writer.underWay;
  }

  /** Requests that wait for a key of a profile. */
  waiting(profileId: string): number {
    return this.#desk.waiting(profileId);
  }

  /** The number of keys that a request could turn to. */
  count(profileId: string): number {
    return this.#keys.of(profileId).length;
  }

  /** Why each key of a profile does not serve a request, as `reasonsByKey`. */
  reasons({ profileId, origin, model }: LeaseQuestion, refusedBy: ReadonlyMap<string, AppFailure>): KeyReason[] {
    const about = { origin, model: model ?? null, nowMs: this.#parts.clock.now(), refusedBy };
    return reasonsByKey(this.#keys.of(profileId), about);
  }

  /**
   * A key to call a profile's upstream with, and the permit to use it. Waits while all are busy or resting, in order and
   * within the settings. Null when the profile has no key at all.
   *
   * @throws AppFailure `credentials_busy`, `credentials_cooling`, `account_flagged` when the wait is too long; `secrets_locked`,
   *   `no_credential`, `upstream_auth`, `quota_exhausted` when no key can be used; the signal's reason when it aborted.
   */
  async lease(question: LeaseQuestion): Promise<CredentialLease | null> {
    const taken = this.#desk.take(question);
    const first = taken instanceof Promise ? await taken : taken;
    if (first === null) return null;
    // Nearly every lease: nothing to wait for.
    const known = this.#knownSecret(first.entry);
    const ready = known === null ? await this.#opened(first, question) : { permit: first, secret: known };
    if (ready === null) return null;
    const { permit, secret } = ready;
    this.#writer.soon(permit.entry);
    return new PoolLease(permit, secret, question, this.#lender);
  }

  /** The secret of a key that needs no renewal and was opened before. */
  #knownSecret(entry: PoolEntry): string | null {
    return entry.row.auth === 'api_key' ? this.#parts.secrets.opened(entry.id) : null;
  }

  /** A permit together with the secret of its key, this one or another. What cannot be opened or renewed is passed over. */
  async #opened(first: Permit, question: LeaseQuestion): Promise<{ permit: Permit; secret: string } | null> {
    const out = new Set(question.out);
    let failure: AppFailure | null = null;
    for (let permit: Permit | null = first; permit !== null; ) {
      try {
        const { entry } = permit;
        return { permit, secret: this.#knownSecret(entry) ?? (await this.#secretOf(entry, question.signal)) };
      } catch (thrown) {
        this.#desk.giveBack(permit);
        question.signal?.throwIfAborted();
        if (!(thrown instanceof AppFailure)) throw thrown;
        failure ??= thrown;
        out.add(permit.entry.id);
      }
      try {
        permit = await this.#desk.take({ ...question, out });
      } catch (thrown) {
        // Where nothing else is left to wait for, the first one's own words name the remedy.
        throw thrown instanceof AppFailure && NOTHING_LEFT.has(thrown.code) ? failure : thrown;
      }
    }
    return null;
  }

  /** What goes into a request's header. The signal ends the wait for it; a renewal serves others and goes on. */
  async #secretOf(entry: PoolEntry, signal?: AbortSignal): Promise<string> {
    const { secrets, renewals } = this.#parts;
    const secret =
      entry.row.auth === 'oauth' && renewals !== undefined ? renewals.accessToken(entry.id) : secrets.open(entry.id);
    return signal === undefined ? secret : abortable(secret, signal);
  }

  /**
   * Renews the token of a key that an upstream refused, unless somebody did already.
   *
   * @returns false for a key that does not renew itself.
   * @throws AppFailure `upstream_auth` with *sign in again*, and as `OAuthTokens.refresh`; the signal's reason.
   */
  async refresh(credentialId: string, refused: string, signal: AbortSignal): Promise<boolean> {
    const { renewals } = this.#parts;
    if (renewals === undefined || this.#keys.get(credentialId)?.row.auth !== 'oauth') return false;
    return (await abortable(renewals.refresh(credentialId, refused), signal)) !== null;
  }

  /** A key by its id, whatever its state, to test it. @throws AppFailure `not_found`, `secrets_locked`, `no_credential`. */
  async leaseFor(credentialId: string, origin: string): Promise<CredentialLease> {
    const entry = this.#keys.require(credentialId);
    if (entry.origin !== origin) {
      throw failureOf(
        'no_credential',
        { word: 'key_other_origin', with: { approved: entry.origin, origin } },
        { retry: { kind: 'user-action', action: 'confirm-host' } },
      );
    }
    const secret = await this.#secretOf(entry);
    const permit = this.#desk.takeThis(entry);
    return new PoolLease(permit, secret, { profileId: entry.row.profile_id, origin }, this.#lender);
  }

  /** Whether another key than those that a request used could take it, now or soon. */
  others(question: LeaseQuestion): OtherKeys {
    return this.#desk.others(question);
  }

  #report(permit: Permit, secret: string, outcome: LeaseOutcome, question: LeaseQuestion): void {
    const { entry } = permit;
    if (this.#isReplaced(entry, secret, outcome)) {
      // How a call with the secret before ended is counted, and says nothing about the one that is there now.
      if (outcome.kind === 'success') entry.successes++;
      if (outcome.kind === 'failure') entry.failures++;
      this.#writer.soon(entry);
      this.#keys.tell(entry);
      return;
    }
    switch (outcome.kind) {
      case 'none':
        return;
      case 'accepted':
        this.#works(permit, null);
        break;
      case 'success': {
        entry.successes++;
        this.#works(permit, question.model ?? '');
        if (question.conversation != null) {
          this.#bind(entry, question.profileId, question.conversation);
          if (outcome.goesOnAs != null) this.#bind(entry, question.profileId, outcome.goesOnAs);
        }
        break;
      }
      case 'failure':
        this.#failed(permit, outcome.failure, question.model ?? '');
        break;
    }
    this.#keys.tell(entry);
  }

  #bind(entry: PoolEntry, profileId: string, name: string): void {
    const key = bindingKey(profileId, name);
    const nowMs = this.#parts.clock.now();
    this.#desk.bindings.bind(key, entry.id, nowMs);
    this.#writer.bind(key, entry, nowMs);
  }

  /** Whether a call went out with a secret that was replaced since. A suspicion of abuse concerns the account all the same. */
  #isReplaced(entry: PoolEntry, secret: string, outcome: LeaseOutcome): boolean {
    if (entry.row.auth !== 'api_key') return false;
    const isOfAccount = outcome.kind === 'failure' && outcome.failure.class === 'suspicious_activity';
    return !isOfAccount && (this.#parts.secrets.opened(entry.id) ?? secret) !== secret;
  }

  /** @param model as for `noteWorks`. */
  #works(permit: Permit, model: string | null): void {
    const { entry } = permit;
    if (!noteWorks(entry, permit, model)) {
      this.#writer.soon(entry);
      return;
    }
    this.#writer.atOnce(entry);
    this.#desk.serve(entry.row.profile_id);
  }

  #failed(permit: Permit, failure: CallFailure, model: string): void {
    const { entry } = permit;
    const nowMs = this.#parts.clock.now();
    const action = noteFailure(entry, failure, nowMs);
    if (action.do === 'nothing') {
      this.#writer.soon(entry);
      return;
    }
    if (action.do === 'cool') {
      const reason = entry.lastError?.said ?? entry.lastError?.message ?? '';
      const rest = { kind: action.kind, hintMs: failure.waitMs, reason, isProbe: permit.asProbe };
      if (action.scope === 'account') {
        for (const peer of accountOf(this.#keys.all(), entry)) this.#cool(peer, '', rest, nowMs);
        this.#keys.tell(entry, 'flagged');
      } else if (this.#settings().cooldownsEnabled) {
        this.#cool(entry, action.scope === 'model' ? model : '', rest, nowMs);
      }
    }
    this.#writer.atOnce(entry);
  }

  #cool(entry: PoolEntry, model: string, rest: Parameters<typeof noteRest>[2], nowMs: number): void {
    noteRest(entry, model, rest, {
      durations: durationsOf(this.#settings()),
      nowMs,
      random: this.#random,
      leaseNumber: this.#desk.lastNumber,
    });
    this.#writer.atOnce(entry);
  }
}
