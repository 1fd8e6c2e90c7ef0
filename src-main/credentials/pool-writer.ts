import type { Clock } from '../platform/clock.ts';
import type { Store } from '../store/store.ts';
import type { PoolEntry } from './pool-entry.ts';
import { BINDING_MS } from './sticky-bindings.ts';

/** Counters may be lost for this long by a crash; by a clean end never (decision 32). */
const WRITE_BEHIND_MS = 1000;

/**
 * Keeps what is known of keys on disk: rest, disabling and refusals at once, counters and bindings within a second. Keys
 * that are in memory only have nothing on disk.
 */
export class PoolWriter {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #failed: (thrown: unknown) => void;
  readonly #changed = new Set<PoolEntry>();
  readonly #bound = new Map<string, { credentialId: string; atMs: number }>();
  #cancelTimer: (() => void) | null = null;
  #commit: Promise<void> | null = null;

  /** @param failed hears of what could not be stored; memory holds all the same. */
  constructor(store: Store, clock: Clock, failed: (thrown: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#failed = failed;
  }

  /** Stores in the next transaction, before anything that is written from now on. */
  atOnce(entry: PoolEntry): void {
    if (!entry.isStored) return;
    this.#changed.add(entry);
    void this.#write();
  }

  /** Resolves when what is to be stored at once is on disk, or cannot be; null where nothing waits for that. Never rejects. */
  get underWay(): Promise<void> | null {
    return this.#commit;
  }

  /** Stores within a second. */
  soon(entry: PoolEntry): void {
    if (!entry.isStored) return;
    this.#changed.add(entry);
    this.#cancelTimer ??= this.#clock.after(WRITE_BEHIND_MS, () => void this.#write());
  }

  /** Stores a conversation's key within a second. */
  bind(conversation: string, entry: PoolEntry, atMs: number): void {
    if (!entry.isStored) return;
    this.#bound.set(conversation, { credentialId: entry.id, atMs });
    this.soon(entry);
  }

  /** Stores what waits. Resolves when it is on disk, or cannot be. */
  async flush(): Promise<void> {
    while (this.#changed.size > 0 || this.#commit !== null) await this.#write();
  }

  #write(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#commit ??= this.#store.committer
      .commit(() => this.#writeRows(), {
        patient: true,
        committed: () => {
          // What changes from here on wants a transaction of its own.
          this.#changed.clear();
          this.#bound.clear();
          this.#commit = null;
        },
      })
      .catch((thrown: unknown) => {
        this.#changed.clear();
        this.#bound.clear();
        this.#commit = null;
        this.#failed(thrown);
      });
    return this.#commit;
  }

  #writeRows(): void {
    const { credentialHealth } = this.#store;
    for (const entry of this.#changed) {
      credentialHealth.write(entry.toHealthRow(), entry.toCooldownRows(), entry.storedReason);
    }
    if (this.#bound.size === 0) return;
    for (const [conversation, { credentialId, atMs }] of this.#bound) {
      credentialHealth.bind({ conversation, credential_id: credentialId, bound_at_ms: atMs });
    }
    credentialHealth.forgetBindings(this.#clock.now() - BINDING_MS);
  }
}
