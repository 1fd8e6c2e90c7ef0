import { failureOf } from '../platform/app-failure.ts';
import type { CredentialRow } from '../store/credential-repository.ts';
import type { Store } from '../store/store.ts';
import type { CredentialSecrets } from './credential-secrets.ts';
import { PoolEntry } from './pool-entry.ts';

const NONE: readonly PoolEntry[] = [];

/** What happened to a key. `flagged`: the provider suspects abuse of its account. */
export interface PoolNews {
  kind: 'changed' | 'flagged';
  credentialId: string;
}

/**
 * All keys of all profiles with what is known of them, by id and by profile, and who hears that one has changed. There is one
 * for a pool; the pool and its records share it and hand it to nobody.
 */
export class PoolKeys {
  readonly #store: Store;
  readonly #secrets: CredentialSecrets;
  readonly #byId = new Map<string, PoolEntry>();
  readonly #byProfile = new Map<string, PoolEntry[]>();
  #listener: (news: PoolNews) => void = () => undefined;

  /**
   * Reads the keys that are stored, with what earlier processes stored of them, by the wall clock (E10-17).
   *
   * @param nowMs Unix milliseconds; a rest that has ended by then is over.
   */
  constructor(store: Store, secrets: CredentialSecrets, nowMs: number) {
    this.#store = store;
    this.#secrets = secrets;
    for (const { sealed: _, ...row } of store.credentials.list()) this.add(row);
    for (const health of store.credentialHealth.list()) this.get(health.credential_id)?.restore(health);
    for (const rest of store.credentialHealth.cooldowns()) this.get(rest.credential_id)?.restoreRest(rest, nowMs);
  }

  get(credentialId: string): PoolEntry | undefined {
    return this.#byId.get(credentialId);
  }

  /** @throws AppFailure `not_found`. */
  require(credentialId: string): PoolEntry {
    const entry = this.#byId.get(credentialId);
    if (entry === undefined) throw failureOf('not_found', { word: 'key_gone' });
    return entry;
  }

  /** A profile's keys, in the order in which they came; not to be changed by the reader. */
  of(profileId: string): readonly PoolEntry[] {
    return this.#byProfile.get(profileId) ?? NONE;
  }

  all(): PoolEntry[] {
    return [...this.#byId.values()];
  }

  add(row: Omit<CredentialRow, 'sealed'>): PoolEntry {
    const entry = new PoolEntry(row, this.#secrets);
    if (row.auth === 'oauth') this.readSignIn(entry);
    this.#byId.set(row.id, entry);
    const siblings = this.#byProfile.get(row.profile_id) ?? [];
    siblings.push(entry);
    this.#byProfile.set(row.profile_id, siblings);
    return entry;
  }

  /** Looks up whether the sign-in of a key that renews itself has ended. */
  readSignIn(entry: PoolEntry): void {
    entry.needsSignIn = this.#store.oauthClients.get(entry.id)?.state === 'sign_in';
  }

  /** Forgets a key and its secret. Who holds its entry may go on counting in it: nobody reads it any more. */
  drop(entry: PoolEntry): void {
    this.#byId.delete(entry.id);
    this.#secrets.forget(entry.id);
    const siblings = this.of(entry.row.profile_id).filter((other) => other !== entry);
    if (siblings.length === 0) this.#byProfile.delete(entry.row.profile_id);
    else this.#byProfile.set(entry.row.profile_id, siblings);
  }

  /** Calls `listener` for each change of a key. One listener; it must not throw. It may be called very often. */
  onChange(listener: (news: PoolNews) => void): void {
    this.#listener = listener;
  }

  /** Says that a key has changed; `flagged` where its provider suspects abuse. */
  tell(entry: PoolEntry, kind: PoolNews['kind'] = 'changed'): void {
    this.#listener({ kind, credentialId: entry.id });
  }
}
