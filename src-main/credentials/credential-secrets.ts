import type { FailureFact, FailureSaying } from '#contract/failure-saying';
import type { CredentialRecord } from '#contract/records';
import { AppFailure, factOf, failureOf, told } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import type { CredentialRow } from '../store/credential-repository.ts';
import type { Store } from '../store/store.ts';
import { readGrant, secretsOfGrant } from './oauth-grant.ts';
import { credentialBinding } from './secret-binding.ts';
import type { SealedText, SecretKeeper } from './secret-keeper.ts';

export interface SecretsParts {
  store: Store;
  keeper: SecretKeeper;
  scrubber: SecretScrubber;
  clock: Clock;
}

/** What may be told of where a credential's secret is. */
export interface SecretPlace {
  storage: CredentialRecord['storage'];
  /** Why it cannot be read, and what helps; null where it can. */
  lockedReason: string | null;
  lockedSaid?: FailureSaying;
}

/**
 * The secrets of credentials: which are open, which are sealed and with what. The pool knows everything else of a
 * credential and asks here; ciphertext is read from the store when it is needed, so that there is one copy of it.
 */
export class CredentialSecrets {
  readonly #parts: SecretsParts;
  /** Open secrets, by credential. */
  readonly #open = new Map<string, string>();
  /** What sealed each stored one. A credential that is missing here is in memory only. */
  #kinds: Map<string, string>;
  /** Those that did not open although their cipher is there. */
  readonly #refused = new Map<string, FailureFact>();
  #epoch = 0;

  constructor(parts: SecretsParts) {
    this.#parts = parts;
    this.#kinds = kindsIn(parts.store);
  }

