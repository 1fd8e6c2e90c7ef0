import type { ProfileRecord } from '#contract/records';
import type { PriceSnapshot } from '#contract/usage-report';
import { describeThrown, type Logger } from '../platform/logger.ts';
import { knownPrice, loadPriceList, type PriceList } from './known-price.ts';
import type { ModelOverrides } from './model-overrides.ts';

export type PricedProfile = Pick<ProfileRecord, 'name' | 'kind' | 'baseUrl' | 'defaultModel'>;

export interface PriceBookParts {
  overrides: Pick<ModelOverrides, 'priceOf'>;
  /** Null for a profile that is gone. */
  profileOf: (name: string) => PricedProfile | null;
  logger: Logger;
  /** For tests; otherwise the list that ships. */
  load?: () => Promise<PriceList>;
}

const FREE = {
  aboveTokens: 0,
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  reasoning: null,
  request: null,
};
const MINUTE_MS = 60_000;
/** More than anybody asks in a minute. */
const MOST_FOUND = 500;

/** The demo calls nobody, and nobody is paid. */
const DEMO_PRICE: PriceSnapshot = { currency: 'USD', from: 'demo', entry: 'demo', tiers: [FREE] };

/** What models cost: a person's own table first, then the list that ships, for the model that is called. Never a guess. */
export class PriceBook {
  readonly #parts: PriceBookParts;
  #list: PriceList | null = null;
  #loading: Promise<void> | null = null;
  readonly #found = new Map<string, PriceSnapshot | null>();
  #minute = 0;

  constructor(parts: PriceBookParts) {
    this.#parts = parts;
  }

  /**
   * Loads what `find` needs for a profile's models. A list that cannot be loaded leaves prices unknown. Never rejects.
   *
   * @returns null where nothing has to be loaded.
   */
  prepare(profile: string, model: string | null): Promise<void> | null {
    if (this.#list !== null) return null;
    const known = this.#parts.profileOf(profile);
    if (known === null || known.kind === 'demo') return null;
    if (this.#parts.overrides.priceOf(profile, model ?? known.defaultModel) !== null) return null;
    this.#loading ??= (this.#parts.load ?? loadPriceList)().then(
      (list) => {
        this.#list = list;
      },
      (thrown: unknown) => {
        this.#loading = null;
        this.#parts.logger.warn(describeThrown(thrown), 'the list of prices could not be loaded');
      },
    );
    return this.#loading;
  }

  /** The price of a model at a profile now; null where it is unknown. */
  find(profile: string, model: string | null, atMs: number): PriceSnapshot | null {
    const known = this.#parts.profileOf(profile);
    if (known === null) return null;
    if (known.kind === 'demo') return DEMO_PRICE;
    const name = model ?? known.defaultModel;
    const own = this.#parts.overrides.priceOf(profile, name);
    if (own !== null) return own;
    if (this.#list === null || name === null) return null;
    return this.#listed(this.#list, known.baseUrl, name, atMs);
  }

  /** Looking an address up takes a hundred patterns, and the list changes prices by the day: once a minute is enough. */
  #listed(list: PriceList, baseUrl: string, model: string, atMs: number): PriceSnapshot | null {
    const minute = Math.floor(atMs / MINUTE_MS);
    if (minute !== this.#minute || this.#found.size >= MOST_FOUND) this.#found.clear();
    this.#minute = minute;
    const key = `${baseUrl} ${model}`;
    const found = this.#found.get(key);
    if (found !== undefined) return found;
    const price = knownPrice(list, { baseUrl, model, atMs });
    this.#found.set(key, price);
    return price;
  }
}
