import type { FailureSaying } from '#contract/failure-saying';
import type { CredentialRecord } from '#contract/records';
import { type AppFailure, failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import type { CredentialRow } from '../store/credential-repository.ts';
import type { OAuthClientRow } from '../store/oauth-client-repository.ts';
import type { Store } from '../store/store.ts';
import { toCredentialRecord } from './credential-record.ts';
import type { CredentialSecrets } from './credential-secrets.ts';
import type { OAuthGrant } from './oauth-grant.ts';
import type { PoolEntry } from './pool-entry.ts';
import type { PoolKeys } from './pool-keys.ts';
import type { PoolWriter } from './pool-writer.ts';
import { forgetOldSecret, replacedRow, requireReplaceable } from './replaced-key.ts';
import { cleanSecret, fingerprintOf, maskSecret } from './secret-text.ts';

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

export interface KeyRecordsParts {
  store: Store;
  secrets: CredentialSecrets;
  scrubber: SecretScrubber;
  clock: Clock;
  newId: () => string;
  keys: PoolKeys;
  writer: PoolWriter;
  /** Hears that a key of this profile may have become usable; null for any profile. Must not throw. */
  usable: (profileId: string | null) => void;
}

/**
 * The keys as a person has them: entered, shown, changed, replaced, deleted. A change is stored first, then it holds, and at
 * once for whoever chooses next. Lending is the pool's.
 */
export class KeyRecords {
  readonly #parts: KeyRecordsParts;
  /** Fingerprints of keys that are being added: two windows may paste the same one at once. */
  readonly #adding = new Set<string>();

  constructor(parts: KeyRecordsParts) {
    this.#parts = parts;
  }

  list(profileId?: string): CredentialRecord[] {
    return this.#parts.keys
      .all()
      .filter((entry) => profileId === undefined || entry.row.profile_id === profileId)
      .map((entry) => this.#toRecord(entry));
  }

  /** What a key is called, without the work that a whole record is; null for one that is gone. */
  labelOf(credentialId: string): string | null {
    return this.#parts.keys.get(credentialId)?.row.label ?? null;
  }

  /** The group of a key; null for one without a group, and for one that is gone. */
  groupOf(credentialId: string): string | null {
    return this.#parts.keys.get(credentialId)?.row.group_name ?? null;
  }

  /** @throws AppFailure `not_found`. */
  require(credentialId: string): CredentialRecord {
    return this.#toRecord(this.#parts.keys.require(credentialId));
  }

  #toRecord(entry: PoolEntry): CredentialRecord {
    const { store, secrets, clock } = this.#parts;
    entry.heedClock(clock.now());
    const client = entry.row.auth === 'oauth' ? store.oauthClients.get(entry.id) : null;
    return toCredentialRecord(entry, secrets.placeOf(entry.id), client, clock.now());
  }

  // ── Entering ──────────────────────────────────────────────────────────────────────────────────────────────────────

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
    const twin = this.#twinOf(fingerprint);
    if (twin !== undefined && twin.row.auth === 'api_key' && !secrets.canOpen(twin.id)) {
      // Entered again because it could not be opened: it takes the place of what nobody can read.
      await secrets.replace(twin.id, input.origin, secret);
      this.#apply(twin, { approved_origin: input.origin, updated_at_ms: clock.now() });
      return this.#toRecord(twin);
    }
    if (twin !== undefined) throw alreadyThere(twin, { word: 'key_there_as', with: { label: twin.row.label } });
    return this.#whileAdding(fingerprint, () => this.#create(input, secret, fingerprint));
  }

  async #create(input: NewCredential, secret: string, fingerprint: string): Promise<CredentialRecord> {
    const { store, secrets, clock, newId, keys, usable } = this.#parts;
    const row = newRow(input, { id: newId(), mask: maskSecret(secret), fingerprint, nowMs: clock.now() });
    const { oauth } = input;
    const plain = oauth === undefined ? secret : JSON.stringify(newGrant(secret, oauth.clientSecret));
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
        if (oauth !== undefined) store.oauthClients.insert(newClientRow(row.id, oauth));
      });
    }
    secrets.keep(row.id, plain, sealed);
    const entry = keys.add(row);
    usable(row.profile_id);
    return this.#toRecord(entry);
  }

  /**
   * Puts another secret into a key's record. Its label, its priority and its figures stay; refusals and rests of the old secret
   * end, but for a suspicion of abuse. The new secret is bound to `origin`.
   *
   * @throws AppFailure `invalid_payload` for a key that is none, `conflict` for one that is there, `unsupported_option` for a
   *   sign-in, `not_found`, `secrets_locked`, `storage_*`; nothing has changed then.
   */
  async replaceSecret(credentialId: string, origin: string, pasted: string): Promise<CredentialRecord> {
    const { store, secrets, scrubber, clock, keys, writer } = this.#parts;
    const entry = keys.require(credentialId);
    requireReplaceable(entry.row);
    const secret = cleanSecret(pasted);
    scrubber.add(secret);
    const fingerprint = fingerprintOf(entry.row.profile_id, secret);
    const twin = this.#twinOf(fingerprint);
    // One that cannot be opened may be entered again: that is how it comes back.
    if (twin !== undefined && (twin !== entry || secrets.canOpen(entry.id))) {
      const said: FailureSaying =
        twin === entry ? { word: 'key_there_same' } : { word: 'key_there_as', with: { label: twin.row.label } };
      throw alreadyThere(twin, said);
    }
    return this.#whileAdding(fingerprint, async () => {
      const replaced = () =>
        replacedRow(entry.row, { origin, mask: maskSecret(secret), fingerprint, nowMs: clock.now() });
      await secrets.replace(entry.id, origin, secret, () => {
        const row = replaced();
        store.credentials.describe(row);
        store.credentials.update(row);
      });
      entry.row = replaced();
      forgetOldSecret(entry);
      writer.atOnce(entry);
      this.#holds(entry);
      return this.#toRecord(entry);
    });
  }

  #twinOf(fingerprint: string): PoolEntry | undefined {
    return this.#parts.keys.all().find((entry) => entry.row.fingerprint === fingerprint);
  }

  /** @throws AppFailure `conflict` while the same key is being added. */
  async #whileAdding<T>(fingerprint: string, add: () => Promise<T>): Promise<T> {
    if (this.#adding.has(fingerprint)) throw failureOf('conflict', { word: 'key_being_added' });
    this.#adding.add(fingerprint);
    try {
      return await add();
    } finally {
      this.#adding.delete(fingerprint);
    }
  }

  // ── Changing ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Changes a key: stored first, then it holds, and at once for whoever chooses next (E10-05, BUG-D18).
   *
   * @throws AppFailure `not_found`, `storage_*`; nothing has changed then.
   */
  async update(credentialId: string, changes: CredentialUpdate): Promise<CredentialRecord> {
    const { label, priority, group, maxInFlight, models } = changes;
    return this.#change(this.#parts.keys.require(credentialId), {
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
    return this.#change(this.#parts.keys.require(credentialId), { disabled: 1, disabled_reason: 'manual' });
  }

  /** Makes a key as good as new: on, without failures, rested. Its counters of the past stay. @throws as `update`. */
  async reset(credentialId: string): Promise<CredentialRecord> {
    const entry = this.#parts.keys.require(credentialId);
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
    const { store, clock, writer } = this.#parts;
    const change = { ...fields, updated_at_ms: clock.now() };
    const apply = () => {
      entry.row = { ...entry.row, ...change };
      applied();
      // What was learned of the key while this was being stored is stored with it.
      writer.atOnce(entry);
      this.#holds(entry);
    };
    if (!entry.isStored) apply();
    else {
      const isThere = await store.committer.commit(() => store.credentials.update({ ...entry.row, ...change }), {
        committed: (changed) => void (changed && apply()),
      });
      if (!isThere) throw failureOf('not_found', { word: 'key_deleted_meanwhile' });
    }
    return this.#toRecord(entry);
  }

  /**
   * A person said that a key may be sent to another origin. @throws AppFailure `not_found`, `secrets_locked`, `storage_*`.
   */
  async confirmHost(credentialId: string, origin: string): Promise<CredentialRecord> {
    const { secrets, clock, keys } = this.#parts;
    const entry = keys.require(credentialId);
    await secrets.rebind(credentialId, origin);
    this.#apply(entry, { approved_origin: origin, updated_at_ms: clock.now() });
    return this.#toRecord(entry);
  }

  /** Takes every key out of a group and deletes the group's proxy, in one transaction. @returns the keys' ids. */
  async deleteGroup(group: string): Promise<string[]> {
    const { store, clock, keys } = this.#parts;
    const members = keys.all().filter((entry) => entry.row.group_name === group);
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

  /** What was stored of a key holds from now on. */
  #apply(entry: PoolEntry, fields: Partial<CredentialRow>): void {
    entry.row = { ...entry.row, ...fields };
    this.#holds(entry);
  }

  /** Whoever waits may be able to go on with it, and whoever shows it shows something else. */
  #holds(entry: PoolEntry): void {
    this.#parts.usable(entry.row.profile_id);
    this.#parts.keys.tell(entry);
  }

  // ── Deleting ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Deletes a key that is switched off. Answers under way with it finish.
   *
   * @throws AppFailure `conflict` for one that is on: a slip of the hand must not stop what runs; `not_found`, `storage_*`.
   */
  async remove(credentialId: string): Promise<void> {
    const { store, keys } = this.#parts;
    const entry = keys.require(credentialId);
    if (entry.row.disabled === 0) {
      const said: FailureSaying = { word: 'key_switched_on', with: { label: entry.row.label } };
      throw failureOf('conflict', said, { details: { credentialId } });
    }
    if (entry.isStored) await store.committer.commit(() => void store.credentials.remove(credentialId));
    this.#drop(entry);
  }

  /** Forgets the keys of a profile that was deleted; the store has removed their rows with it. */
  forgetProfile(profileId: string): void {
    for (const entry of this.#parts.keys.of(profileId)) this.#drop(entry);
  }

  #drop(entry: PoolEntry): void {
    this.#parts.keys.drop(entry);
    this.#parts.usable(entry.row.profile_id);
  }

  // ── What has changed elsewhere ────────────────────────────────────────────────────────────────────────────────────

  /**
   * What seals secrets has changed: keys that were in memory only are stored now, and whoever waits may have a key that was
   * locked. Rejects with `storage_*`.
   */
  async sealingChanged(): Promise<void> {
    const { secrets, keys, writer, usable } = this.#parts;
    try {
      const ids = keys.all().map((entry) => entry.id);
      const stored = await secrets.refresh(ids, (id) => keys.get(id)?.row ?? null);
      for (const id of stored) {
        const entry = keys.get(id);
        if (entry !== undefined) writer.atOnce(entry);
      }
    } finally {
      usable(null);
    }
  }

  /** The tokens of a credential were renewed, or cannot be any more. */
  renewalChanged(credentialId: string): void {
    const { keys } = this.#parts;
    const entry = keys.get(credentialId);
    if (entry === undefined) return;
    keys.readSignIn(entry);
    this.#holds(entry);
  }
}

/** A key that was never used. `cipher_kind` holds for as long as nothing has sealed it. */
function newRow(
  input: NewCredential,
  { id, mask, fingerprint, nowMs }: { id: string; mask: string; fingerprint: string; nowMs: number },
): Omit<CredentialRow, 'sealed'> {
  return {
    id,
    profile_id: input.profileId,
    label: input.label,
    mask,
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
}

function newGrant(refreshToken: string, clientSecret: string | null): OAuthGrant {
  return { refreshToken, clientSecret, accessToken: null, expiresAtMs: null };
}

function newClientRow(credentialId: string, oauth: NonNullable<NewCredential['oauth']>): OAuthClientRow {
  return {
    credential_id: credentialId,
    token_url: oauth.tokenUrl,
    client_id: oauth.clientId,
    scope: oauth.scope,
    state: 'ready',
    last_error: null,
    pending_since_ms: null,
    refreshed_at_ms: null,
  };
}

function alreadyThere(twin: PoolEntry, said: FailureSaying): AppFailure {
  return failureOf('conflict', said, { details: { credentialId: twin.id } });
}
