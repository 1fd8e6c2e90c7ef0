import type { UpstreamHealth } from '#contract/records';
import type { Clock } from '../platform/clock.ts';
import type { HealthReading } from './upstream-health.ts';

/** Models come and go with updates; a page that is opened again need not ask again. */
const FRESH_MS = 5 * 60_000;
/** What fails is asked again soon: somebody is mending it. */
const FRESH_AFTER_FAILURE_MS = 15_000;
const MAX_ENTRIES = 200;

/** What upstreams answered when they were asked last. Those who ask at the same time share one question. */
export class HealthCache {
  readonly #clock: Clock;
  readonly #known = new Map<string, UpstreamHealth>();
  readonly #asking = new Map<string, Promise<UpstreamHealth>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param key everything that the answer depends on: the address, the key in use.
   * @param isFresh asks again, whatever is known.
   */
  get(key: string, ask: () => Promise<HealthReading>, isFresh = false): Promise<UpstreamHealth> {
    const known = this.#known.get(key);
    if (!isFresh && known !== undefined && this.#clock.now() < known.checkedAtMs + lifeOf(known))
      return Promise.resolve(known);
    const asking = this.#asking.get(key);
    if (asking !== undefined) return asking;
    const question = ask()
      .then((reading) => {
        const health = { ...reading, checkedAtMs: this.#clock.now() };
        this.#known.delete(key);
        this.#known.set(key, health);
        const [oldest] = this.#known.keys();
        if (this.#known.size > MAX_ENTRIES && oldest !== undefined) this.#known.delete(oldest);
        return health;
      })
      .finally(() => this.#asking.delete(key));
    this.#asking.set(key, question);
    return question;
  }
}

function lifeOf(health: UpstreamHealth): number {
  return health.state === 'ok' ? FRESH_MS : FRESH_AFTER_FAILURE_MS;
}
