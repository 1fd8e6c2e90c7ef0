import type { Credit, CreditAmount, TellsCredit } from '#contract/credit';
import type { CredentialRecord, ProfileRecord } from '#contract/records';
import type { Clock } from '../platform/clock.ts';
import { creditSourceOf } from './credit-source.ts';
import type { HttpClient } from './http-client.ts';
import { notTold, readCredit } from './read-credit.ts';
import type { UpstreamContext } from './upstream-adapter.ts';

/** E10-22. */
const FRESH_MS = 300_000;
const MAX_ENTRIES = 500;

interface KeyCreditParts {
  credentials: { require(credentialId: string): CredentialRecord };
  profiles: { require(profileId: string): ProfileRecord };
  gateway: {
    askWithKey<T>(
      profile: string,
      credentialId: string,
      question: (context: UpstreamContext) => Promise<T>,
      signal: AbortSignal,
    ): Promise<T>;
  };
  http: HttpClient;
  clock: Clock;
  /** Ends the questions that are out. */
  signal: AbortSignal;
}

/** What is left of keys, as their providers told it lately. Nothing of it is stored, and nobody is asked unbidden. */
export class KeyCredit {
  readonly #parts: KeyCreditParts;
  readonly #known = new Map<string, Credit>();
  readonly #asking = new Map<string, Promise<Credit>>();

  constructor(parts: KeyCreditParts) {
    this.#parts = parts;
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
    const key = JSON.stringify([credentialId, record.mask, record.approvedOrigin, profile.baseUrl]);
    const known = this.#known.get(key);
    if (!isFresh && known !== undefined && clock.now() < known.askedAtMs + FRESH_MS)
      return { tells: source.tells, credit: known };
    if (!isFresh && source.tells === 'maybe') return { tells: 'maybe', credit: null };
    const { gateway, http, signal } = this.#parts;
    const ask = () =>
      gateway.askWithKey(profile.name, credentialId, (context) => readCredit(http, context, source), signal);
    return { tells: source.tells, credit: await this.#shared(key, source.of, ask) };
  }

  /** Those who ask at the same time share one question. */
  #shared(key: string, of: Credit['of'], ask: () => Promise<CreditAmount[]>): Promise<Credit> {
    const asking = this.#asking.get(key);
    if (asking !== undefined) return asking;
    const question = ask()
      .then((amounts) => {
        const credit: Credit = { of, amounts, askedAtMs: this.#parts.clock.now() };
        this.#known.delete(key);
        this.#known.set(key, credit);
        const [oldest] = this.#known.keys();
        if (this.#known.size > MAX_ENTRIES && oldest !== undefined) this.#known.delete(oldest);
        return credit;
      })
      .finally(() => this.#asking.delete(key));
    this.#asking.set(key, question);
    return question;
  }
}