  placeOf(credentialId: string): SecretPlace {
    const kind = this.#kinds.get(credentialId);
    if (kind === undefined) return { storage: 'memory', lockedReason: null };
    const refusal = this.#refused.get(credentialId);
    if (refusal !== undefined) return lockedPlace(refusal);
    if (this.#open.has(credentialId) || this.#parts.keeper.canOpen(kind))
      return { storage: 'sealed', lockedReason: null };
    return lockedPlace(this.#parts.keeper.whyLocked(kind));
  }

  /** Grows with whatever may change an answer of `canOpen` or `isStored`, so that they may be kept until then. */
  get epoch(): number {
    return this.#epoch + this.#parts.keeper.epoch;
  }

  /** A secret that is open already; null for any other. */
  opened(credentialId: string): string | null {
    return this.#open.get(credentialId) ?? null;
  }

  canOpen(credentialId: string): boolean {
    const kind = this.#kinds.get(credentialId);
    if (kind === undefined) return true;
    return !this.#refused.has(credentialId) && (this.#open.has(credentialId) || this.#parts.keeper.canOpen(kind));
  }

  /** Whether it has a row on disk; false for one that is in memory only. */
  isStored(credentialId: string): boolean {
    return this.#kinds.has(credentialId);
  }

  /** @throws AppFailure `secrets_locked` while a vault waits for its passphrase. Null: it can stay in memory only. */
  seal(credentialId: string, origin: string, secret: string, tokenUrl = ''): Promise<SealedText | null> {
    this.#hide(secret, tokenUrl !== '');
    return this.#parts.keeper.seal(secret, credentialBinding(credentialId, origin, tokenUrl));
  }

  /** Notes a secret that was just stored (or, without `sealed`, is to stay in memory). */
  keep(credentialId: string, secret: string, sealed: SealedText | null): void {
    this.#open.set(credentialId, secret);
    this.#refused.delete(credentialId);
    if (sealed === null) this.#kinds.delete(credentialId);
    else this.#kinds.set(credentialId, sealed.cipherKind);
    this.#epoch++;
  }

  forget(credentialId: string): void {
    // It may still come back in an answer that is under way: the scrubber knows it until the end of the process.
    this.#open.delete(credentialId);
    this.#kinds.delete(credentialId);
    this.#refused.delete(credentialId);
    this.#epoch++;
  }

  /** Tells the scrubber what is secret in a text. The words around the tokens of a grant are not. */
  #hide(secret: string, isGrant: boolean): void {
    for (const each of isGrant ? secretsOfGrant(readGrant(secret)) : [secret]) this.#parts.scrubber.add(each);
  }

  /**
   * The secret of a credential: a key, or the JSON of a grant.
   *
   * @throws AppFailure `secrets_locked`, `not_found`.
   */
  async open(credentialId: string): Promise<string> {
    const known = this.#open.get(credentialId);
    if (known !== undefined) return known;
    const { store, keeper } = this.#parts;
    const row = store.credentials.get(credentialId);
    if (row === null) throw failureOf('not_found', { word: 'key_gone' });
    const tokenUrl = store.oauthClients.get(credentialId)?.token_url ?? '';
    const binding = credentialBinding(credentialId, row.approved_origin, tokenUrl);
    try {
      const secret = await keeper.open(row.sealed, row.cipher_kind, binding);
      this.#hide(secret, row.auth === 'oauth');
      this.#open.set(credentialId, secret);
      this.#epoch++;
      return secret;
    } catch (thrown) {
      if (thrown instanceof AppFailure && keeper.canOpen(row.cipher_kind)) {
        this.#refused.set(credentialId, factOf(thrown));
        this.#epoch++;
      }
      throw thrown;
    }
  }

  /**
   * Opens everything that can be opened, so that the scrubber knows it and a key that was sealed on another computer shows
   * as locked before it is needed. Never rejects for what cannot be opened.
   */
  async openAll(): Promise<void> {
    for (const [id, kind] of this.#kinds) {
      if (this.#open.has(id) || !this.#parts.keeper.canOpen(kind)) continue;
      try {
        await this.open(id);
      } catch (thrown) {
        // `open` has noted why; the row says so in the window.
        if (!(thrown instanceof AppFailure)) throw thrown;
      }
    }
  }

  /**
   * What sealed the secrets may have changed: looks again, and seals what had to stay in memory until now.
   *
   * @param rowOf a credential's record as it is when it is asked for; null when it is gone.
   * @returns the credentials that are stored from now on.
   */
  async refresh(
    credentialIds: readonly string[],
    rowOf: (credentialId: string) => Omit<CredentialRow, 'sealed'> | null,
  ): Promise<string[]> {
    const { store } = this.#parts;
    this.#kinds = kindsIn(store);
    this.#refused.clear();
    this.#epoch++;
    const stored: string[] = [];
    for (const id of credentialIds) {
      const secret = this.#open.get(id);
      const origin = rowOf(id)?.approved_origin;
      if (secret === undefined || origin === undefined) continue;
      if (this.#kinds.has(id) || this.#parts.keeper.state !== 'ready') continue;
      const sealed = await this.seal(id, origin, secret);
      if (sealed === null) continue;
      await store.committer.commit(
        () => {
          // It may have been changed while it was sealed, and bytes for another address would never open.
          const row = rowOf(id);
          if (row === null || row.approved_origin !== origin) return false;
          store.credentials.insert({ ...row, cipher_kind: sealed.cipherKind, sealed: sealed.sealed });
          return true;
        },
        {
          committed: (isStored) => {
            if (!isStored) return;
            this.#kinds.set(id, sealed.cipherKind);
            this.#epoch++;
            stored.push(id);
          },
        },
      );
    }
    await this.openAll();
    return stored;
  }

  /**
   * Binds a credential's secret to another origin, because a person said so. Both are stored together.
   *
   * @throws AppFailure `secrets_locked`: what cannot be opened cannot be bound anew.
   */
  async rebind(credentialId: string, origin: string): Promise<void> {
    const { store, clock } = this.#parts;
    const secret = await this.open(credentialId);
    const tokenUrl = store.oauthClients.get(credentialId)?.token_url ?? '';
    await this.#store(credentialId, origin, secret, tokenUrl, clock.now());
  }

  /**
   * Puts another secret in the place of a credential's, in one write.
   *
   * @param also what is stored with it, in the same transaction; not called for one that is in memory only.
   * @throws AppFailure `storage_*`, `secrets_locked`: also where something is to be stored with it and nothing can seal it.
   */
  async replace(credentialId: string, origin: string, secret: string, also?: () => void): Promise<void> {
    const tokenUrl = this.#parts.store.oauthClients.get(credentialId)?.token_url ?? '';
    await this.#store(credentialId, origin, secret, tokenUrl, this.#parts.clock.now(), also);
  }

  async #store(
    id: string,
    origin: string,
    secret: string,
    tokenUrl: string,
    nowMs: number,
    also?: () => void,
  ): Promise<void> {
    const sealed = await this.seal(id, origin, secret, tokenUrl);
    const { store } = this.#parts;
    if (sealed === null && also !== undefined && this.#kinds.has(id)) {
      throw failureOf(
        'secrets_locked',
        { word: 'key_replace_needs_passphrase' },
        { retry: { kind: 'user-action', action: 'unlock-keys' } },
      );
    }
    if (sealed !== null && this.#kinds.has(id)) {
      const wasThere = await store.committer.commit(() => {
        const { cipherKind, sealed: bytes } = sealed;
        const row = { id, approved_origin: origin, cipher_kind: cipherKind, sealed: bytes, updated_at_ms: nowMs };
        if (!store.credentials.rebind(row)) return false;
        also?.();
        return true;
      });
      if (!wasThere) throw failureOf('not_found', { word: 'key_gone' });
    }
    this.keep(id, secret, this.#kinds.has(id) ? sealed : null);
  }
}

function kindsIn(store: Store): Map<string, string> {
  return new Map(store.credentials.list().map((row) => [row.id, row.cipher_kind]));
}

function lockedPlace(why: FailureFact): SecretPlace {
  const { message, said } = told(why);
  return { storage: 'locked', lockedReason: message, ...(said === undefined ? {} : { lockedSaid: said }) };
}
