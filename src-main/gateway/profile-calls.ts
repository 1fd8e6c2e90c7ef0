import type { ProfileKind, ProfileRecord } from '#contract/records';
import type { Settings } from '#contract/settings';
import type { CredentialLease } from '../credentials/lease.ts';
import type { ProxyTarget } from '../credentials/proxy-book.ts';
import { type AppFailure, failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { CallRecord } from './call-record.ts';
import { type CallScrub, CallScrubs } from './call-scrub.ts';
import { CapabilityCache } from './capability-cache.ts';
import { type CredentialSource, KeyedCall, type RetryNotice } from './keyed-call.ts';
import { knownAddress } from './known-address.ts';
import { adapterFor } from './providers/registry.ts';
import { SpokenProtocols } from './spoken-protocols.ts';
import type { UpstreamAdapter, UpstreamContext, UpstreamRequest } from './upstream-adapter.ts';

/** Where profiles come from. */
export interface ProfileSource {
  /** @throws AppFailure `not_found`. */
  byName(name: string): Pick<ProfileRecord, 'id' | 'name' | 'kind' | 'baseUrl' | 'defaultModel'>;
}

/** A profile as a call takes it: with the address that the call goes to. */
export type KnownProfile = ReturnType<ProfileSource['byName']>;

export interface ProfileCallsParts {
  profiles: ProfileSource;
  credentials: CredentialSource;
  /** What calls to an origin with a credential go through; null for the direct way. Absent counts as null. */
  proxyFor?: (credentialId: string | null, origin: string) => Promise<ProxyTarget | null> | null;
  settings: () => Pick<Settings, 'headersTimeoutMs' | 'idleTimeoutMs' | 'totalTimeoutMs'>;
  clock: Clock;
  /** For tests; otherwise the registry's. */
  adapterOf?: (kind: ProfileKind) => UpstreamAdapter;
  /** For tests; otherwise `Math.random`. Spreads retries in time and decides nothing else. */
  random?: () => number;
  /** Hears of each call to an upstream when it is over. Called synchronously; must not throw. */
  ended?: (record: CallRecord) => void;
  /** Hears of each request that was answered to its end. Called synchronously; must not throw. */
  answered?: (request: UpstreamRequest, record: CallRecord) => void;
}

/** One call of a request, as far as whoever makes it needs to know. */
export interface BegunCall {
  attempt: number;
  credentialId: string | null;
  scrub: CallScrub;
}

/** What a call is, and how it is made. */
export interface CallPlan<T> {
  /** What it gives back, it has cleaned of the key; what it throws is cleaned here. */
  begin: (context: UpstreamContext, call: BegunCall) => Promise<T>;
  model?: string | null;
  /** Whole where it is Sluice's own; of one that is passed on nothing but its names is known. */
  request?: UpstreamRequest | Pick<UpstreamRequest, 'runId' | 'sessionId'>;
  /** What keeps its key; else the session does. */
  conversation?: string | null;
  /** As in `LeaseQuestion`. */
  goesOnFrom?: string | null;
  /** A question beside the answers: no permit, no record. */
  aside?: boolean;
  /** Beside the answers, but an answer itself: it counts as one, and is recorded. */
  holdsPlace?: boolean;
  /** It is not repeated here, and says nothing about its key. */
  once?: boolean;
  /** It can be asked twice. */
  harmless?: boolean;
  retrying?: (notice: RetryNotice) => void;
  refused?: () => void;
}

/**
 * Calls to the upstreams of profiles: which address, which adapter, with what around them. Keeps what upstreams said that they
 * can do and which protocols they were found to have, and nothing of a call.
 */
export class ProfileCalls {
  /** Which of OpenAI's protocols upstreams were found to have. */
  readonly spoken = new SpokenProtocols();
  /** How a kind of upstream is spoken to. */
  readonly adapterOf: (kind: ProfileKind) => UpstreamAdapter;
  readonly #parts: ProfileCallsParts;
  readonly #capabilities: CapabilityCache;
  readonly #random: () => number;
  readonly #scrubs = new CallScrubs();

  constructor(parts: ProfileCallsParts) {
    this.#parts = parts;
    this.adapterOf = parts.adapterOf ?? adapterFor;
    this.#capabilities = new CapabilityCache(parts.clock);
    this.#random = parts.random ?? Math.random;
  }

  /**
   * @param baseUrl the address that a run was taken for, before the profile's own; absent for the present one.
   * @throws AppFailure `not_found`.
   */
  profile(name: string, baseUrl?: string): KnownProfile {
    const known = this.#parts.profiles.byName(name);
    return baseUrl === undefined || known.kind === 'demo' ? known : { ...known, baseUrl };
  }

  /** One question to an upstream, with a key for just that long. It waits for no permit and says nothing about its key. */
  async ask<T>(
    profile: KnownProfile,
    signal: AbortSignal,
    question: (adapter: UpstreamAdapter, context: UpstreamContext) => Promise<T>,
  ): Promise<T> {
    const adapter = this.adapterOf(profile.kind);
    const call = this.open<T>(profile, signal, {
      aside: true,
      once: true,
      begin: (context) => question(adapter, context),
    });
    const { value, lease } = await call.next();
    lease?.release();
    return value;
  }

  /** A call that leaves nothing yet: its owner asks it for attempts and ends them. */
  open<T>(profile: KnownProfile, signal: AbortSignal, how: CallPlan<T>): KeyedCall<T> {
    const { credentials, clock, ended, answered } = this.#parts;
    const adapter = this.adapterOf(profile.kind);
    const isKeyless = profile.kind === 'demo';
    const { request, aside = false, model = null } = how;
    const over = (record: CallRecord) => {
      ended?.(record);
      if (request !== undefined && 'input' in request && record.outcome === 'success') answered?.(request, record);
    };
    return new KeyedCall<T>({
      credentials,
      clock,
      random: this.#random,
      signal,
      isKeyless,
      isOnce: how.once ?? false,
      isHarmless: how.harmless ?? false,
      question: {
        profileId: profile.id,
        origin: isKeyless ? '' : knownAddress(profile.baseUrl).origin,
        model,
        conversation: how.conversation ?? request?.sessionId ?? null,
        goesOnFrom: how.goesOnFrom ?? null,
        aside,
        holdsPlace: how.holdsPlace ?? false,
      },
      about: {
        profileId: profile.id,
        profile: profile.name,
        model,
        runId: request?.runId ?? '',
        sessionId: request?.sessionId ?? null,
      },
      noKey: () => (adapter.needsCredential ? noKey(profile.name) : null),
      begin: async (lease, attempt) => {
        const scrub = this.#scrubs.of(lease?.secret ?? null);
        try {
          const context = await this.contextOf(profile, lease, signal);
          return await how.begin(context, { attempt, credentialId: lease?.credentialId ?? null, scrub });
        } catch (thrown) {
          throw scrub.thrown(thrown);
        }
      },
      ...(how.retrying === undefined ? {} : { retrying: how.retrying }),
      ...(how.refused === undefined ? {} : { refused: how.refused }),
      ...(aside && how.holdsPlace !== true ? {} : { ended: over }),
    });
  }

  /**
   * What an adapter is given for one call with this key.
   *
   * @throws AppFailure `secrets_locked` for a proxy whose password cannot be opened; the signal's reason.
   */
  async contextOf(
    profile: KnownProfile,
    lease: Pick<CredentialLease, 'credentialId' | 'secret'> | null,
    signal: AbortSignal,
  ): Promise<UpstreamContext> {
    const { proxyFor } = this.#parts;
    const asked =
      proxyFor === undefined || profile.kind === 'demo'
        ? null
        : proxyFor(lease?.credentialId ?? null, knownAddress(profile.baseUrl).origin);
    const proxy = asked === null ? null : await asked;
    signal.throwIfAborted();
    const { headersTimeoutMs, idleTimeoutMs, totalTimeoutMs } = this.#parts.settings();
    const adapter = this.adapterOf(profile.kind);
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
      spoken: this.spoken,
    };
    if (adapter.capabilities === undefined) return bare;
    const probe = async (probing: AbortSignal) => (await adapter.capabilities?.({ ...bare, signal: probing })) ?? null;
    const key = `${profile.id} ${profile.baseUrl}`;
    return { ...bare, capabilities: (waiting) => this.#capabilities.get(key, probe, waiting) };
  }

  close(): void {
    this.#capabilities.close();
  }
}

/** Thrown where a profile has no key and its kind needs one. */
export function noKey(profile: string): AppFailure {
  return failureOf(
    'no_credential',
    { word: 'no_key', with: { upstream: profile } },
    {
      retry: { kind: 'user-action', action: 'add-key' },
    },
  );
}
