import type { CredentialLease } from '../credentials/lease.ts';
import { AppFailure, failureOf } from '../platform/app-failure.ts';
import { askWithKey } from './ask-with-key.ts';
import type { CredentialSource } from './keyed-call.ts';
import { knownAddress } from './known-address.ts';
import { type KnownProfile, noKey, type ProfileCalls } from './profile-calls.ts';
import type { UpstreamCapabilities, UpstreamContext } from './upstream-adapter.ts';

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

/** What is asked of upstreams beside the answers: what they can do, which models they have, whether a key is accepted. */
export class UpstreamQuestions {
  readonly #calls: ProfileCalls;
  readonly #credentials: CredentialSource;

  constructor(calls: ProfileCalls, credentials: CredentialSource) {
    this.#calls = calls;
    this.#credentials = credentials;
  }

  /**
   * What the profile's upstream can do, as far as it tells: false is also what is not known.
   *
   * @throws AppFailure `not_found`, `no_credential`, `secrets_locked`; the signal's reason when it aborted.
   */
  async capabilities(profile: string, signal: AbortSignal): Promise<UpstreamCapabilities> {
    const known = this.#calls.profile(profile);
    if (this.#calls.adapterOf(known.kind).capabilities === undefined) return NOTHING_SPECIAL;
    const told = await this.#calls.ask(
      known,
      signal,
      async (_adapter, context) => context.capabilities?.(signal) ?? null,
    );
    // An upstream that tells nothing is one of the first era: it runs what it is given.
    return told ?? { ...NOTHING_SPECIAL, runs: true };
  }

  /**
   * One question to a profile's upstream that is no run, asked by somebody who knows how.
   *
   * @throws AppFailure as `start` before the upstream is asked, and what `question` throws, cleaned of the key.
   */
  async ask<T>(profile: string, question: (context: UpstreamContext) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#calls.ask(this.#calls.profile(profile), signal, (_adapter, context) => question(context));
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

  /**
   * The models that a profile's upstream offers. Asked like an answer: another key follows one that is refused.
   *
   * @throws AppFailure `unsupported_option` for a kind without a list; as `start`.
   */
  async models(profile: string, signal: AbortSignal): Promise<string[]> {
    const known = this.#calls.profile(profile);
    const adapter = this.#calls.adapterOf(known.kind);
    const call = this.#calls.open(known, signal, {
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
    const known = this.#calls.profile(profile);
    const adapter = this.#calls.adapterOf(known.kind);
    const { models } = adapter;
    if (models === undefined || this.#credentials.leaseFor === undefined) return noModels(known.name);
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
    return this.#askWithKey(this.#calls.profile(profile), credentialId, question, signal, false);
  }

  async #askWithKey<T>(
    known: KnownProfile,
    credentialId: string,
    question: (context: UpstreamContext) => Promise<T>,
    signal: AbortSignal,
    isBooked: boolean,
  ): Promise<T> {
    const credentials = this.#credentials;
    const { leaseFor } = credentials;
    if (leaseFor === undefined) throw noKey(known.name);
    const { origin } = knownAddress(known.baseUrl);
    const how = {
      lease: () => leaseFor.call(credentials, credentialId, origin),
      refresh: credentials.refresh?.bind(credentials),
      contextOf: (lease: CredentialLease) => this.#calls.contextOf(known, lease, signal),
      signal,
      isBooked,
    };
    return askWithKey(how, question);
  }
}

/** @throws AppFailure always. */
function noModels(profile: string): never {
  throw failureOf('unsupported_option', { word: 'no_model_list', with: { profile } });
}
