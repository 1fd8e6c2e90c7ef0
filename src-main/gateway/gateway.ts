import { hasParameters, type RunParameters } from '#contract/model-parameters';
import type { Settings } from '#contract/settings';
import { AppFailure } from '../platform/app-failure.ts';
import { Slots } from '../platform/slots.ts';
import { AnswerRun, type AnswerRunParts } from './answer-run.ts';
import { fitParameters } from './fit-parameters.ts';
import type { Attempt, CredentialSource, KeyedCall, RetryNotice } from './keyed-call.ts';
import { type BegunCall, ProfileCalls, type ProfileCallsParts } from './profile-calls.ts';
import { closeConnections, warmUpConnections } from './providers/registry.ts';
import type { SpokenProtocols } from './spoken-protocols.ts';
import { type AttemptNotices, tellAttempt } from './tell-attempt.ts';
import type { StopStyle, UpstreamAdapter, UpstreamContext, UpstreamRequest, UpstreamRun } from './upstream-adapter.ts';
import { UpstreamQuestions } from './upstream-questions.ts';

export interface GatewayParts extends ProfileCallsParts {
  settings: () => ReturnType<ProfileCallsParts['settings']> & Partial<Pick<Settings, 'maxRequestsInFlight'>>;
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

/** A request that somebody makes in bytes of their own. */
export interface RelayedRequest<T> {
  /** Names it in the records of calls. */
  id: string;
  model: string | null;
  /** What keeps it with a key; asked only where there is more than one. */
  conversation: () => string | null;
  /** As in `LeaseQuestion`. */
  goesOnFrom?: string | null;
  /** Beside the answers: it waits for no permit and says nothing of them, as a count of tokens does. */
  aside?: boolean;
  /** As `start` does it: what it gives back is cleaned of the key already. */
  begin: (context: UpstreamContext, call: BegunCall) => Promise<T>;
}

export type { CredentialSource, RetryNotice };

/**
 * The way of every answer: a place, then profile → key → adapter → run (`ProfileCalls`). A run belongs to whoever started it.
 * A key is leased for the length of one call and given back exactly once, whatever happens (BUG-D1, BUG-D3).
 */
export class Gateway {
  /** What is asked of upstreams beside the answers. */
  readonly questions: UpstreamQuestions;
  readonly #parts: GatewayParts;
  readonly #calls: ProfileCalls;
  /** One place for a request, however often it is repeated (E10-10). */
  readonly #slots: Slots;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#calls = new ProfileCalls(parts);
    this.questions = new UpstreamQuestions(this.#calls, parts.credentials);
    this.#slots = new Slots(() => parts.settings().maxRequestsInFlight ?? 0);
  }

  /** Which of OpenAI's protocols upstreams were found to have. */
  get spoken(): SpokenProtocols {
    return this.#calls.spoken;
  }

  /** How runs of a profile are stopped before they say so themselves. A profile that is gone has nobody left to ask. */
  stopStyle(profile: string): StopStyle {
    try {
      return this.#calls.adapterOf(this.#calls.profile(profile).kind).stopStyle;
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
   * Starts a run with the profile as it is now, at the address that the request names (E9-02). Resolves once an upstream
   * accepted it. A refused request goes out again, with another key or after a pause (E9-07, E10-15), and only where it is
   * certain that nothing was executed. An answer that fails before its first part may move on to another key, unseen. An abort
   * ends every wait at once.
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
    const known = this.#calls.profile(profile, request.baseUrl);
    const adapter = this.#calls.adapterOf(known.kind);
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
    const call = this.#calls.open<UpstreamRun>(known, either, {
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
    const known = this.#calls.profile(profile);
    const { count } = this.#parts.credentials;
    const hasChoice = count === undefined || count.call(this.#parts.credentials, known.id) > 1;
    const { aside = false } = request;
    const over = aside ? () => undefined : (this.#slots.acquireNow(signal) ?? (await this.#slots.acquire(signal)));
    const call = this.#calls.open<T>(known, signal, {
      model: request.model ?? known.defaultModel,
      request: { runId: request.id, sessionId: null },
      conversation: hasChoice && !aside ? request.conversation() : null,
      goesOnFrom: request.goesOnFrom ?? null,
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
    const known = this.#calls.profile(profile, baseUrl);
    const adapter = this.#calls.adapterOf(known.kind);
    if (adapter.attach === undefined) return null;
    const call = this.#calls.open<UpstreamRun | null>(known, signal, {
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
   * Deletes a throw-away session (`UpstreamRun.upstreamSessionId`).
   *
   * @throws AppFailure when it is to be tried again later, `not_found` when the profile is gone; the signal's reason.
   */
  async deleteUpstreamSession(
    profile: string,
    upstreamSessionId: string,
    signal: AbortSignal,
  ): Promise<'deleted' | 'gone' | 'unsupported'> {
    return this.#calls.ask(
      this.#calls.profile(profile),
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
    const known = this.#calls.profile(profile, baseUrl);
    if (this.#calls.adapterOf(known.kind).stopRun === undefined) return 'gone';
    return this.#calls.ask(
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
    this.#calls.close();
    await closeConnections();
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
}
