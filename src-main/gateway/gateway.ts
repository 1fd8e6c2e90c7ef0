import type { ErrorCode } from '#contract/errors';
import type { ProfileKind, ProfileRecord } from '#contract/records';
import type { Settings } from '#contract/settings';
import type { ProxyTarget } from '../credentials/proxy-book.ts';
import { AppFailure } from '../platform/app-failure.ts';
import { type Clock, delay } from '../platform/clock.ts';
import { CallScrubs } from './call-scrub.ts';
import { CapabilityCache } from './capability-cache.ts';
import { leasedRun } from './leased-run.ts';
import { adapterFor, closeConnections, warmUpConnections } from './providers/registry.ts';
import { retryDelay } from './retry-delay.ts';
import type {
  StopStyle,
  UpstreamAdapter,
  UpstreamCapabilities,
  UpstreamContext,
  UpstreamRequest,
  UpstreamRun,
} from './upstream-adapter.ts';

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
  /** What calls to an origin with a credential go through; null for the direct way. Absent counts as null. */
  proxyFor?: (credentialId: string | null, origin: string) => Promise<ProxyTarget | null>;
  /** Another token in place of one that was refused; null where there is none to be had. Absent counts as null. */
  renew?: (credentialId: string, refused: string) => Promise<string | null>;
  settings: () => Pick<Settings, 'headersTimeoutMs' | 'idleTimeoutMs' | 'totalTimeoutMs'>;
  clock: Clock;
  /** For tests; otherwise the registry's. */
  adapterOf?: (kind: ProfileKind) => UpstreamAdapter;
  /** For tests; otherwise `Math.random`. Spreads retries in time and decides nothing else. */
  random?: () => number;
}

export interface StartedCall {
  run: UpstreamRun;
  credentialId: string | null;
}

/** A request that was refused and goes out again after `waitMs`. */
export interface RetryNotice {
  /** The number of the try that failed, from 1. */
  attempt: number;
  waitMs: number;
  /** A sentence for a person. */
  reason: string;
  code: ErrorCode;
}

/** What a caller hears of a start before it resolves. Called synchronously; must not throw. */
export interface StartNotices {
  retrying?(notice: RetryNotice): void;
  /**
   * True from just before the request leaves until it is certain that it was refused. Before that and in between (a key
   * is waited for, the upstream is asked what it can do, a retry is waited for) an abort leaves nothing behind. A start
   * that rejects says nothing more here: whether something was left behind is told by its failure.
   */
  underWay?(isUnderWay: boolean, stopStyle?: StopStyle): void;
}

/** A kind of upstream that has nothing beyond answers. */
const NOTHING_SPECIAL: UpstreamCapabilities = {
  approvals: false,
  steer: false,
  clarify: false,
  sessionMessages: false,
  sessionDelete: false,
  responses: false,
  runs: false,
  reasoning: false,
};

type KnownProfile = ReturnType<ProfileSource['byName']>;

/**
 * The way to every upstream: profile → key → adapter → run. Keeps nothing between calls but what upstreams said that they
 * can do; a run belongs to whoever started it. A key is leased for the length of one run and given back exactly once,
 * whatever happens (BUG-D1, BUG-D3).
 */
