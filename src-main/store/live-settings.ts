import type { Settings } from '#contract/settings';
import type { Store } from './store.ts';

/** The settings that hold now: read once, changed only through here, so that a reader never waits for the disk. */
export class LiveSettings {
  readonly #store: Store;
  #current: Settings;
  #changed: () => void = () => undefined;

  constructor(store: Store) {
    this.#store = store;
    this.#current = store.settings.read();
  }

  get current(): Settings {
    return this.#current;
  }

  /** Calls `listener` after each change. One listener. */
  onChange(listener: () => void): void {
    this.#changed = listener;
  }

  /** Stores, then applies. @throws AppFailure `storage_*`; the old settings hold on then. */
  async update(values: Partial<Settings>): Promise<Settings> {
    await this.#store.committer.commit(() => this.#store.settings.write(values));
    this.#current = this.#store.settings.read();
    this.#changed();
    return this.#current;
  }
}
