import type { Credit, TellsCredit } from '#contract/credit';
import type { CredentialRecord, ProfileRecord } from '#contract/records';
import type { Clock } from '../platform/clock.ts';
import { creditSourceOf } from './credit-source.ts';
import type { HttpClient } from './http-client.ts';
import { notTold, readCredit } from './read-credit.ts';
import { ToldLately } from './told-lately.ts';
import type { UpstreamContext } from './upstream-adapter.ts';
import type { UpstreamQuestions } from './upstream-questions.ts';

/** E10-22. */
const FRESH_MS = 300_000;

interface KeyCreditParts {
  credentials: { require(credentialId: string): CredentialRecord };
  profiles: { require(profileId: string): ProfileRecord };
  questions: Pick<UpstreamQuestions, 'askWithKey'>;
  http: HttpClient;
  clock: Clock;
  /** Ends the questions that are out. */
  signal: AbortSignal;
}

/** What is left of keys, as their providers told it lately. Nothing of it is stored, and nobody is asked unbidden. */
export class KeyCredit {
  readonly #parts: KeyCreditParts;
  readonly #told: ToldLately<Credit>;

  constructor(parts: KeyCreditParts) {
    this.#parts = parts;
    this.#told = new ToldLately(
      () => parts.clock.now(),
      () => FRESH_MS,
    );
  }

  /**
   * @param isFresh asks now. Otherwise what was told within five minutes holds, and a provider that is not known to tell is not
   *   asked: then `credit` is null.
   * @throws AppFailure `not_found`, `unsupported_option` where it is not told, and what the upstream's answer means.
   */
  async of(credentialId: string, isFresh: boolean): Promise<{ tells: TellsCredit; credit: Credit | null }> {
    const { credentials, profiles, clock } = this.#parts;
    const record = credentials.require(credentialId);
    const profile = profiles.require(record.profileId);
    const source = creditSourceOf(profile.kind, profile.baseUrl);
    if (source === null) {
      if (isFresh) throw notTold(profile.name);
      return { tells: 'no', credit: null };
    }
    // Another secret is another key, and another address another provider.
    const key = JSON.stringify([credentialId, record.updatedAtMs, profile.baseUrl]);
    if (!isFresh && source.tells === 'maybe') return { tells: 'maybe', credit: this.#told.known(key) };
    const { questions, http, signal } = this.#parts;
    const ask = async (): Promise<Credit> => {
      const question = (context: UpstreamContext) => readCredit(http, context, source);
      const amounts = await questions.askWithKey(profile.name, credentialId, question, signal);
      return { of: source.of, amounts, askedAtMs: clock.now() };
    };
    return { tells: source.tells, credit: await this.#told.get(key, ask, isFresh) };
  }
}
