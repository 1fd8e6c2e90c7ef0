import type { UpstreamHealth } from '#contract/records';
import type { KeyRecords } from '../credentials/key-records.ts';
import { AppFailure, told } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { HttpClient } from './http-client.ts';
import type { ProfileService } from './profile-service.ts';
import { ToldLately } from './told-lately.ts';
import { checkUpstream, readingOfFailure } from './upstream-health.ts';
import type { UpstreamQuestions } from './upstream-questions.ts';

/** Models come and go with updates; a page that is opened again need not ask again. */
const FRESH_MS = 5 * 60_000;
/** What fails is asked again soon: somebody is mending it. */
const FRESH_AFTER_FAILURE_MS = 15_000;

export function healthLifeMs({ state }: Pick<UpstreamHealth, 'state'>): number {
  return state === 'ok' ? FRESH_MS : FRESH_AFTER_FAILURE_MS;
}

export interface HealthParts {
  profiles: ProfileService;
  credentials: KeyRecords;
  questions: Pick<UpstreamQuestions, 'ask'>;
  http: HttpClient;
  clock: Clock;
  /** Ends the questions that are out. */
  signal: AbortSignal;
}

/** What providers answer when they are asked whether they work; known for a while, and anew once their keys have changed. */
export class ProviderHealth {
  readonly #parts: HealthParts;
  readonly #cache: ToldLately<UpstreamHealth>;

  constructor(parts: HealthParts) {
    this.#parts = parts;
    this.#cache = new ToldLately<UpstreamHealth>(() => parts.clock.now(), healthLifeMs);
  }

  /**
   * @param isFresh asks again, whatever is known.
   * @throws AppFailure `not_found`; the signal's reason when it aborted.
   */
  async of(profileId: string, isFresh: boolean): Promise<UpstreamHealth> {
    const { profiles, credentials, questions, http, clock, signal } = this.#parts;
    const { name, kind, baseUrl } = profiles.require(profileId);
    if (kind === 'demo')
      return { state: 'ok', ...told({ word: 'check_demo' }), models: null, checkedAtMs: clock.now() };
    const keys = credentials.list(profileId).map((each) => `${each.id} ${each.updatedAtMs} ${each.storage}`);
    const ask = async () => {
      try {
        const reading = await questions.ask(name, (context) => checkUpstream(http, context), signal);
        return { ...reading, checkedAtMs: clock.now() };
      } catch (thrown) {
        if (thrown instanceof AppFailure) return { ...readingOfFailure(thrown, name), checkedAtMs: clock.now() };
        throw thrown;
      }
    };
    return this.#cache.get(JSON.stringify([profileId, baseUrl, keys]), ask, isFresh);
  }
}
