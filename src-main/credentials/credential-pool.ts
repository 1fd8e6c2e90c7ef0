import { createHash } from 'node:crypto';
import type { CredentialRecord } from '#contract/records';
import { AppFailure } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import type { CredentialRow } from '../store/credential-repository.ts';
import type { Store } from '../store/store.ts';
import type { CredentialSecrets } from './credential-secrets.ts';
import type { OAuthGrant } from './oauth-grant.ts';
import { cleanSecret, maskSecret } from './secret-text.ts';

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

/** A credential in use. `release` gives it back; calling it twice is harmless. */
export interface CredentialLease {
  credentialId: string;
  secret: string;
  release(): void;
}

interface Entry {
  row: Omit<CredentialRow, 'sealed'>;
}

interface PoolParts {
  store: Store;
  secrets: CredentialSecrets;
  scrubber: SecretScrubber;
  clock: Clock;
  newId: () => string;
  /** The token to call with, for credentials that renew themselves. */
  accessToken?: (credentialId: string) => Promise<string>;
}

/** The user's keys. What is secret of them lies with `CredentialSecrets`; a lease has it for the length of one call. */
export class CredentialPool {
  readonly #parts: PoolParts;
  readonly #entries = new Map<string, Entry>();
  /** Fingerprints of keys that are being added: two windows may paste the same one at once. */
  readonly #adding = new Set<string>();

  constructor(parts: PoolParts) {
    this.#parts = parts;
    for (const { sealed: _, ...row } of parts.store.credentials.list()) this.#entries.set(row.id, { row });
  }

  list(profileId?: string): CredentialRecord[] {
    return [...this.#entries.values()]
      .filter((entry) => profileId === undefined || entry.row.profile_id === profileId)
      .map((entry) => this.#toRecord(entry));
  }

  #toRecord(entry: Entry): CredentialRecord {
    const { row } = entry;
    return {
      id: row.id,
      profileId: row.profile_id,
      label: row.label,
      mask: row.mask,
      priority: row.priority,
      group: row.group_name,
      maxInFlight: row.max_in_flight,
      disabled: row.disabled === 1,
      disabledReason: row.disabled_reason,
      auth: row.auth,
      oauth: row.auth === 'oauth' ? this.#renewalOf(row.id) : null,
      approvedOrigin: row.approved_origin,
      ...this.#parts.secrets.placeOf(row.id),
      createdAtMs: row.created_at_ms,
      updatedAtMs: row.updated_at_ms,
    };
  }

  #renewalOf(credentialId: string): CredentialRecord['oauth'] {
    const client = this.#parts.store.oauthClients.get(credentialId);
    if (client === null) return null;
    return {
      state: client.state,
      tokenUrl: client.token_url,
      clientId: client.client_id,
      lastError: client.last_error,
      refreshedAtMs: client.refreshed_at_ms,
    };
  }

