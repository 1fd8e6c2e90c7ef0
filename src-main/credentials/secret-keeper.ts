import type { FailureSaying } from '#contract/failure-saying';
import { AppFailure, failureOf, inEnglish } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { HostCapabilities, SecretCipher, SystemKeyring } from '../platform/host-capabilities.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import { waitAtMost } from '../platform/wait-at-most.ts';
import type { SealedSecret } from '../store/sealed-secret-repository.ts';
import type { SecretKeyRow } from '../store/secret-key-repository.ts';
import type { Store } from '../store/store.ts';
import { createKeyringKey, readKeyringKey } from './keyring-key.ts';
import { sealerOf, whyLocked } from './locked-words.ts';
import { forgetOlderVault, OLDER_VAULT_KIND, openOlderVault } from './older-vault.ts';
import { cipherOfKey } from './sealed-by-key.ts';
import { secretBinding } from './secret-binding.ts';
import { createVault, type KdfParameters, openVault, requireLong } from './vault-key.ts';

/** A keyring may ask the person first; a start waits no longer than this and goes on without it. */
const KEYRING_WAIT_MS = 2000;

/** `locked`: a vault is in use and its passphrase is not known yet. `none`: secrets stay in memory. */
export type SecretsState = 'ready' | 'locked' | 'none';

export interface SealedText {
  cipherKind: string;
  sealed: Buffer;
}

interface KeeperParts {
  store: Store;
  host: Pick<HostCapabilities, 'cipher' | 'keyring' | 'vaultPassphrase'>;
  clock: Clock;
  logger: Logger;
  newId: () => string;
  /** What a new vault's passphrase costs to try; for tests, which try many. */
  vaultCost?: KdfParameters;
}

/**
 * What every secret of the store is sealed with, and the one who knows whether it can be opened. A passphrase that was
 * given or a vault that was made goes first, then the host's own cipher, then the system's keyring. A locked or missing
 * key changes nothing on disk: whatever cannot be opened stays as it is until it can.
 */
export class SecretKeeper {
  readonly #parts: KeeperParts;
  /** Everything that can open, by the kind that it writes beside its bytes. */
  readonly #ciphers = new Map<string, SecretCipher>();
  #primary: SecretCipher | null = null;
  #problem: FailureSaying | null = null;
  #epoch = 0;
  #keys: SecretKeyRow[];
  #changed: () => void = () => undefined;
  /** Passphrases are tried one after the other: each try takes its memory. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#keys = parts.store.secretKeys.list();
  }

  /** Opens what can be opened without asking anybody. Never rejects for a keyring or a passphrase that does not fit. */
  static async open(parts: KeeperParts): Promise<SecretKeeper> {
    const keeper = new SecretKeeper(parts);
    const { cipher, vaultPassphrase } = parts.host;
    if (cipher !== null) keeper.#ciphers.set(cipher.kind, cipher);
    if (vaultPassphrase !== undefined && vaultPassphrase !== '') {
      await keeper.#openWithGiven(vaultPassphrase);
    } else if (!keeper.#hasVault()) {
      keeper.#primary = cipher;
    }
    await keeper.#openKeyring();
    return keeper;
  }

  /** Grows with each key that opens secrets and comes or goes. */
  get epoch(): number {
    return this.#epoch;
  }

