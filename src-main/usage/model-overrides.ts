import { PRICE_PLACES, parseDecimal } from '#contract/money';
import type { ModelOverride, PriceSnapshot } from '#contract/usage-report';
import { failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { Store } from '../store/store.ts';

const PRICES = ['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h'] as const;

/**
 * The entry that holds for a model: one for its profile before one for all, and the longer pattern before the shorter.
 * Names are compared in any case of letters.
 *
 * @param wants what an entry has to say to count.
 */
export function findOverride(
  entries: readonly ModelOverride[],
  { profile, model }: { profile: string; model: string | null },
  wants: (entry: ModelOverride) => boolean,
): ModelOverride | null {
  const name = (model ?? '').trim().toLowerCase();
  const fitting = entries.filter(
    (entry) =>
      wants(entry) && (entry.profile === null || entry.profile === profile) && fits(entry.model.toLowerCase(), name),
  );
  const rank = (entry: ModelOverride) => (entry.profile === null ? 0 : 1_000_000) + exactness(entry.model);
  return fitting.toSorted((a, b) => rank(b) - rank(a))[0] ?? null;
}

function exactness(pattern: string): number {
  return pattern.includes('*') ? pattern.length : 100_000 + pattern.length;
}

/** Whether a name fits a pattern in which `*` stands for any characters. Takes no longer than both together are long. */
function fits(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - at >= last.length && name.endsWith(last);
}

/** The price that an entry tells; null where it tells of the window only. */
function priceOfOverride(entry: ModelOverride): PriceSnapshot | null {
  if (entry.input === null && entry.output === null) return null;
  // A price by million tokens with six digits after the point is whole picos a token.
  const picos = (text: string | null) => (text === null ? null : Number(parseDecimal(text, PRICE_PLACES) ?? 0n));
  const tier = {
    aboveTokens: 0,
    input: picos(entry.input),
    output: picos(entry.output),
    cacheRead: picos(entry.cacheRead),
    cacheWrite: picos(entry.cacheWrite),
    cacheWrite1h: picos(entry.cacheWrite1h),
    reasoning: null,
    request: null,
  };
  const entryName = entry.profile === null ? entry.model : `${entry.profile}/${entry.model}`;
  return { currency: entry.currency, from: 'override', entry: entryName, tiers: [tier] };
}

/** A person's own prices and windows: read once, changed only through here, so that a call never waits for the disk. */
export class ModelOverrides {
  readonly #parts: { store: Store; clock: Clock; newId: () => string };
  #entries: ModelOverride[];

  constructor(parts: { store: Store; clock: Clock; newId: () => string }) {
    this.#parts = parts;
    this.#entries = parts.store.usage.overrides();
  }

  get entries(): readonly ModelOverride[] {
    return this.#entries;
  }

  /** The window that a person entered for a model; null where nobody did. */
  windowOf(profile: string, model: string | null): number | null {
    return (
      findOverride(this.#entries, { profile, model }, (entry) => entry.contextTokens !== null)?.contextTokens ?? null
    );
  }

  /** The price that a person entered for a model; null where nobody did. */
  priceOf(profile: string, model: string | null): PriceSnapshot | null {
    const entry = findOverride(this.#entries, { profile, model }, (one) => one.input !== null || one.output !== null);
    return entry === null ? null : priceOfOverride(entry);
  }

  /**
   * Adds an entry, or changes the one of that id.
   *
   * @throws AppFailure `invalid_payload` for what is no price, `conflict` for a second entry of the same names.
   */
  async save(entry: Omit<ModelOverride, 'id'> & { id: string | null }): Promise<readonly ModelOverride[]> {
    const { store, clock, newId } = this.#parts;
    for (const name of PRICES) {
      const text = entry[name];
      if (text !== null && parseDecimal(text, PRICE_PLACES) === null) {
        throw failureOf('invalid_payload', { word: 'no_price', with: { text } }, { details: { field: name } });
      }
    }
    if ((entry.input === null) !== (entry.output === null)) {
      throw failureOf(
        'invalid_payload',
        { word: 'price_needs_both' },
        {
          details: { field: entry.input === null ? 'input' : 'output' },
        },
      );
    }
    if (entry.input === null && entry.contextTokens === null) {
      throw failureOf(
        'invalid_payload',
        { word: 'price_entry_empty' },
        {
          details: { field: 'input' },
        },
      );
    }
    const twin = this.#entries.find(
      (other) => other.id !== entry.id && other.profile === entry.profile && other.model === entry.model,
    );
    if (twin !== undefined) {
      throw failureOf(
        'conflict',
        { word: 'price_entry_there', with: { model: entry.model } },
        {
          details: { id: twin.id },
        },
      );
    }
    await store.committer.commit(() => store.usage.saveOverride({ ...entry, id: entry.id ?? newId() }, clock.now()));
    this.#entries = store.usage.overrides();
    return this.#entries;
  }

  /** @throws AppFailure `not_found`. */
  async remove(id: string): Promise<readonly ModelOverride[]> {
    const { store } = this.#parts;
    const removed = await store.committer.commit(() => store.usage.removeOverride(id));
    this.#entries = store.usage.overrides();
    if (!removed) throw failureOf('not_found', { word: 'price_entry_gone' });
    return this.#entries;
  }
}
