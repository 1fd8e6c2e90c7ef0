import type { ProfileRecord } from '#contract/records';
import type { Clock } from '../../platform/clock.ts';
import { waitAtMost } from '../../platform/wait-at-most.ts';

/** A list changes when its provider releases something. */
const FRESH_MS = 5 * 60_000;
/** One that could not be asked is asked again soon. */
const FRESH_AFTER_FAILURE_MS = 30_000;
/** A program that asks for models waits no longer for those that do not answer. */
const WAIT_MS = 4000;

type Profile = Pick<ProfileRecord, 'id' | 'name' | 'kind' | 'baseUrl' | 'defaultModel' | 'createdAtMs'>;

interface Entry {
  models: string[] | null;
  staleAtMs: number;
  asking: Promise<void> | null;
}

export interface ListedModel {
  /** As programs name it. */
  id: string;
  ownedBy: string;
  createdAtMs: number;
}

export interface ModelsListParts {
  profiles: () => readonly Profile[];
  models: (profile: string, signal: AbortSignal) => Promise<string[]>;
  clock: Clock;
}

/**
 * The models that can be asked: those of the default profile by their bare names, all others behind their profile's, and the
 * aliases. An upstream that does not tell its models is there with the one that its profile names.
 */
export class ModelsList {
  readonly #parts: ModelsListParts;
  readonly #entries = new Map<string, Entry>();

  constructor(parts: ModelsListParts) {
    this.#parts = parts;
  }

  /** Whether a profile names a model of exactly that name, or its upstream was heard to have one. */
  has(profile: string, model: string): boolean {
    const named = this.#named(profile);
    if (named === undefined) return false;
    return named.defaultModel === model || (this.#entries.get(keyOf(named))?.models?.includes(model) ?? false);
  }

  /** Asks a profile's upstream for its models, where it was never heard to have any. As `list`: never rejects, waits some seconds. */
  async learn(profile: string): Promise<void> {
    const named = this.#named(profile);
    if (named !== undefined) await this.#refresh(named);
  }

  #named(name: string): Profile | undefined {
    return this.#parts.profiles().find((each) => each.name === name);
  }

  /** Never rejects. Waits some seconds at most, and only for lists that were never read. */
  async list(defaultProfile: string, aliases: Readonly<Record<string, string>>): Promise<ListedModel[]> {
    const profiles = this.#parts.profiles();
    await Promise.all(profiles.map((profile) => this.#refresh(profile)));
    const names = Object.keys(aliases).map((id) => ({ id, ownedBy: 'alias', createdAtMs: 0 }));
    const models = profiles.flatMap((profile) => {
      const known = this.#entries.get(keyOf(profile))?.models ?? [];
      const all = [...new Set([...known, ...(profile.defaultModel === null ? [] : [profile.defaultModel])])];
      const isDefault = profile.name === defaultProfile;
      return all.map((id) => ({
        id: isDefault ? id : `${profile.name}/${id}`,
        ownedBy: profile.name,
        createdAtMs: profile.createdAtMs,
      }));
    });
    return [...names, ...models];
  }

  async #refresh(profile: Profile): Promise<void> {
    const { clock } = this.#parts;
    const key = keyOf(profile);
    const entry = this.#entries.get(key) ?? { models: null, staleAtMs: 0, asking: null };
    this.#entries.set(key, entry);
    if (profile.kind === 'demo') {
      entry.models = ['demo'];
      return;
    }
    if (clock.now() >= entry.staleAtMs) {
      entry.asking ??= this.#ask(profile, entry).finally(() => {
        entry.asking = null;
      });
    }
    if (entry.models !== null || entry.asking === null) return;
    await waitAtMost(entry.asking, clock, WAIT_MS);
  }

  async #ask(profile: Profile, entry: Entry): Promise<void> {
    const { models, clock } = this.#parts;
    try {
      entry.models = await models(profile.name, new AbortController().signal);
      entry.staleAtMs = clock.now() + FRESH_MS;
    } catch {
      // What was known before still holds. Whoever asks one of its models hears what is wrong there.
      entry.staleAtMs = clock.now() + FRESH_AFTER_FAILURE_MS;
    }
  }
}

/** An address that was changed is another upstream. */
function keyOf({ id, baseUrl }: Profile): string {
  return `${id} ${baseUrl}`;
}