  get state(): SecretsState {
    if (this.#primary !== null) return 'ready';
    return this.#hasVault() ? 'locked' : 'none';
  }

  /** The kind that seals what is new; null while nothing can. */
  get cipherKind(): string | null {
    return this.#primary?.kind ?? null;
  }

  /** Whether a passphrase is in use, which then can be changed. */
  get hasPassphrase(): boolean {
    return this.#hasVault();
  }

  /** What went wrong with the passphrase or the keyring at the start, as a sentence; null normally. */
  get problem(): FailureSaying | null {
    return this.#problem;
  }

  /** Calls `listener` after everything that changes what can be opened. One listener. */
  onChange(listener: () => void): void {
    this.#changed = listener;
  }

  canOpen(cipherKind: string): boolean {
    return this.#ciphers.has(cipherKind);
  }

  /** Why something of this kind cannot be opened, for its row in the window. */
  whyLocked(cipherKind: string): FailureSaying {
    const id = cipherKind.slice(cipherKind.indexOf(':') + 1);
    return whyLocked(cipherKind, cipherKind === OLDER_VAULT_KIND || this.#keys.some((row) => row.id === id));
  }

  /** Whether new secrets can be taken now, and if not, whether they stay in memory. @throws AppFailure `secrets_locked`. */
  async seal(plain: string, binding: string): Promise<SealedText | null> {
    if (this.#primary !== null) {
      return { cipherKind: this.#primary.kind, sealed: Buffer.from(await this.#primary.seal(plain, binding)) };
    }
    if (this.state === 'none') return null;
    throw locked({ word: 'locked_to_add' });
  }

  /** @throws AppFailure `secrets_locked` with the sentence that helps. */
  async open(sealed: Uint8Array, cipherKind: string, binding: string): Promise<string> {
    const cipher = this.#ciphers.get(cipherKind);
    if (cipher === undefined) throw locked(this.whyLocked(cipherKind));
    return cipher.open(sealed, binding);
  }

  /**
   * Opens the vault. Older vaults that the same passphrase fits are opened as well.
   *
   * @throws AppFailure `invalid_payload` for a wrong passphrase, `secrets_locked` for a record that is damaged,
   *   `not_found` where there is no vault.
   */
  unlock(passphrase: string): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#hasVault()) throw failureOf('not_found', { word: 'no_passphrase_to_unlock' });
      if (!(await this.#tryPassphrase(passphrase))) {
        throw failureOf('invalid_payload', { word: 'passphrase_wrong' }, { details: { field: 'passphrase' } });
      }
      this.#problem = null;
      this.#changed();
    });
  }

  /** Begins a vault where there is none. @throws AppFailure `conflict`, `invalid_payload` for a short passphrase. */
  setUp(passphrase: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#hasVault()) throw failureOf('conflict', { word: 'passphrase_set_already' });
      requireLong(passphrase);
      await this.#begin(passphrase, []);
    });
  }

  /**
   * Seals every secret of the vault anew under another passphrase, in one transaction: before it the old one opens all of
   * them, after it the new one. What another cipher sealed stays as it is.
   *
   * @throws AppFailure `invalid_payload` for a wrong or short passphrase, `secrets_locked`, `storage_*`.
   */
  changePassphrase(current: string, next: string): Promise<void> {
    return this.#inTurn(async () => {
      requireLong(next);
      const row = this.#vaultInUse();
      if (row === null) throw failureOf('not_found', { word: 'passphrase_not_set' });
      const opening = await openVault(row, current);
      if (opening.kind === 'damaged') throw damagedVault();
      if (opening.kind === 'wrong-passphrase') {
        throw failureOf(
          'invalid_payload',
          { word: 'passphrase_present_wrong' },
          {
            details: { field: 'current' },
          },
        );
      }
      const cipher = cipherOfKey(`vault:${row.id}`, opening.key);
      const secrets: { old: SealedSecret; plain: string }[] = [];
      for (const old of this.#parts.store.sealedSecrets.list()) {
        if (old.cipher_kind !== cipher.kind) continue;
        secrets.push({ old, plain: await cipher.open(old.sealed, secretBinding(old)) });
      }
      await this.#begin(next, secrets, row.id);
      this.#ciphers.delete(cipher.kind);
      this.#epoch++;
      this.#changed();
    });
  }

  /**
   * Begins a new vault beside one whose passphrase is lost. Nothing is deleted: what the old one sealed opens again when its
   * passphrase is remembered.
   *
   * @throws AppFailure `invalid_payload` for a short passphrase.
   */
  startOver(passphrase: string): Promise<void> {
    return this.#inTurn(async () => {
      requireLong(passphrase);
      await this.#begin(passphrase, []);
    });
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    // Whoever asked hears of a failure; the next one in line only waits for it.
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #vaultInUse(): SecretKeyRow | null {
    return this.#keys.find((row) => row.kind === 'vault' && row.in_use === 1) ?? null;
  }

  #olderSecrets(): SealedSecret[] {
    return this.#parts.store.sealedSecrets.list().filter((secret) => secret.cipher_kind === OLDER_VAULT_KIND);
  }

  #hasVault(): boolean {
    return this.#vaultInUse() !== null || this.#olderSecrets().length > 0;
  }

  async #openWithGiven(passphrase: string): Promise<void> {
    try {
      if (!this.#hasVault()) {
        await this.#begin(passphrase, []);
        return;
      }
      if (await this.#tryPassphrase(passphrase)) return;
      this.#problem = { word: 'vault_env_wrong' };
    } catch (thrown) {
      if (!(thrown instanceof AppFailure)) throw thrown;
      this.#problem = thrown.said ?? { word: 'internal' };
    }
  }

  /** @returns false when no vault opens. @throws AppFailure `secrets_locked` for a damaged record. */
  async #tryPassphrase(passphrase: string): Promise<boolean> {
    const inUse = this.#vaultInUse();
    if (inUse === null) return this.#adoptOlder(passphrase);
    const opening = await openVault(inUse, passphrase);
    if (opening.kind === 'open') this.#primary = this.#add(`vault:${inUse.id}`, opening.key);
    let hasOpened = opening.kind === 'open';
    for (const row of this.#keys) {
      if (row.kind !== 'vault' || row.in_use === 1) continue;
      const other = await openVault(row, passphrase);
      if (other.kind !== 'open') continue;
      this.#add(`vault:${row.id}`, other.key);
      hasOpened = true;
    }
    if (!hasOpened && opening.kind === 'damaged') throw damagedVault();
    return hasOpened;
  }

  /** The first vault had no record: the passphrase that opens its secrets gets one, and they are sealed anew with it. */
  async #adoptOlder(passphrase: string): Promise<boolean> {
    const secrets: { old: SealedSecret; plain: string }[] = [];
    for (const old of this.#olderSecrets()) {
      const plain = await openOlderVault(old.sealed, passphrase);
      // One that does not open was sealed with yet another passphrase, or is damaged; it stays as it is.
      if (plain !== null) secrets.push({ old, plain });
    }
    forgetOlderVault();
    if (secrets.length === 0) return false;
    await this.#begin(passphrase, secrets);
    return true;
  }

  /** Puts a new vault into use and seals `secrets` with it, in one transaction. */
  async #begin(
    passphrase: string,
    secrets: { old: SealedSecret; plain: string }[],
    replaced: string | null = null,
  ): Promise<void> {
    const { store, clock, newId, vaultCost } = this.#parts;
    const { row, key } = await createVault(passphrase, newId(), clock.now(), vaultCost);
    const cipher = cipherOfKey(`vault:${row.id}`, key);
    const sealed: { old: SealedSecret; bytes: Buffer }[] = [];
    for (const { old, plain } of secrets)
      sealed.push({ old, bytes: Buffer.from(await cipher.seal(plain, secretBinding(old))) });
    await store.committer.commit(() => {
      store.secretKeys.use(row);
      for (const { old, bytes } of sealed) {
        // A secret that changed since it was read would be lost; better to change nothing and be asked again.
        if (!store.sealedSecrets.replace(old, cipher.kind, bytes)) throw changedMeanwhile();
      }
      if (replaced !== null) store.secretKeys.remove(replaced);
    });
    this.#keys = store.secretKeys.list();
    this.#primary = this.#add(cipher.kind, key);
    this.#problem = null;
    this.#changed();
  }

  #add(kind: string, key: Buffer): SecretCipher {
    const cipher = cipherOfKey(kind, key);
    this.#ciphers.set(kind, cipher);
    this.#epoch++;
    return cipher;
  }

  /** Waits for the keyring for a moment; one that opens later, because a person was asked, counts from then on. */
  async #openKeyring(): Promise<void> {
    const { clock, logger } = this.#parts;
    const { keyring } = this.#parts.host;
    const mayCreate = this.state === 'none';
    // It is asked for what it sealed, and where nothing else could seal; else a person would be asked for nothing.
    if (keyring === undefined || (!mayCreate && !this.#hasKeyringSecrets())) return;
    const opened = this.#askKeyring(keyring, mayCreate).then(
      () => this.#changed(),
      (thrown: unknown) => {
        logger.info(describeThrown(thrown), 'no keyring can be used');
        if (this.#keys.some((row) => row.kind === 'keyring')) this.#problem = { word: 'keyring_unreadable' };
      },
    );
    await waitAtMost(opened, clock, KEYRING_WAIT_MS);
  }

  #hasKeyringSecrets(): boolean {
    return this.#parts.store.sealedSecrets.list().some((secret) => sealerOf(secret.cipher_kind) === 'keyring');
  }

  async #askKeyring(keyring: SystemKeyring, mayCreate: boolean): Promise<void> {
    const { store, clock, newId } = this.#parts;
    const inUse = this.#keys.find((row) => row.kind === 'keyring' && row.in_use === 1);
    const known = inUse === undefined ? null : await readKeyringKey(keyring, inUse.id);
    if (inUse !== undefined && known !== null) {
      this.#useKeyring(inUse.id, known);
      return;
    }
    if (!mayCreate) return;
    const made = await createKeyringKey(keyring, newId(), clock.now());
    if (made === null) return;
    // Writing may have unlocked the keyring: the key that was hidden behind the lock still counts.
    const found = inUse === undefined ? null : await readKeyringKey(keyring, inUse.id);
    if (inUse !== undefined && found !== null) {
      this.#useKeyring(inUse.id, found);
      return;
    }
    await store.committer.commit(() => store.secretKeys.use(made.row));
    this.#keys = store.secretKeys.list();
    this.#useKeyring(made.row.id, made.key);
  }

  #useKeyring(id: string, key: Buffer): void {
    const cipher = this.#add(`keyring:${id}`, key);
    // Meanwhile the person may have chosen a passphrase.
    this.#primary ??= this.#hasVault() ? null : cipher;
    this.#problem = null;
  }

  /** Where keys stand, as one of a few cases that a page has words of its own for; `problem` has only the sentence. */
  get standing(): 'vault' | 'keyring' | 'locked' | 'memory' | 'problem' {
    if (this.#problem !== null) return 'problem';
    const kind = this.cipherKind;
    if (kind !== null) return sealerOf(kind) === 'vault' ? 'vault' : 'keyring';
    return this.state === 'locked' ? 'locked' : 'memory';
  }

  /** The same as a sentence: what the window says of where keys are kept. */
  describe(): string {
    const kind = this.cipherKind;
    if (this.#problem !== null) return inEnglish(this.#problem);
    if (kind !== null) {
      const where = sealerOf(kind) === 'vault' ? 'encrypted with your passphrase' : 'encrypted with the system keyring';
      return `Everything stays on this computer. Keys are ${where}. No account, no telemetry.`;
    }
    if (this.state === 'locked') {
      return 'Keys are locked by your passphrase. Everything else works; answers that need a key wait until you unlock.';
    }
    return 'This computer offers no keyring to Sluice, so keys stay in memory and are gone when it closes. Set a passphrase to keep them encrypted.';
  }
}

function locked(said: FailureSaying): AppFailure {
  return failureOf('secrets_locked', said, { retry: { kind: 'user-action', action: 'unlock-keys' } });
}

function damagedVault(): AppFailure {
  return failureOf(
    'secrets_locked',
    { word: 'vault_damaged' },
    { retry: { kind: 'user-action', action: 'unlock-keys' } },
  );
}

function changedMeanwhile(): AppFailure {
  return failureOf(
    'conflict',
    { word: 'key_changed_meanwhile' },
    {
      retry: { kind: 'user-action', action: 'retry' },
    },
  );
}
