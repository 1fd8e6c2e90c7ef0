import type { calcPrice, findProvider } from '@pydantic/genai-prices';
import type { PriceSnapshot, PriceTier } from '#contract/usage-report';

/** The part of `@pydantic/genai-prices` that tells prices: synchronous, offline, once it is loaded. */
export interface PriceList {
  calcPrice: typeof calcPrice;
  findProvider: typeof findProvider;
}

type ListedPrice = number | { base: number; tiers: { start: number; price: number }[] } | undefined;

/**
 * The list that `@pydantic/genai-prices` carries, as of its version; nothing is fetched. It takes some 30 ms to load, so
 * only a call that needs it brings it in.
 */
export function loadPriceList(): Promise<PriceList> {
  return import('@pydantic/genai-prices');
}

/** Prices are by million tokens, picos by one: a millionth of a million million. */
const PICOS_A_TOKEN = 1e6;
/** Others are by a thousand requests. */
const PICOS_A_REQUEST = 1e9;

/**
 * The price of a model at an address, as the list has it for that time. Only an address that belongs to a provider of the
 * list has one: what a proxy or a local server takes for the same model is its own affair, and unknown.
 */
export function knownPrice(
  list: PriceList,
  { baseUrl, model, atMs }: { baseUrl: string; model: string; atMs: number },
): PriceSnapshot | null {
  if (baseUrl === '' || model.trim() === '') return null;
  const provider = list.findProvider({ providerApiUrl: `${baseUrl}/v1/chat/completions` });
  if (provider === undefined) return null;
  const usage = { input_tokens: 1, output_tokens: 1 };
  const found = list.calcPrice(usage, model, { provider, timestamp: new Date(atMs) });
  if (found === null) return null;
  const prices = found.model_price as Record<string, ListedPrice>;
  const starts = Object.values(prices).flatMap((price) =>
    typeof price === 'object' ? price.tiers.map((tier) => tier.start) : [],
  );
  const tiers = [...new Set([0, ...starts])].toSorted((a, b) => a - b).map((start) => tierAt(prices, start));
  return { currency: 'USD', from: 'list', entry: `${provider.id}/${found.model.id}`, tiers };
}

function tierAt(prices: Record<string, ListedPrice>, aboveTokens: number): PriceTier {
  const at = (name: string, picos: number): number | null => {
    const price = prices[name];
    if (price === undefined) return null;
    const value =
      typeof price === 'number'
        ? price
        : (price.tiers.toSorted((a, b) => a.start - b.start).findLast((tier) => tier.start <= aboveTokens)?.price ??
          price.base);
    // The list's figures are decimals in floating point, some as 0.18000000000000002.
    return Math.round(value * picos);
  };
  return {
    aboveTokens,
    input: at('input_mtok', PICOS_A_TOKEN),
    output: at('output_mtok', PICOS_A_TOKEN),
    cacheRead: at('cache_read_mtok', PICOS_A_TOKEN),
    cacheWrite: at('cache_write_mtok', PICOS_A_TOKEN),
    cacheWrite1h: at('cache_write_1h_mtok', PICOS_A_TOKEN),
    reasoning: at('output_reasoning_mtok', PICOS_A_TOKEN),
    request: at('requests_kcount', PICOS_A_REQUEST),
  };
}
