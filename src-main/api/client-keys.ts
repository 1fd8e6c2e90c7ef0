import { randomBytes, timingSafeEqual } from 'node:crypto';
import { CLIENT_SCOPES, type ClientKeyRecord, type ClientScope } from '#contract/programs';
import type { SpendCap } from '#contract/usage-report';
import { failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import type { ClientKeyRow } from '../store/client-key-repository.ts';
import type { Store } from '../store/store.ts';
import { secretDigest } from './constant-time.ts';

const KEY_PREFIX = 'sluice_';
const KEY_BYTES = 32;
const MOST_KEYS = 200;
/** When a key was used is a hint for a person: to the minute is enough, and costs a write a minute. */
const USED_EVERY_MS = 60_000;

/** A program that showed a key that holds. */
export interface ClientCaller {
  id: string;
  name: string;
  scopes: ReadonlySet<ClientScope>;
}

interface KnownKey {
  row: ClientKeyRow;
  digest: Buffer;
  scopes: ReadonlySet<ClientScope>;
}

function toRecord({ digest: _digest, scopes, ...row }: ClientKeyRow): ClientKeyRecord {
  return { ...row, scopes: CLIENT_SCOPES.filter((scope) => scopes.includes(scope)) };
}

/** The keys of other programs: made, named, scoped, revoked, checked. The keys themselves are kept nowhere. */
export class ClientKeys {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #scrubber: SecretScrubber;
  readonly #newId: () => string;
  readonly #revoked = new Set<(clientId: string) => void>();
  #rows: KnownKey[] = [];

  constructor(parts: { store: Store; clock: Clock; scrubber: SecretScrubber; newId: () => string }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#scrubber = parts.scrubber;
    this.#newId = parts.newId;
    this.#read();
  }

  #read(): void {
    this.#rows = this.#store.clientKeys.list().map((row) => {
      return { row, digest: Buffer.from(row.digest, 'hex'), scopes: new Set(toRecord(row).scopes) };
    });
  }

  list(): ClientKeyRecord[] {
    return this.#rows.map(({ row }) => toRecord(row));
  }

  /** Calls `listener` for each key that is revoked: what it holds open is to be closed. */
  onRevoke(listener: (clientId: string) => void): void {
    this.#revoked.add(listener);
  }

  /**
   * Makes a key. It is in the answer and nowhere else.
   *
   * @param client.scopes all of them when absent.
   * @param client.cap what it may spend; none when absent.
   * @throws AppFailure `conflict` where there are too many, `storage_*`.
   */
  async create(client: {
    name: string;
    scopes?: ClientScope[];
    cap?: SpendCap | null;
  }): Promise<{ client: ClientKeyRecord; key: string }> {
    if (this.#rows.filter(({ row }) => row.revokedAtMs === null).length >= MOST_KEYS) {
      throw failureOf('conflict', { word: 'programs_many_keys', with: { most: MOST_KEYS } });
    }
    const key = `${KEY_PREFIX}${randomBytes(KEY_BYTES).toString('base64url')}`;
    this.#scrubber.add(key);
    const row: ClientKeyRow = {
      id: this.#newId(),
      name: client.name,
      mask: `${key.slice(0, KEY_PREFIX.length + 4)}…${key.slice(-4)}`,
      digest: secretDigest(key).toString('hex'),
      scopes: [...(client.scopes ?? CLIENT_SCOPES)],
      createdAtMs: this.#clock.now(),
      lastUsedAtMs: null,
      revokedAtMs: null,
      cap: client.cap ?? null,
    };
    await this.#store.committer.commit(() => this.#store.clientKeys.insert(row));
    this.#read();
    return { client: toRecord(row), key };
  }

  /** What a program may spend from now on; null takes the limit away. @throws AppFailure `not_found`, `storage_*`. */
  async setCap(clientId: string, cap: SpendCap | null): Promise<void> {
    if (this.get(clientId) === null) throw failureOf('not_found', { word: 'programs_no_key' });
    await this.#store.committer.commit(() => this.#store.clientKeys.setCap(clientId, cap));
    this.#read();
  }

  /** A key by its id, revoked ones included. */
  get(clientId: string): ClientKeyRecord | null {
    const found = this.#rows.find(({ row }) => row.id === clientId);
    return found === undefined ? null : toRecord(found.row);
  }

  /** What a key may spend, and what it is called; revoked ones included. */
  allowance(clientId: string): { name: string; cap: SpendCap | null } | null {
    return this.#rows.find(({ row }) => row.id === clientId)?.row ?? null;
  }

  /** From here on the key opens nothing, and what it holds open is closed. @throws AppFailure `not_found`. */
  async revoke(clientId: string): Promise<void> {
    const nowMs = this.#clock.now();
    const known = this.#rows.some(({ row }) => row.id === clientId);
    if (!known) throw failureOf('not_found', { word: 'programs_no_key' });
    await this.#store.committer.commit(() => this.#store.clientKeys.revoke(clientId, nowMs));
    this.#read();
    for (const listener of this.#revoked) listener(clientId);
  }

  /**
   * Whose key this is; null for one that is unknown or revoked. Every key is compared, whichever fits.
   *
   * @param digest of the key that was presented, as `secretDigest` makes it.
   */
  identify(digest: Buffer): ClientCaller | null {
    let found: KnownKey | null = null;
    for (const each of this.#rows) {
      if (timingSafeEqual(digest, each.digest) && each.row.revokedAtMs === null) found = each;
    }
    if (found === null) return null;
    this.#noteUse(found.row);
    return { id: found.row.id, name: found.row.name, scopes: found.scopes };
  }

  #noteUse(row: ClientKeyRow): void {
    const nowMs = this.#clock.now();
    if (row.lastUsedAtMs !== null && nowMs - row.lastUsedAtMs < USED_EVERY_MS) return;
    row.lastUsedAtMs = nowMs;
    // A hint only: where it cannot be stored, the next use tries again.
    this.#store.committer
      .commit(() => this.#store.clientKeys.used(row.id, nowMs))
      .catch(() => {
        row.lastUsedAtMs = null;
      });
  }
}
