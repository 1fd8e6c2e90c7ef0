import type { ProfileKind, ProfileRecord } from '#contract/records';
import { failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { ProfileRow } from '../store/profile-repository.ts';
import type { Store } from '../store/store.ts';
import { normalizeBaseUrl } from './base-url.ts';
import { adapterFor } from './providers/registry.ts';

const DEMO_NAME = 'demo';

export interface NewProfile {
  name: string;
  kind: ProfileKind;
  baseUrl: string;
  defaultModel?: string | undefined;
  contextLength?: number | undefined;
}

function toRecord(row: ProfileRow): ProfileRecord {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    baseUrl: row.base_url,
    chatUrl: adapterFor(row.kind).chatUrl(row.base_url),
    defaultModel: row.default_model,
    contextLength: row.context_length,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

/** The upstreams that a person set up. Names are unique whatever their case, and hold no slash. */
export class ProfileService {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #newId: () => string;
  /** What the store has of them: they are asked for with each request, and changed here only. */
  #known: readonly ProfileRecord[] | null = null;

  constructor(parts: { store: Store; clock: Clock; newId: () => string }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#newId = parts.newId;
  }

  /** Makes sure that the built-in demo is there, so that a first message always finds somebody to answer. */
  async ensureDemo(): Promise<void> {
    if (this.#find(DEMO_NAME) !== null) return;
    const nowMs = this.#clock.now();
    await this.#write(() =>
      this.#store.profiles.insert({
        id: DEMO_NAME,
        name: DEMO_NAME,
        kind: 'demo',
        base_url: '',
        default_model: null,
        context_length: null,
        created_at_ms: nowMs,
        updated_at_ms: nowMs,
      }),
    );
  }

  list(): readonly ProfileRecord[] {
    this.#known ??= this.#store.profiles.list().map(toRecord);
    return this.#known;
  }

  #find(name: string): ProfileRecord | null {
    const wanted = name.toLowerCase();
    return this.list().find((profile) => profile.name.toLowerCase() === wanted) ?? null;
  }

  async #write(work: () => void): Promise<void> {
    await this.#store.committer.commit(work, {
      committed: () => {
        this.#known = null;
      },
    });
  }

  /** @throws AppFailure `not_found`. */
  require(profileId: string): ProfileRecord {
    const known = this.list().find((profile) => profile.id === profileId) ?? this.#find(profileId);
    if (known === null) throw failureOf('not_found', { word: 'profile_gone' });
    return known;
  }

  /** @throws AppFailure `not_found`. */
  byName(name: string): ProfileRecord {
    const known = this.#find(name);
    if (known === null) {
      throw failureOf(
        'not_found',
        { word: 'profile_gone_called', with: { name } },
        {
          retry: { kind: 'user-action', action: 'choose-model' },
        },
      );
    }
    return known;
  }

  /** The origin that a key of this profile may be sent to. */
  originOf(profileId: string): string {
    const { baseUrl } = this.require(profileId);
    return baseUrl === '' ? '' : new URL(baseUrl).origin;
  }

  /** @throws AppFailure `invalid_payload` for an address that is none, `conflict` for a name that is taken. */
  async create(input: NewProfile): Promise<ProfileRecord> {
    const nowMs = this.#clock.now();
    if (this.#find(input.name) !== null) {
      throw failureOf('conflict', { word: 'profile_name_taken', with: { name: input.name } });
    }
    const row: ProfileRow = {
      id: this.#newId(),
      name: input.name,
      kind: input.kind,
      base_url: input.kind === 'demo' ? '' : normalizeBaseUrl(input.baseUrl),
      default_model: input.defaultModel ?? null,
      context_length: input.contextLength ?? null,
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
    };
    await this.#write(() => this.#store.profiles.insert(row));
    return toRecord(row);
  }

  /** @throws AppFailure as `create`, and `not_found`. */
  async update(
    profileId: string,
    changes: {
      baseUrl?: string | undefined;
      defaultModel?: string | null | undefined;
      contextLength?: number | null | undefined;
    },
  ): Promise<ProfileRecord> {
    const known = this.require(profileId);
    const baseUrl =
      changes.baseUrl === undefined || known.kind === 'demo' ? known.baseUrl : normalizeBaseUrl(changes.baseUrl);
    const row = {
      id: known.id,
      base_url: baseUrl,
      default_model: changes.defaultModel === undefined ? known.defaultModel : changes.defaultModel,
      context_length: changes.contextLength === undefined ? known.contextLength : changes.contextLength,
      updated_at_ms: this.#clock.now(),
    };
    await this.#write(() => this.#store.profiles.update(row));
    return this.require(known.id);
  }

  /** @throws AppFailure `not_found`, `conflict` for the demo, which is part of the program. */
  async remove(profileId: string): Promise<void> {
    const known = this.require(profileId);
    if (known.id === DEMO_NAME) throw failureOf('conflict', { word: 'demo_stays' });
    await this.#write(() => void this.#store.profiles.remove(known.id));
  }
}
