import { createHash } from 'node:crypto';
import type { CredentialRecord } from '#contract/records';
import { AppFailure } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { SecretCipher } from '../platform/host-capabilities.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import type { CredentialRow } from '../store/credential-repository.ts';
import type { Store } from '../store/store.ts';
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
}

/** A credential in use. `release` gives it back; calling it twice is harmless. */
export interface CredentialLease {
  credentialId: string;
  secret: string;
  release(): void;
}

interface Entry {
  row: Omit<CredentialRow, 'sealed'>;
  /** Null until it was opened, and when it cannot be. */
  secret: string | null;
  sealed: Uint8Array | null;
}

/**
 * The user's keys. On disk only as ciphertext; without a cipher only in memory. Outside this class a secret exists for
 * the length of one upstream call.
 */
export class CredentialPool {
  readonly #parts: {
    store: Store;
    cipher: SecretCipher | null;
    scrubber: SecretScrubber;
    clock: Clock;
    newId: () => string;
  };
  readonly #entries = new Map<string, Entry>();

  constructor(parts: {
    store: Store;
    cipher: SecretCipher | null;
    scrubber: SecretScrubber;
    clock: Clock;
    newId: () => string;
  }) {
    this.#parts = parts;
    for (const { sealed, ...row } of parts.store.credentials.list())
      this.#entries.set(row.id, { row, secret: null, sealed });
  }

  list(profileId?: string): CredentialRecord[] {
    return [...this.#entries.values()]
      .filter((entry) => profileId === undefined || entry.row.profile_id === profileId)
      .map((entry) => this.#toRecord(entry));
  }

  #canOpen(entry: Entry): boolean {
    return entry.secret !== null || (entry.sealed !== null && this.#parts.cipher?.kind === entry.row.cipher_kind);
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
      storage: entry.sealed === null ? 'memory' : this.#canOpen(entry) ? 'sealed' : 'locked',
      createdAtMs: row.created_at_ms,
      updatedAtMs: row.updated_at_ms,
    };
  }

  /** @throws AppFailure `invalid_payload` for a key that is none, `conflict` for one that is there, `storage_*`. */
  async create(input: NewCredential): Promise<CredentialRecord> {
    const { store, cipher, scrubber, clock, newId } = this.#parts;
    const secret = cleanSecret(input.secret);
    scrubber.add(secret);
    const fingerprint = createHash('sha256').update(`${input.profileId}\0${secret}`).digest('hex');
    const twin = [...this.#entries.values()].find((entry) => entry.row.fingerprint === fingerprint);
    if (twin !== undefined) {
      throw new AppFailure('conflict', `This key is there already, as “${twin.row.label}”.`, {
        details: { credentialId: twin.row.id },
      });
    }
    const nowMs = clock.now();
    const row: Omit<CredentialRow, 'sealed'> = {
      id: newId(),
      profile_id: input.profileId,
      label: input.label,
      mask: maskSecret(secret),
      fingerprint,
      cipher_kind: cipher?.kind ?? 'memory',
      approved_origin: input.origin,
      priority: input.priority ?? 0,
      group_name: input.group ?? null,
      max_in_flight: input.maxInFlight ?? 0,
      disabled: 0,
      disabled_reason: null,
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
    };
    const sealed = cipher === null ? null : await cipher.seal(secret);
    if (sealed !== null) {
      await store.committer.commit(() => store.credentials.insert({ ...row, sealed: Buffer.from(sealed) }));
    }
    const entry: Entry = { row, secret, sealed };
    this.#entries.set(row.id, entry);
    return this.#toRecord(entry);
  }

  /** @throws AppFailure `not_found`. */
  async remove(credentialId: string): Promise<void> {
    const entry = this.#entries.get(credentialId);
    if (entry === undefined) throw new AppFailure('not_found', 'There is no such key.');
    if (entry.sealed !== null)
      await this.#parts.store.committer.commit(() => void this.#parts.store.credentials.remove(credentialId));
    this.#entries.delete(credentialId);
  }

  /** Forgets the keys of a profile that was deleted; the store has removed their rows with it. */
  forgetProfile(profileId: string): void {
    for (const [id, entry] of this.#entries) if (entry.row.profile_id === profileId) this.#entries.delete(id);
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
        `The keys of this profile were entered for ${all[0]?.row.approved_origin ?? 'another address'}. Enter the key again to use it at ${origin}.`,
        {
          retry: { kind: 'user-action', action: 'add-key' },
        },
      );
    }
    const usable = here
      .filter((entry) => this.#canOpen(entry))
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
    chosen.secret ??= await this.#open(chosen);
    return { credentialId: chosen.row.id, secret: chosen.secret, release: () => undefined };
  }

  async #open(entry: Entry): Promise<string> {
    const { cipher, scrubber } = this.#parts;
    if (cipher === null || entry.sealed === null) throw new AppFailure('secrets_locked', 'The key cannot be read.');
    const secret = await cipher.open(entry.sealed);
    scrubber.add(secret);
    return secret;
  }
}
