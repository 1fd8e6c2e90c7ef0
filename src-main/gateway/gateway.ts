import type { ProfileKind, ProfileRecord } from '#contract/records';
import type { Settings } from '#contract/settings';
import { AppFailure } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { adapterFor, closeConnections, warmUpConnections } from './providers/registry.ts';
import type { UpstreamAdapter, UpstreamContext, UpstreamRequest, UpstreamRun } from './upstream-adapter.ts';

/** A credential in use. Whoever leased it calls `release` exactly once. */
export interface CredentialLease {
  credentialId: string;
  secret: string;
  release(): void;
}

/** Where keys come from. The seam behind which a pool can choose, wait and fail over. */
export interface CredentialSource {
  /**
   * @param origin the scheme, host and port that the key is to be sent to; empty for the demo.
   * @returns null when the profile has no key at all.
   */
  lease(profileId: string, origin: string): Promise<CredentialLease | null>;
}

/** Where profiles come from. */
export interface ProfileSource {
  /** @throws AppFailure `not_found`. */
  byName(name: string): Pick<ProfileRecord, 'id' | 'name' | 'kind' | 'baseUrl' | 'defaultModel'>;
}

export interface GatewayParts {
  profiles: ProfileSource;
  credentials: CredentialSource;
  settings: () => Pick<Settings, 'headersTimeoutMs' | 'idleTimeoutMs' | 'totalTimeoutMs'>;
  clock: Clock;
  /** For tests; otherwise the registry's. */
  adapterOf?: (kind: ProfileKind) => UpstreamAdapter;
}

export interface StartedCall {
  run: UpstreamRun;
  credentialId: string | null;
}

/**
 * The way to every upstream: profile → key → adapter → run. Holds no state between calls; a run belongs to whoever
 * started it. A key is leased for the length of one run and given back exactly once, whatever happens (BUG-D1, BUG-D3).
 */
export class Gateway {
  readonly #parts: GatewayParts;
  readonly #adapterOf: (kind: ProfileKind) => UpstreamAdapter;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#adapterOf = parts.adapterOf ?? adapterFor;
  }

  /** How runs of a profile are stopped. A profile that is gone has nobody left to ask. */
  stopStyle(profile: string): UpstreamAdapter['stopStyle'] {
    try {
      return this.#adapterOf(this.#parts.profiles.byName(profile).kind).stopStyle;
    } catch (thrown) {
      if (thrown instanceof AppFailure && thrown.code === 'not_found') return 'close-socket';
      throw thrown;
    }
  }

  /**
   * Starts a run with the profile as it is now. Resolves once the upstream accepted it.
   *
   * @throws AppFailure `not_found`, `no_credential`, `secrets_locked` and what `UpstreamAdapter.start` throws; the
   *   signal's reason when it aborted.
   */
  async start(profile: string, request: UpstreamRequest, signal: AbortSignal): Promise<StartedCall> {
    const known = this.#parts.profiles.byName(profile);
    const model = request.model ?? known.defaultModel;
    const call = await this.#call(known, signal, (adapter, context) => adapter.start({ ...request, model }, context));
    if (call === null) throw new AppFailure('upstream_bad_response', `“${profile}” started nothing.`);
    return call;
  }

  /**
   * Takes up a run that an earlier process started.
   *
   * @returns null when the upstream does not know it, or runs of its kind die with their connection.
   */
  async attach(profile: string, upstreamRunId: string, signal: AbortSignal): Promise<StartedCall | null> {
    const known = this.#parts.profiles.byName(profile);
    if (this.#adapterOf(known.kind).attach === undefined) return null;
    return this.#call(
      known,
      signal,
      async (adapter, context) => (await adapter.attach?.(upstreamRunId, context)) ?? null,
    );
  }

  /** Loads what the first call would otherwise have to load. */
  warmUp(): void {
    warmUpConnections();
  }

  /** Closes the pooled connections. */
  async close(): Promise<void> {
    await closeConnections();
  }

  async #call(
    profile: ReturnType<ProfileSource['byName']>,
    signal: AbortSignal,
    begin: (adapter: UpstreamAdapter, context: UpstreamContext) => Promise<UpstreamRun | null>,
  ): Promise<StartedCall | null> {
    signal.throwIfAborted();
    const adapter = this.#adapterOf(profile.kind);
    const lease = await this.#lease(profile, adapter);
    const release = once(() => lease?.release());
    try {
      signal.throwIfAborted();
      const run = await begin(adapter, this.#contextOf(profile, lease?.secret ?? null, signal));
      if (run === null) release();
      return run === null
        ? null
        : { run: withRelease(run, signal, release), credentialId: lease?.credentialId ?? null };
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  async #lease(
    profile: ReturnType<ProfileSource['byName']>,
    adapter: UpstreamAdapter,
  ): Promise<CredentialLease | null> {
    if (profile.kind === 'demo') return null;
    const lease = await this.#parts.credentials.lease(profile.id, new URL(profile.baseUrl).origin);
    if (lease !== null || !adapter.needsCredential) return lease;
    throw new AppFailure('no_credential', `“${profile.name}” has no key yet. Add one to use it.`, {
      retry: { kind: 'user-action', action: 'add-key' },
    });
  }

  #contextOf(
    profile: ReturnType<ProfileSource['byName']>,
    secret: string | null,
    signal: AbortSignal,
  ): UpstreamContext {
    const { headersTimeoutMs, idleTimeoutMs, totalTimeoutMs } = this.#parts.settings();
    return {
      target: { profileName: profile.name, kind: profile.kind, baseUrl: profile.baseUrl, secret },
      deadlines: { headersTimeoutMs, idleTimeoutMs, totalTimeoutMs },
      clock: this.#parts.clock,
      signal,
    };
  }
}

function once(task: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    task();
  };
}

/** The run with its lease tied to its events: given back at their end, or at the abort when nobody reads them. */
function withRelease(run: UpstreamRun, signal: AbortSignal, release: () => void): UpstreamRun {
  if (signal.aborted) release();
  else signal.addEventListener('abort', release, { once: true });
  async function* events() {
    try {
      yield* run.events;
    } finally {
      signal.removeEventListener('abort', release);
      release();
    }
  }
  return {
    upstreamRunId: run.upstreamRunId,
    status: run.status,
    model: run.model,
    events: events(),
    stop: () => run.stop(),
    ...(run.approve === undefined
      ? {}
      : {
          approve: (approvalId, choice, all) =>
            run.approve?.(approvalId, choice, all) ??
            Promise.reject(new AppFailure('conflict', 'This answer takes no decisions.')),
        }),
  };
}
