import { hasParameters, type RunParameters } from '#contract/model-parameters';
import type { ProfileKind, ProfileRecord } from '#contract/records';
import type { Settings } from '#contract/settings';
import type { CredentialLease } from '../credentials/lease.ts';
import type { ProxyTarget } from '../credentials/proxy-book.ts';
import { AppFailure, failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { Slots } from '../platform/slots.ts';
import { AnswerRun, type AnswerRunParts } from './answer-run.ts';
import { askWithKey } from './ask-with-key.ts';
import type { CallRecord } from './call-record.ts';
import { type CallScrub, CallScrubs } from './call-scrub.ts';
import { CapabilityCache } from './capability-cache.ts';
import { fitParameters } from './fit-parameters.ts';
import { type Attempt, type CredentialSource, KeyedCall, type RetryNotice } from './keyed-call.ts';
import { knownAddress } from './known-address.ts';
import { adapterFor, closeConnections, warmUpConnections } from './providers/registry.ts';
import { SpokenProtocols } from './spoken-protocols.ts';
import { type AttemptNotices, tellAttempt } from './tell-attempt.ts';
import type {
  StopStyle,
  UpstreamAdapter,
  UpstreamCapabilities,
  UpstreamContext,
  UpstreamRequest,
  UpstreamRun,
} from './upstream-adapter.ts';

/** Where profiles come from. */
export interface ProfileSource {
  /** @throws AppFailure `not_found`. */
  byName(name: string): Pick<ProfileRecord, 'id' | 'name' | 'kind' | 'baseUrl' | 'defaultModel'>;
}

export interface GatewayParts {
  profiles: ProfileSource;
  credentials: CredentialSource;
  /** What calls to an origin with a credential go through; null for the direct way. Absent counts as null. */
  proxyFor?: (credentialId: string | null, origin: string) => Promise<ProxyTarget | null> | null;
  settings: () => Pick<Settings, 'headersTimeoutMs' | 'idleTimeoutMs' | 'totalTimeoutMs'> &
    Partial<Pick<Settings, 'maxRequestsInFlight'>>;
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

export interface StartedCall {
  run: UpstreamRun;
  /** The key that answers now; another one after `StartNotices.moved`. */
  readonly credentialId: string | null;
}

/** What a caller hears of a start before it resolves. Called synchronously but for `sending`; must not throw. */
export interface StartNotices extends AttemptNotices {
  retrying?(notice: RetryNotice): void;
  /**
   * True from just before the request leaves until it is certain that it was refused. Before that and in between (a key
   * is waited for, the upstream is asked what it can do, a retry is waited for) an abort leaves nothing behind. A start
   * that rejects says nothing more here: whether something was left behind is told by its failure.
   */
  underWay?(isUnderWay: boolean, stopStyle?: StopStyle): void;
  /** Before the request leaves, where parameters were chosen: what is sent of them. */
  fitted?(parameters: RunParameters): void;
  /** After the start: the answer failed before its first part, and another key has taken over. */
  moved?(credentialId: string | null): void;
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

/** One call of a request, as far as whoever makes it needs to know. */
export interface BegunCall {
  attempt: number;
  credentialId: string | null;
  scrub: CallScrub;
}

/** A request that somebody makes in bytes of their own. */
export interface RelayedRequest<T> {
  /** Names it in the records of calls. */
  id: string;
  model: string | null;
  /** What keeps it with a key; asked only where there is more than one. */
  conversation: () => string | null;
  /** Beside the answers: it waits for no permit and says nothing of them, as a count of tokens does. */
  aside?: boolean;
  /** As `start` does it: what it gives back is cleaned of the key already. */
  begin: (context: UpstreamContext, call: BegunCall) => Promise<T>;
}

export type { CredentialSource, RetryNotice };

/**
 * The way to every upstream: profile → key → adapter → run. Keeps nothing between calls but what upstreams said that they
 * can do and which protocols they were found to have; a run belongs to whoever started it. A key is leased for the length of
 * one call and given back exactly once, whatever happens (BUG-D1, BUG-D3).
 */
export class Gateway {
  /** Which of OpenAI's protocols upstreams were found to have. */
  readonly spoken = new SpokenProtocols();
  readonly #parts: GatewayParts;
  readonly #adapterOf: (kind: ProfileKind) => UpstreamAdapter;
  readonly #capabilities: CapabilityCache;
  readonly #random: () => number;
  readonly #scrubs = new CallScrubs();
  /** One place for a request, however often it is repeated (E10-10). */
  readonly #slots: Slots;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#adapterOf = parts.adapterOf ?? adapterFor;
    this.#capabilities = new CapabilityCache(parts.clock);
    this.#random = parts.random ?? Math.random;
    this.#slots = new Slots(() => parts.settings().maxRequestsInFlight ?? 0);
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

  /** Settings have changed: whoever waits for a place may have one. */
  settingsChanged(): void {
    this.#slots.serve();
  }

  /**
   * Starts a run with the profile as it is now, at the address that the request names (E9-02). Resolves once an upstream accepted it. A refused request goes out again, with
   * another key or after a pause (E9-07, E10-15), and only where it is certain that nothing was executed. An answer that
   * fails before its first part may move on to another key, unseen. An abort ends every wait at once.
   *
   * @throws AppFailure `not_found`, what `CredentialPool.lease` and `UpstreamAdapter.start` throw; the signal's reason when it
   *   aborted.
   */
  async start(
    profile: string,
    request: UpstreamRequest,
    signal: AbortSignal,
    notices: StartNotices = {},
  ): Promise<StartedCall> {
    const known = this.#known(profile, request.baseUrl);
    const adapter = this.#adapterOf(known.kind);
    const model = request.model ?? known.defaultModel;
    if (hasParameters(request.parameters)) notices.fitted?.(fitParameters(known.kind, model, request.parameters));
    const giveBack = await this.#slots.acquire(signal);
    const stopped = new AbortController();
    // What dies with its connection has done nothing before its first word: it may move on, and a stop closes it.
    const mayMoveOn = adapter.stopStyle === 'close-socket';
    const either = AbortSignal.any([signal, stopped.signal]);
    let isAccepted = false;
    const tell = (isUnderWay: boolean, style?: StopStyle) => {
      if (!isAccepted) notices.underWay?.(isUnderWay, style);
    };
    const call = this.#keyedCall<UpstreamRun>(known, either, {
      model,
      request,
      retrying: (notice) => notices.retrying?.(notice),
      refused: () => tell(false),
      begin: async (context, { attempt, credentialId, scrub }) => {
        const told = (await context.capabilities?.(signal)) ?? null;
        const own = mayMoveOn ? either : signal;
        const run = await tellAttempt(notices, { attempt, credentialId, model }, own, async () => {
          tell(true, adapter.stopStyleFor?.(told) ?? adapter.stopStyle);
          try {
            return await adapter.start({ ...request, model }, { ...context, attempt, signal: own });
          } catch (thrown) {
            // The books hear of it before anybody else does.
            throw scrub.thrown(thrown);
          }
        });
        return scrub.run(run);
      },
    });
    try {
      const first = await call.next();
      isAccepted = true;
      const refused = ({ number: attempt, lease }: Attempt<UpstreamRun>, failure: AppFailure) =>
        notices.notAccepted?.({ attempt, credentialId: lease?.credentialId ?? null, model }, failure);
      const { moved } = notices;
      return this.#answer(call, first, adapter, signal, { stopped, mayMoveOn, refused, moved, over: giveBack });
    } catch (thrown) {
      giveBack();
      throw thrown;
    }
  }

  /**
   * One request in a protocol's own bytes, with the places, keys, repetitions and records that runs have. The caller asks
   * the call for its first attempt, reads what came of it, and ends it; then it says `over`, once or more often.
   *
   * @throws AppFailure `not_found`; the signal's reason when it aborted.
   */
  async relay<T>(
    profile: string,
    request: RelayedRequest<T>,
    signal: AbortSignal,
  ): Promise<{ call: KeyedCall<T>; over: () => void }> {
    const known = this.#parts.profiles.byName(profile);
    const { count } = this.#parts.credentials;
    const hasChoice = count === undefined || count.call(this.#parts.credentials, known.id) > 1;
    const { aside = false } = request;
    const over = aside ? () => undefined : (this.#slots.acquireNow(signal) ?? (await this.#slots.acquire(signal)));
    const call = this.#keyedCall<T>(known, signal, {
      model: request.model ?? known.defaultModel,
      request: { runId: request.id, sessionId: null },
      conversation: hasChoice && !aside ? request.conversation() : null,
      begin: request.begin,
      ...(aside ? { aside, harmless: true } : {}),
    });
    return { call, over };
  }

  /**
   * Takes up a run that an earlier process started.
   *
   * @param baseUrl where it was started; absent for the profile's present address.
   * @returns null when the upstream does not know it, or runs of its kind die with their connection.
   */
  async attach(
    profile: string,
    upstreamRunId: string,
    signal: AbortSignal,
    baseUrl?: string,
  ): Promise<StartedCall | null> {
    const known = this.#known(profile, baseUrl);
    const adapter = this.#adapterOf(known.kind);
    if (adapter.attach === undefined) return null;
    const call = this.#keyedCall<UpstreamRun | null>(known, signal, {
      aside: true,
      holdsPlace: true,
      once: true,
      begin: async (context, { scrub }) => {
        const run = (await adapter.attach?.(upstreamRunId, context)) ?? null;
        return run === null ? null : scrub.run(run);
      },
    });
    const first = await call.next();
    const run = first.value;
    if (run === null) {
      first.lease?.release();
      return null;
    }
    const stopped = new AbortController();
    const over = () => undefined;
    const rest = { stopped, mayMoveOn: false, moved: undefined, over };
    return this.#answer(call as KeyedCall<UpstreamRun>, { ...first, value: run }, adapter, signal, rest);
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
   * @param baseUrl as for `attach`.
   * @throws AppFailure as `start` before the upstream is asked; the signal's reason when it aborted.
   */
  async stopRun(
    profile: string,
    upstreamRunId: string,
    signal: AbortSignal,
    baseUrl?: string,
  ): ReturnType<UpstreamRun['stop']> {
    const known = this.#known(profile, baseUrl);
    if (this.#adapterOf(known.kind).stopRun === undefined) return 'gone';
    return this.#ask(
      known,
      signal,
      async (adapter, context) => (await adapter.stopRun?.(upstreamRunId, context)) ?? 'gone',
    );
  }

  /**
   * The models that a profile's upstream offers. Asked like an answer: another key follows one that is refused.
   *
   * @throws AppFailure `unsupported_option` for a kind without a list; as `start`.
   */
  async models(profile: string, signal: AbortSignal): Promise<string[]> {
    const known = this.#parts.profiles.byName(profile);
    const adapter = this.#adapterOf(known.kind);
    const call = this.#keyedCall(known, signal, {
      aside: true,
      harmless: true,
      begin: async (context, { scrub }) => scrub.data((await adapter.models?.(context)) ?? noModels(known.name)),
    });
    const { value, lease } = await call.next();
    lease?.report({ kind: 'accepted' });
    lease?.release();
    return value;
  }

  /**
   * Asks an upstream with a certain key, whatever its state, and books what came of it: an accepted key is no longer a refused
   * one, but one that rests goes on resting.
   *
   * @throws AppFailure `not_found`, `unsupported_option`, `secrets_locked`, and what the upstream's answer means.
   */
  async testCredential(profile: string, credentialId: string, signal: AbortSignal): Promise<{ models: number }> {
    const { credentials, profiles } = this.#parts;
    const known = profiles.byName(profile);
    const adapter = this.#adapterOf(known.kind);
    const { models } = adapter;
    if (models === undefined || credentials.leaseFor === undefined) return noModels(known.name);
    const list = await this.#askWithKey(known, credentialId, models, signal, true);
    return { models: list.length };
  }

  /**
   * One question to a profile's upstream with a certain key, whatever its state. It says nothing about the key.
   *
   * @throws AppFailure as `testCredential`, and what `question` throws, cleaned of the key.
   */
  async askWithKey<T>(
    profile: string,
    credentialId: string,
    question: (context: UpstreamContext) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    return this.#askWithKey(this.#parts.profiles.byName(profile), credentialId, question, signal, false);
  }

  async #askWithKey<T>(
    known: KnownProfile,
    credentialId: string,
    question: (context: UpstreamContext) => Promise<T>,
    signal: AbortSignal,
    isBooked: boolean,
  ): Promise<T> {
    const { credentials } = this.#parts;
    const { leaseFor } = credentials;
    if (leaseFor === undefined) throw noKey(known.name);
    const { origin } = knownAddress(known.baseUrl);
    const how = {
      lease: () => leaseFor.call(credentials, credentialId, origin),
      refresh: credentials.refresh?.bind(credentials),
      contextOf: (lease: CredentialLease) => this.#contextOf(known, lease, signal),
      signal,
      isBooked,
    };
    return askWithKey(how, question);
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

  /** @throws AppFailure `not_found`. */
  #known(profile: string, baseUrl: string | undefined): KnownProfile {
    const known = this.#parts.profiles.byName(profile);
    return baseUrl === undefined || known.kind === 'demo' ? known : { ...known, baseUrl };
  }

  #answer(
    call: KeyedCall<UpstreamRun>,
    first: Attempt<UpstreamRun>,
    adapter: UpstreamAdapter,
    signal: AbortSignal,
    rest: Pick<AnswerRunParts, 'stopped' | 'mayMoveOn' | 'refused' | 'moved' | 'over'>,
  ): StartedCall {
    const { clock } = this.#parts;
    const answer = new AnswerRun({ call, first, stopStyle: adapter.stopStyle, clock, signal, ...rest });
    return {
      run: answer.run,
      get credentialId() {
        return answer.credentialId;
      },
    };
  }

  /** One question to an upstream, with a key for just that long. It waits for no permit and says nothing about its key. */
  async #ask<T>(
    profile: KnownProfile,
    signal: AbortSignal,
    question: (adapter: UpstreamAdapter, context: UpstreamContext) => Promise<T>,
  ): Promise<T> {
    const adapter = this.#adapterOf(profile.kind);
    const call = this.#keyedCall<T>(profile, signal, {
      aside: true,
      once: true,
      begin: (context) => question(adapter, context),
    });
    const { value, lease } = await call.next();
    lease?.release();
    return value;
  }

  #keyedCall<T>(
    profile: KnownProfile,
    signal: AbortSignal,
    how: {
      /** What it gives back, it has cleaned of the key; what it throws is cleaned here. */
      begin: (context: UpstreamContext, call: BegunCall) => Promise<T>;
      model?: string | null;
      /** Whole where it is Sluice's own; of one that is passed on nothing but its names is known. */
      request?: UpstreamRequest | Pick<UpstreamRequest, 'runId' | 'sessionId'>;
      /** What keeps its key; else the session does. */
      conversation?: string | null;
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
    },
  ): KeyedCall<T> {
    const { credentials, clock, ended, answered } = this.#parts;
    const adapter = this.#adapterOf(profile.kind);
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
          const context = await this.#contextOf(profile, lease, signal);
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

  /** @throws AppFailure `secrets_locked` for a proxy whose password cannot be opened; the signal's reason. */
  async #contextOf(
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
      spoken: this.spoken,
    };
    if (adapter.capabilities === undefined) return bare;
    const probe = async (probing: AbortSignal) => (await adapter.capabilities?.({ ...bare, signal: probing })) ?? null;
    const key = `${profile.id} ${profile.baseUrl}`;
    return { ...bare, capabilities: (waiting) => this.#capabilities.get(key, probe, waiting) };
  }
}

/** @throws AppFailure always. */
function noModels(profile: string): never {
  throw failureOf('unsupported_option', { word: 'no_model_list', with: { profile } });
}

function noKey(profile: string): AppFailure {
  return failureOf(
    'no_credential',
    { word: 'no_key', with: { upstream: profile } },
    {
      retry: { kind: 'user-action', action: 'add-key' },
    },
  );
}
