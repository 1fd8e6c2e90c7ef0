import type { UpstreamHealth } from '#contract/records';
import type { CredentialPool } from '../credentials/credential-pool.ts';
import { AppFailure, told } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { Gateway } from './gateway.ts';
import { HealthCache } from './health-cache.ts';
import type { HttpClient } from './http-client.ts';
import type { ProfileService } from './profile-service.ts';
import { checkUpstream, readingOfFailure } from './upstream-health.ts';

export interface HealthParts {
  profiles: ProfileService;
  credentials: CredentialPool;
  gateway: Gateway;
  http: HttpClient;
  clock: Clock;
  /** Ends the questions that are out. */
  signal: AbortSignal;
}

/** What providers answer when they are asked whether they work; known for a while, and anew once their keys have changed. */
export class ProviderHealth {
  readonly #parts: HealthParts;
  readonly #cache: HealthCache;

  constructor(parts: HealthParts) {
    this.#parts = parts;
    this.#cache = new HealthCache(parts.clock);
  }

  /**
   * @param isFresh asks again, whatever is known.
   * @throws AppFailure `not_found`; the signal's reason when it aborted.
   */
  async of(profileId: string, isFresh: boolean): Promise<UpstreamHealth> {
    const { profiles, credentials, gateway, http, clock, signal } = this.#parts;
    const { name, kind, baseUrl } = profiles.require(profileId);
    if (kind === 'demo')
      return { state: 'ok', ...told({ word: 'check_demo' }), models: null, checkedAtMs: clock.now() };
    const keys = credentials.list(profileId).map((each) => `${each.id} ${each.updatedAtMs} ${each.storage}`);
    const ask = async () => {
      try {
        return await gateway.ask(name, (context) => checkUpstream(http, context), signal);
      } catch (thrown) {
        if (thrown instanceof AppFailure) return readingOfFailure(thrown, name);
        throw thrown;
      }
    };
    return this.#cache.get(JSON.stringify([profileId, baseUrl, keys]), ask, isFresh);
  }
}