export class Gateway {
  readonly #parts: GatewayParts;
  readonly #adapterOf: (kind: ProfileKind) => UpstreamAdapter;
  readonly #capabilities: CapabilityCache;
  readonly #random: () => number;
  readonly #scrubs = new CallScrubs();

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#adapterOf = parts.adapterOf ?? adapterFor;
    this.#capabilities = new CapabilityCache(parts.clock);
    this.#random = parts.random ?? Math.random;
  }

  /** How runs of a profile are stopped before they say so themselves. A profile that is gone has nobody left to ask. */
  stopStyle(profile: string): StopStyle {
    try {
      return this.#adapterOf(this.#parts.profiles.byName(profile).kind).stopStyle;
    } catch (thrown) {
      if (thrown instanceof AppFailure && thrown.code === 'not_found') return 'close-socket';
      throw thrown;
    }
  }

  /**
   * Starts a run with the profile as it is now. Resolves once the upstream accepted it. An upstream that takes no more
   * just now, or is not up yet, is waited for (E9-07): at most six tries within a minute, each with a key of its own
   * lease, and only where it is certain that nothing was executed. An abort ends the wait at once.
   *
   * @throws AppFailure `not_found`, `no_credential`, `secrets_locked` and what `UpstreamAdapter.start` throws; the
   *   signal's reason when it aborted.
   */
  async start(
    profile: string,
    request: UpstreamRequest,
    signal: AbortSignal,
    notices: StartNotices = {},
  ): Promise<StartedCall> {
    const { clock, profiles } = this.#parts;
    const known = profiles.byName(profile);
    const model = request.model ?? known.defaultModel;
    const startedAtMs = clock.now();
    for (let attempt = 1; ; attempt++) {
      try {
        const call = await this.#call(known, signal, async (adapter, context) => {
          const told = (await context.capabilities?.(signal)) ?? null;
          notices.underWay?.(true, adapter.stopStyleFor?.(told) ?? adapter.stopStyle);
          return adapter.start({ ...request, model }, { ...context, attempt });
        });
        if (call === null) throw new AppFailure('upstream_bad_response', `“${profile}” started nothing.`);
        return call;
      } catch (thrown) {
        if (!(thrown instanceof AppFailure) || signal.aborted) throw thrown;
        const waitMs = retryDelay(thrown, { attempt, elapsedMs: clock.now() - startedAtMs }, this.#random);
        if (waitMs === null) throw thrown;
        notices.underWay?.(false);
        // The caller may have waited for just that.
        signal.throwIfAborted();
        notices.retrying?.({ attempt, waitMs, reason: thrown.message, code: thrown.code });
        await delay(clock, waitMs, signal);
      }
    }
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

  /**
   * What the profile's upstream can do, as far as it tells: false is also what is not known.
   *
   * @throws AppFailure `not_found`, `no_credential`, `secrets_locked`; the signal's reason when it aborted.
   */
  async capabilities(profile: string, signal: AbortSignal): Promise<UpstreamCapabilities> {
    const known = this.#parts.profiles.byName(profile);
    if (this.#adapterOf(known.kind).capabilities === undefined) return NOTHING_SPECIAL;
    const told = await this.#ask(known, signal, async (_adapter, context) => context.capabilities?.(signal) ?? null);
    // An upstream that tells nothing is one of the first era: it runs what it is given.
    return told ?? { ...NOTHING_SPECIAL, runs: true };
  }

  /**
   * One question to a profile's upstream that is no run, asked by somebody who knows how.
   *
   * @throws AppFailure as `start` before the upstream is asked, and what `question` throws, cleaned of the key.
   */
  async ask<T>(profile: string, question: (context: UpstreamContext) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#ask(this.#parts.profiles.byName(profile), signal, (_adapter, context) => question(context));
  }

  /** Asks ahead of the first run what an upstream can do, so that the run need not. Never rejects. */
  async warmCapabilities(profile: string): Promise<void> {
    try {
      await this.capabilities(profile, new AbortController().signal);
    } catch (thrown) {
      // The first run meets the same failure and tells it where somebody reads it.
      if (!(thrown instanceof AppFailure)) throw thrown;
    }
  }

  /** Whether throw-away sessions of the profile's upstream can be deleted (E8-29). @throws as `capabilities`. */
  async canDeleteSessions(profile: string, signal = new AbortController().signal): Promise<boolean> {
    return (await this.capabilities(profile, signal)).sessionDelete;
  }

  /**
   * Deletes a throw-away session (`UpstreamRun.upstreamSessionId`).
   *
   * @throws AppFailure when it is to be tried again later, `not_found` when the profile is gone; the signal's reason.
   */
  async deleteUpstreamSession(
    profile: string,
    upstreamSessionId: string,
    signal: AbortSignal,
  ): Promise<'deleted' | 'gone' | 'unsupported'> {
    const known = this.#parts.profiles.byName(profile);
    return this.#ask(
      known,
      signal,
      async (adapter, context) => (await adapter.deleteSession?.(upstreamSessionId, context)) ?? 'unsupported',
    );
  }

  /**
   * Stops a run that no process holds any more. `gone` also where runs die with their connection.
   *
   * @throws AppFailure as `start` before the upstream is asked; the signal's reason when it aborted.
   */
  async stopRun(profile: string, upstreamRunId: string, signal: AbortSignal): ReturnType<UpstreamRun['stop']> {
    const known = this.#parts.profiles.byName(profile);
    if (this.#adapterOf(known.kind).stopRun === undefined) return 'gone';
    return this.#ask(
      known,
      signal,
      async (adapter, context) => (await adapter.stopRun?.(upstreamRunId, context)) ?? 'gone',
    );
  }

  /** Loads what the first call would otherwise have to load. */
  warmUp(): void {
    warmUpConnections();
  }

  /** Closes the pooled connections. */
  async close(): Promise<void> {
    this.#capabilities.close();
    await closeConnections();
  }

  async #call(
    profile: KnownProfile,
    signal: AbortSignal,
    begin: (adapter: UpstreamAdapter, context: UpstreamContext) => Promise<UpstreamRun | null>,
  ): Promise<StartedCall | null> {
    signal.throwIfAborted();
    const adapter = this.#adapterOf(profile.kind);
    const lease = await this.#lease(profile, adapter);
    const release = once(() => lease?.release());
    let scrub = this.#scrubs.of(lease?.secret ?? null);
    try {
      signal.throwIfAborted();
      const context = await this.#contextOf(profile, lease, signal);
      const run = await this.#renewingOnce(lease, context, (given) => {
        scrub = this.#scrubs.of(given.target.secret);
        return begin(adapter, given);
      });
      if (run === null) release();
      return run === null
        ? null
        : {
            run: leasedRun(scrub.run(run), adapter.stopStyle, signal, release),
            credentialId: lease?.credentialId ?? null,
          };
    } catch (thrown) {
      release();
      throw scrub.thrown(thrown);
    }
  }

  /** A token that was refused (401) is renewed, and the request is made once more with the new one (E10-16). */
  async #renewingOnce<T>(
    lease: CredentialLease | null,
    context: UpstreamContext,
    task: (context: UpstreamContext) => Promise<T>,
  ): Promise<T> {
    try {
      return await task(context);
    } catch (thrown) {
      const isRefused =
        thrown instanceof AppFailure && thrown.code === 'upstream_auth' && thrown.details?.['status'] === 401;
      if (!isRefused || lease === null) throw thrown;
      const renewed = (await this.#parts.renew?.(lease.credentialId, lease.secret)) ?? null;
      if (renewed === null) throw thrown;
      context.signal.throwIfAborted();
      return await task({ ...context, target: { ...context.target, secret: renewed } });
    }
  }

  /** One question to an upstream, with a key for just that long. */
  async #ask<T>(
    profile: KnownProfile,
    signal: AbortSignal,
    question: (adapter: UpstreamAdapter, context: UpstreamContext) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const adapter = this.#adapterOf(profile.kind);
    const lease = await this.#lease(profile, adapter);
    try {
      signal.throwIfAborted();
      return await question(adapter, await this.#contextOf(profile, lease, signal));
    } catch (thrown) {
      throw this.#scrubs.of(lease?.secret ?? null).thrown(thrown);
    } finally {
      lease?.release();
    }
  }

  async #lease(profile: KnownProfile, adapter: UpstreamAdapter): Promise<CredentialLease | null> {
    if (profile.kind === 'demo') return null;
    const lease = await this.#parts.credentials.lease(profile.id, new URL(profile.baseUrl).origin);
    if (lease !== null || !adapter.needsCredential) return lease;
    throw new AppFailure('no_credential', `“${profile.name}” has no key yet. Add one to use it.`, {
      retry: { kind: 'user-action', action: 'add-key' },
    });
  }

  async #contextOf(
    profile: KnownProfile,
    lease: CredentialLease | null,
    signal: AbortSignal,
  ): Promise<UpstreamContext> {
    const { proxyFor } = this.#parts;
    const proxy =
      proxyFor === undefined || profile.kind === 'demo'
        ? null
        : await proxyFor(lease?.credentialId ?? null, new URL(profile.baseUrl).origin);
    signal.throwIfAborted();
    const { headersTimeoutMs, idleTimeoutMs, totalTimeoutMs } = this.#parts.settings();
    const adapter = this.#adapterOf(profile.kind);
    const bare: UpstreamContext = {
      target: {
        profileName: profile.name,
        kind: profile.kind,
        baseUrl: profile.baseUrl,
        secret: lease?.secret ?? null,
        proxy,
      },
      deadlines: { headersTimeoutMs, idleTimeoutMs, totalTimeoutMs },
      clock: this.#parts.clock,
      signal,
    };
    if (adapter.capabilities === undefined) return bare;
    const probe = async (probing: AbortSignal) => (await adapter.capabilities?.({ ...bare, signal: probing })) ?? null;
    const key = `${profile.id} ${profile.baseUrl}`;
    return { ...bare, capabilities: (waiting) => this.#capabilities.get(key, probe, waiting) };
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
