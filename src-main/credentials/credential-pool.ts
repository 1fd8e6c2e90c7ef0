import type { FailureSaying } from '#contract/failure-saying';
import type { CredentialRecord } from '#contract/records';
import { DEFAULT_SETTINGS } from '#contract/settings';
import { abortable } from '../platform/abortable.ts';
import { AppFailure, failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import type { CredentialRow } from '../store/credential-repository.ts';
import type { Store } from '../store/store.ts';
import { extendCooldown, remainingMs } from './cooldown.ts';
import { durationsOf, type PoolSettings, toCredentialRecord } from './credential-record.ts';
import type { CredentialSecrets } from './credential-secrets.ts';
import type { CallFailure } from './failure-class.ts';
import { accountOf, noteFailure, noteWorks } from './key-outcomes.ts';
import type { CredentialLease, LeaseOutcome, LeaseQuestion, OtherKeys } from './lease.ts';
import { bindingKey, LeaseDesk, type Permit } from './lease-desk.ts';
import type { OAuthGrant } from './oauth-grant.ts';
import type { OAuthTokens } from './oauth-tokens.ts';
import { PoolEntry } from './pool-entry.ts';
import { type Lender, PoolLease } from './pool-lease.ts';
import { PoolWriter } from './pool-writer.ts';
import { type KeyReason, reasonsByKey } from './reasons-by-key.ts';
import { forgetOldSecret, replacedRow, requireReplaceable } from './replaced-key.ts';
import { cleanSecret, fingerprintOf, maskSecret } from './secret-text.ts';
import { BINDING_MS } from './sticky-bindings.ts';

/** What happened to a key. `flagged`: the provider suspects abuse of its account. */
export interface PoolNews {
  kind: 'changed' | 'flagged';
  credentialId: string;
}

export interface NewCredential {
  profileId: string;
  /** The origin that the key is for; it is sent nowhere else. */
  origin: string;
  label: string;
  secret: string;
  priority?: number;
  group?: string;
  maxInFlight?: number;
  /** A credential that renews itself: `secret` is its refresh token. */
  oauth?: { tokenUrl: string; clientId: string; clientSecret: string | null; scope: string | null };
}

/** What a person may change of a key. Absent fields stay. */
export interface CredentialUpdate {
  label?: string | undefined;
  priority?: number | undefined;
  group?: string | null | undefined;
  maxInFlight?: number | undefined;
  models?: string[] | null | undefined;
}

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
 * The user's keys. What is secret of them lies with `CredentialSecrets`; a lease has it for the length of one upstream call.
 *
 * It is the one owner of what else is known of a key: `report` changes it, `LeaseDesk` reads it to choose, `PoolWriter` keeps it.
 */
export class CredentialPool {
  readonly #parts: CredentialPoolParts;
  readonly #settings: () => PoolSettings;
  readonly #random: () => number;
  readonly #entries = new Map<string, PoolEntry>();
  readonly #byProfile = new Map<string, PoolEntry[]>();
  /** Fingerprints of keys that are being added: two windows may paste the same one at once. */
  readonly #adding = new Set<string>();
  readonly #desk: LeaseDesk;
  readonly #writer: PoolWriter;
  /** What leases speak with; one for all of them. */
  readonly #lender: Lender;
  #changed: (news: PoolNews) => void = () => undefined;

  constructor(parts: CredentialPoolParts) {
    this.#parts = parts;
    this.#settings = parts.settings ?? (() => DEFAULT_SETTINGS);
    this.#random = parts.random ?? Math.random;
    const { store, clock } = parts;
    this.#writer = new PoolWriter(store, clock, parts.onWriteFailure ?? (() => undefined));
    this.#desk = new LeaseDesk({
      clock,
      settings: this.#settings,
      entries: (profileId) => this.#byProfile.get(profileId) ?? [],
      changed: (entry) => this.#changed({ kind: 'changed', credentialId: entry.id }),
    });
    this.#lender = {
      report: (permit, secret, outcome, question) => this.#report(permit, secret, outcome, question),
      giveBack: (permit) => this.#desk.giveBack(permit),
      answering: (permit) => this.#desk.answering(permit),
    };
    for (const { sealed: _, ...row } of store.credentials.list()) this.#add(row);
    this.#restore();
  }

  /** Takes over what earlier processes stored, by the wall clock (E10-17). */
  #restore(): void {
    const { store, clock } = this.#parts;
    const nowMs = clock.now();
    for (const health of store.credentialHealth.list()) this.#entries.get(health.credential_id)?.restore(health);
    for (const rest of store.credentialHealth.cooldowns()) {
      this.#entries.get(rest.credential_id)?.restoreRest(rest, nowMs);
    }
    for (const bound of store.credentialHealth.bindings(nowMs - BINDING_MS)) {
      this.#desk.bindings.bind(bound.conversation, bound.credential_id, Math.min(bound.bound_at_ms, nowMs));
    }
  }

  #add(row: Omit<CredentialRow, 'sealed'>): PoolEntry {
    const { store, secrets } = this.#parts;
    const entry = new PoolEntry(row, secrets);
    if (row.auth === 'oauth') entry.needsSignIn = store.oauthClients.get(row.id)?.state === 'sign_in';
    this.#entries.set(row.id, entry);
    const siblings = this.#byProfile.get(row.profile_id) ?? [];
    siblings.push(entry);
    this.#byProfile.set(row.profile_id, siblings);
    return entry;
  }

  #drop(entry: PoolEntry): void {
    this.#entries.delete(entry.id);
    this.#parts.secrets.forget(entry.id);
    const siblings = (this.#byProfile.get(entry.row.profile_id) ?? []).filter((other) => other !== entry);
    if (siblings.length === 0) this.#byProfile.delete(entry.row.profile_id);
    else this.#byProfile.set(entry.row.profile_id, siblings);
    this.#desk.serve(entry.row.profile_id);
  }

  /** Calls `listener` for each change of a key. One listener; it must not throw. It may be called very often. */
  onChange(listener: (news: PoolNews) => void): void {
    this.#changed = listener;
  }

  /** Settings have changed: whoever waits may be able to go on. */
  settingsChanged(): void {
    this.#desk.serveAll();
  }

  list(profileId?: string): CredentialRecord[] {
    return [...this.#entries.values()]
      .filter((entry) => profileId === undefined || entry.row.profile_id === profileId)
      .map((entry) => this.#toRecord(entry));
  }

  /** What a key is called, without the work that a whole record is; null for one that is gone. */
  labelOf(credentialId: string): string | null {
    return this.#entries.get(credentialId)?.row.label ?? null;
  }

  /** @throws AppFailure `not_found`. */
  require(credentialId: string): CredentialRecord {
    return this.#toRecord(this.#require(credentialId));
  }

  #require(credentialId: string): PoolEntry {
    const entry = this.#entries.get(credentialId);
    if (entry === undefined) throw failureOf('not_found', { word: 'key_gone' });
    return entry;
  }

  #toRecord(entry: PoolEntry): CredentialRecord {
    const { store, secrets, clock } = this.#parts;
    entry.heedClock(clock.now());
    const client = entry.row.auth === 'oauth' ? store.oauthClients.get(entry.id) : null;
    return toCredentialRecord(entry, secrets.placeOf(entry.id), client, clock.now());
  }

  /**
   * Adds a key, or puts it in the place of the same one that cannot be opened.
   *
   * @throws AppFailure `invalid_payload` for a key that is none, `conflict` for one that is there, `secrets_locked`, `storage_*`.
   */
  async create(input: NewCredential): Promise<CredentialRecord> {
    const { secrets, scrubber, clock } = this.#parts;
    const secret = cleanSecret(input.secret);
    scrubber.add(secret);
    const fingerprint = fingerprintOf(input.profileId, secret);
    const twin = [...this.#entries.values()].find((entry) => entry.row.fingerprint === fingerprint);
    if (twin !== undefined && twin.row.auth === 'api_key' && !secrets.canOpen(twin.id)) {
      // Entered again because it could not be opened: it takes the place of what nobody can read.
      await secrets.replace(twin.id, input.origin, secret);
      this.#apply(twin, { approved_origin: input.origin, updated_at_ms: clock.now() });
      return this.#toRecord(twin);
    }
    if (twin !== undefined) {
      throw failureOf(
        'conflict',
        { word: 'key_there_as', with: { label: twin.row.label } },
        {
          details: { credentialId: twin.row.id },
        },
      );
    }
    if (this.#adding.has(fingerprint)) throw failureOf('conflict', { word: 'key_being_added' });
    this.#adding.add(fingerprint);
    try {
      return await this.#create(input, secret, fingerprint);
    } finally {
      this.#adding.delete(fingerprint);
    }
  }

  /**
   * Puts another secret into a key's record. Its label, its priority and its figures stay; refusals and rests of the old secret
   * end, but for a suspicion of abuse. The new secret is bound to `origin`.
   *
   * @throws AppFailure `invalid_payload` for a key that is none, `conflict` for one that is there, `unsupported_option` for a
   *   sign-in, `not_found`, `secrets_locked`, `storage_*`; nothing has changed then.
   */
  async replaceSecret(credentialId: string, origin: string, pasted: string): Promise<CredentialRecord> {
    const { store, secrets, scrubber, clock } = this.#parts;
    const entry = this.#require(credentialId);
    requireReplaceable(entry.row);
    const secret = cleanSecret(pasted);
    scrubber.add(secret);
    const fingerprint = fingerprintOf(entry.row.profile_id, secret);
    const twin = [...this.#entries.values()].find((other) => other.row.fingerprint === fingerprint);
    // One that cannot be opened may be entered again: that is how it comes back.
    if (twin !== undefined && (twin !== entry || secrets.canOpen(entry.id))) {
      const said: FailureSaying =
        twin === entry ? { word: 'key_there_same' } : { word: 'key_there_as', with: { label: twin.row.label } };
      throw failureOf('conflict', said, { details: { credentialId: twin.id } });
    }
    if (this.#adding.has(fingerprint)) throw failureOf('conflict', { word: 'key_being_added' });
    this.#adding.add(fingerprint);
    try {
      const replaced = () =>
        replacedRow(entry.row, { origin, mask: maskSecret(secret), fingerprint, nowMs: clock.now() });
      await secrets.replace(entry.id, origin, secret, () => {
        const row = replaced();
        store.credentials.describe(row);
        store.credentials.update(row);
      });
      entry.row = replaced();
      forgetOldSecret(entry);
      this.#writer.atOnce(entry);
      this.#apply(entry, {});
      return this.#toRecord(entry);
    } finally {
      this.#adding.delete(fingerprint);
    }
  }

  async #create(input: NewCredential, secret: string, fingerprint: string): Promise<CredentialRecord> {
    const { store, secrets, clock, newId } = this.#parts;
    const nowMs = clock.now();
    const row: Omit<CredentialRow, 'sealed'> = {
      id: newId(),
      profile_id: input.profileId,
      label: input.label,
      mask: maskSecret(secret),
      fingerprint,
      cipher_kind: 'memory',
      auth: input.oauth === undefined ? 'api_key' : 'oauth',
      approved_origin: input.origin,
      priority: input.priority ?? 0,
      group_name: input.group ?? null,
      max_in_flight: input.maxInFlight ?? 0,
      disabled: 0,
      disabled_reason: null,
      models: null,
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
    };
    const { oauth } = input;
    const grant: OAuthGrant | null =
      oauth === undefined
        ? null
        : { refreshToken: secret, clientSecret: oauth.clientSecret, accessToken: null, expiresAtMs: null };
    const plain = grant === null ? secret : JSON.stringify(grant);
    const sealed = await secrets.seal(row.id, input.origin, plain, oauth?.tokenUrl);
    if (sealed === null && oauth !== undefined) {
      throw failureOf(
        'secrets_locked',
        { word: 'sign_in_needs_passphrase' },
        { retry: { kind: 'user-action', action: 'unlock-keys' } },
      );
    }
    if (sealed !== null) {
      await store.committer.commit(() => {
        store.credentials.insert({ ...row, cipher_kind: sealed.cipherKind, sealed: sealed.sealed });
        if (oauth === undefined) return;
        store.oauthClients.insert({
          credential_id: row.id,
          token_url: oauth.tokenUrl,
          client_id: oauth.clientId,
          scope: oauth.scope,
          state: 'ready',
          last_error: null,
          pending_since_ms: null,
          refreshed_at_ms: null,
        });
      });
    }
    secrets.keep(row.id, plain, sealed);
    const entry = this.#add(row);
    this.#desk.serve(row.profile_id);
    return this.#toRecord(entry);
  }

  /**
   * Deletes a key that is switched off. Answers under way with it finish.
   *
   * @throws AppFailure `conflict` for one that is on: a slip of the hand must not stop what runs; `not_found`, `storage_*`.
   */
  async remove(credentialId: string): Promise<void> {
    const entry = this.#require(credentialId);
    if (entry.row.disabled === 0) {
      throw failureOf(
        'conflict',
        { word: 'key_switched_on', with: { label: entry.row.label } },
        {
          details: { credentialId },
        },
      );
    }
    const { store } = this.#parts;
    if (entry.isStored) await store.committer.commit(() => void store.credentials.remove(credentialId));
    this.#drop(entry);
  }

  /** Forgets the keys of a profile that was deleted; the store has removed their rows with it. */
  forgetProfile(profileId: string): void {
    for (const entry of this.#byProfile.get(profileId) ?? []) this.#drop(entry);
  }

  /**
   * What seals secrets has changed: keys that were in memory only are stored now, and whoever waits may have a key that was
   * locked. Rejects with `storage_*`.
   */
  async sealingChanged(): Promise<void> {
    try {
      const ids = [...this.#entries.keys()];
      const stored = await this.#parts.secrets.refresh(ids, (id) => this.#entries.get(id)?.row ?? null);
      for (const id of stored) {
        const entry = this.#entries.get(id);
        if (entry !== undefined) this.#writer.atOnce(entry);
      }
    } finally {
      this.#desk.serveAll();
    }
  }

  /** The tokens of a credential were renewed, or cannot be any more. */
  renewalChanged(credentialId: string): void {
    const entry = this.#entries.get(credentialId);
    if (entry === undefined) return;
    entry.needsSignIn = this.#parts.store.oauthClients.get(credentialId)?.state === 'sign_in';
    this.#desk.serve(entry.row.profile_id);
    this.#changed({ kind: 'changed', credentialId });
  }

  groupOf(credentialId: string): string | null {
    return this.#entries.get(credentialId)?.row.group_name ?? null;
  }

  /** Takes every key out of a group and deletes the group's proxy, in one transaction. @returns the keys' ids. */
  async deleteGroup(group: string): Promise<string[]> {
    const members = [...this.#entries.values()].filter((entry) => entry.row.group_name === group);
    const { store, clock } = this.#parts;
    const nowMs = clock.now();
    await store.committer.commit(
      () => {
        for (const { id } of members) store.credentials.setGroup(id, null, nowMs);
        store.proxies.remove('group', group);
      },
      {
        committed: () => {
          for (const entry of members) this.#apply(entry, { group_name: null, updated_at_ms: nowMs });
        },
      },
    );
    return members.map((entry) => entry.id);
  }

  /**
   * A person said that a key may be sent to another origin. @throws AppFailure `not_found`, `secrets_locked`, `storage_*`.
   */
  async confirmHost(credentialId: string, origin: string): Promise<CredentialRecord> {
    const entry = this.#require(credentialId);
    await this.#parts.secrets.rebind(credentialId, origin);
    this.#apply(entry, { approved_origin: origin, updated_at_ms: this.#parts.clock.now() });
    return this.#toRecord(entry);
  }

  /** What was stored of a key holds from now on. */
  #apply(entry: PoolEntry, fields: Partial<CredentialRow>): void {
    entry.row = { ...entry.row, ...fields };
    this.#desk.serve(entry.row.profile_id);
    this.#changed({ kind: 'changed', credentialId: entry.id });
  }

  /**
   * Changes a key: stored first, then it holds, and at once for whoever chooses next (E10-05, BUG-D18).
   *
   * @throws AppFailure `not_found`, `storage_*`; nothing has changed then.
   */
  async update(credentialId: string, changes: CredentialUpdate): Promise<CredentialRecord> {
    const { label, priority, group, maxInFlight, models } = changes;
    return this.#change(this.#require(credentialId), {
      ...(label === undefined ? {} : { label }),
      ...(priority === undefined ? {} : { priority }),
      ...(group === undefined ? {} : { group_name: group }),
      ...(maxInFlight === undefined ? {} : { max_in_flight: maxInFlight }),
      ...(models === undefined ? {} : { models: models === null ? null : JSON.stringify(models) }),
    });
  }

  /** Switches a key off or on. On also forgets its failures and its rest. @throws as `update`. */
  async setDisabled(credentialId: string, disabled: boolean): Promise<CredentialRecord> {
    if (!disabled) return this.reset(credentialId);
    return this.#change(this.#require(credentialId), { disabled: 1, disabled_reason: 'manual' });
  }

  /** Makes a key as good as new: on, without failures, rested. Its counters of the past stay. @throws as `update`. */
  async reset(credentialId: string): Promise<CredentialRecord> {
    const entry = this.#require(credentialId);
    return this.#change(entry, { disabled: 0, disabled_reason: null }, () => {
      entry.cooldowns.clear();
      entry.failureCount = 0;
      entry.trialRound = 0;
      entry.nextTrialAtMs = 0;
      entry.troubleAtMs = null;
    });
  }

  async #change(
    entry: PoolEntry,
    fields: Partial<CredentialRow>,
    applied: () => void = () => undefined,
  ): Promise<CredentialRecord> {
    const { store, clock } = this.#parts;
    const updatedAtMs = clock.now();
    const apply = () => {
      entry.row = { ...entry.row, ...fields, updated_at_ms: updatedAtMs };
      applied();
      // What was learned of the key while this was being stored is stored with it.
      this.#writer.atOnce(entry);
      this.#desk.serve(entry.row.profile_id);
      this.#changed({ kind: 'changed', credentialId: entry.id });
    };
    if (!entry.isStored) apply();
    else {
      const isThere = await store.committer.commit(
        () => store.credentials.update({ ...entry.row, ...fields, updated_at_ms: updatedAtMs }),
        { committed: (changed) => void (changed && apply()) },
      );
      if (!isThere) throw failureOf('not_found', { word: 'key_deleted_meanwhile' });
    }
    return this.#toRecord(entry);
  }

  /** Resolves when everything that is known of keys is on disk. For a clean end, before the store closes. */
  close(): Promise<void> {
    return this.#writer.flush();
  }

  /** Requests that wait for a key of a profile. */
  waiting(profileId: string): number {
    return this.#desk.waiting(profileId);
  }

  /** The number of keys that a request could turn to. */
  count(profileId: string): number {
    return this.#byProfile.get(profileId)?.length ?? 0;
  }

  /** Why each key of a profile does not serve a request, as `reasonsByKey`. */
  reasons({ profileId, origin, model }: LeaseQuestion, refusedBy: ReadonlyMap<string, AppFailure>): KeyReason[] {
    const about = { origin, model: model ?? null, nowMs: this.#parts.clock.now(), refusedBy };
    return reasonsByKey(this.#byProfile.get(profileId) ?? [], about);
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
    if (renewals === undefined || this.#entries.get(credentialId)?.row.auth !== 'oauth') return false;
    return (await abortable(renewals.refresh(credentialId, refused), signal)) !== null;
  }

  /** A key by its id, whatever its state, to test it. @throws AppFailure `not_found`, `secrets_locked`, `no_credential`. */
  async leaseFor(credentialId: string, origin: string): Promise<CredentialLease> {
    const entry = this.#require(credentialId);
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
      this.#changed({ kind: 'changed', credentialId: entry.id });
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
          const key = bindingKey(question.profileId, question.conversation);
          const nowMs = this.#parts.clock.now();
          this.#desk.bindings.bind(key, entry.id, nowMs);
          this.#writer.bind(key, entry, nowMs);
        }
        break;
      }
      case 'failure':
        this.#failed(permit, outcome.failure, question.model ?? '');
        break;
    }
    this.#changed({ kind: 'changed', credentialId: entry.id });
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
        for (const peer of accountOf(this.#entries.values(), entry)) this.#cool(peer, '', rest, nowMs);
        this.#changed({ kind: 'flagged', credentialId: entry.id });
      } else if (this.#settings().cooldownsEnabled) {
        this.#cool(entry, action.scope === 'model' ? model : '', rest, nowMs);
      }
    }
    this.#writer.atOnce(entry);
  }

  #cool(entry: PoolEntry, model: string, rest: Parameters<typeof extendCooldown>[1], nowMs: number): void {
    const durations = durationsOf(this.#settings());
    const held = entry.cooldowns.get(model) ?? null;
    entry.cooldowns.set(model, extendCooldown(held, rest, durations, nowMs, this.#random));
    for (const [other, cooldown] of entry.cooldowns)
      if (remainingMs(cooldown, nowMs) === 0) entry.cooldowns.delete(other);
    entry.cooledAtLease = this.#desk.lastNumber;
    this.#writer.atOnce(entry);
  }
}