  /** @throws AppFailure `invalid_payload` for a key that is none, `conflict` for one that is there, `storage_*`. */
  async create(input: NewCredential): Promise<CredentialRecord> {
    const { secrets, scrubber, clock } = this.#parts;
    const secret = cleanSecret(input.secret);
    scrubber.add(secret);
    const fingerprint = createHash('sha256').update(`${input.profileId}\0${secret}`).digest('hex');
    const twin = [...this.#entries.values()].find((entry) => entry.row.fingerprint === fingerprint);
    if (twin !== undefined && twin.row.auth === 'api_key' && !secrets.canOpen(twin.row.id)) {
      // Entered again because it could not be opened: it takes the place of what nobody can read.
      await secrets.replace(twin.row.id, input.origin, secret);
      twin.row = { ...twin.row, approved_origin: input.origin, updated_at_ms: clock.now() };
      return this.#toRecord(twin);
    }
    if (twin !== undefined) {
      throw new AppFailure('conflict', `This key is there already, as “${twin.row.label}”.`, {
        details: { credentialId: twin.row.id },
      });
    }
    if (this.#adding.has(fingerprint)) throw new AppFailure('conflict', 'This key is being added already.');
    this.#adding.add(fingerprint);
    try {
      return await this.#add(input, secret, fingerprint);
    } finally {
      this.#adding.delete(fingerprint);
    }
  }

  async #add(input: NewCredential, secret: string, fingerprint: string): Promise<CredentialRecord> {
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
      throw new AppFailure(
        'secrets_locked',
        'A sign-in is renewed all the time and would be lost with the memory it is in. Set a passphrase first, then add it.',
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
    const entry: Entry = { row };
    this.#entries.set(row.id, entry);
    return this.#toRecord(entry);
  }

  /** @throws AppFailure `not_found`. */
  async remove(credentialId: string): Promise<void> {
    const entry = this.#entries.get(credentialId);
    if (entry === undefined) throw new AppFailure('not_found', 'There is no such key.');
    await this.#parts.store.committer.commit(() => void this.#parts.store.credentials.remove(credentialId));
    this.#entries.delete(credentialId);
    this.#parts.secrets.forget(credentialId);
  }

  /** Forgets the keys of a profile that was deleted; the store has removed their rows with it. */
  forgetProfile(profileId: string): void {
    for (const [id, entry] of this.#entries) {
      if (entry.row.profile_id !== profileId) continue;
      this.#entries.delete(id);
      this.#parts.secrets.forget(id);
    }
  }

  /** What seals secrets has changed: keys that were in memory only are stored now. Rejects with `storage_*`. */
  async sealingChanged(): Promise<void> {
    await this.#parts.secrets.refresh([...this.#entries.values()].map(({ row }) => row));
  }

  groupOf(credentialId: string): string | null {
    return this.#entries.get(credentialId)?.row.group_name ?? null;
  }

  /** @throws AppFailure `not_found`, `storage_*`; nothing changed then. */
  async setGroup(credentialId: string, group: string | null): Promise<CredentialRecord> {
    const entry = this.#entries.get(credentialId);
    if (entry === undefined) throw new AppFailure('not_found', 'There is no such key.');
    const { store, clock } = this.#parts;
    const nowMs = clock.now();
    await store.committer.commit(() => store.credentials.setGroup(credentialId, group, nowMs));
    entry.row = { ...entry.row, group_name: group, updated_at_ms: nowMs };
    return this.#toRecord(entry);
  }

  /** Takes every key out of a group and deletes the group's proxy, in one transaction. @returns the keys' ids. */
  async deleteGroup(group: string): Promise<string[]> {
    const members = [...this.#entries.values()].filter((entry) => entry.row.group_name === group);
    const { store, clock } = this.#parts;
    const nowMs = clock.now();
    await store.committer.commit(() => {
      for (const { row } of members) store.credentials.setGroup(row.id, null, nowMs);
      store.proxies.remove('group', group);
    });
    for (const entry of members) entry.row = { ...entry.row, group_name: null, updated_at_ms: nowMs };
    return members.map((entry) => entry.row.id);
  }

  /**
   * A person said that a key may be sent to another origin. @throws AppFailure `not_found`, `secrets_locked`, `storage_*`.
   */
  async confirmHost(credentialId: string, origin: string): Promise<CredentialRecord> {
    const entry = this.#entries.get(credentialId);
    if (entry === undefined) throw new AppFailure('not_found', 'There is no such key.');
    await this.#parts.secrets.rebind(credentialId, origin);
    entry.row = { ...entry.row, approved_origin: origin, updated_at_ms: this.#parts.clock.now() };
    return this.#toRecord(entry);
  }

  /**
   * The key to call a profile's upstream with: the usable one of the lowest priority number. Null when the profile has
   * none at all.
   *
   * @throws AppFailure `secrets_locked` when there are keys, but none can be opened; `no_credential` when they were
   *   entered for another address.
   */
  async lease(profileId: string, origin: string): Promise<CredentialLease | null> {
    const all = [...this.#entries.values()].filter(
      (entry) => entry.row.profile_id === profileId && entry.row.disabled === 0,
    );
    if (all.length === 0) return null;
    const here = all.filter((entry) => entry.row.approved_origin === origin);
    if (here.length === 0) {
      throw new AppFailure(
        'no_credential',
        `The keys of this profile were approved for ${all[0]?.row.approved_origin ?? 'another address'}, so nothing was sent to ${origin}. Confirm the new address under Credentials, or add a key for it.`,
        { retry: { kind: 'user-action', action: 'confirm-host' } },
      );
    }
    const usable = here
      .filter((entry) => this.#parts.secrets.canOpen(entry.row.id))
      .sort((a, b) => a.row.priority - b.row.priority || a.row.created_at_ms - b.row.created_at_ms);
    const chosen = usable[0];
    if (chosen === undefined) {
      throw new AppFailure(
        'secrets_locked',
        'The keys of this profile are locked. Unlock them, or enter a key again.',
        {
          retry: { kind: 'user-action', action: 'unlock-keys' },
        },
      );
    }
    const { secrets, accessToken } = this.#parts;
    const secret =
      chosen.row.auth === 'oauth' && accessToken !== undefined
        ? await accessToken(chosen.row.id)
        : await secrets.open(chosen.row.id);
    return { credentialId: chosen.row.id, secret, release: () => undefined };
  }
}
