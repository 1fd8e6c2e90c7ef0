import type { CallFigures, PriceSnapshot, PriceTier } from '#contract/usage-report';

/**
 * What a call costs, in whole picos (10⁻¹²) of the snapshot's currency: whole tokens by whole picos, so nothing is ever
 * rounded and sums are exact. Null when a figure or a price that it needs is unknown.
 *
 * Input holds what was cached and output what was thought, so each token is counted once, at its most exact price.
 */
export function costOfCall(figures: CallFigures, snapshot: PriceSnapshot): bigint | null {
  const { inputTokens, outputTokens } = figures;
  if (inputTokens === null || outputTokens === null) return null;
  const tier = tierFor(snapshot.tiers, inputTokens);
  if (tier === null) return null;
  const parts: [tokens: number, price: number | null][] = [
    ...inputParts(figures, inputTokens, tier),
    ...outputParts(figures, outputTokens, tier),
    [1, tier.request ?? 0],
  ];
  let picos = 0n;
  for (const [tokens, price] of parts) {
    if (tokens === 0) continue;
    if (price === null) return null;
    picos += BigInt(tokens) * BigInt(price);
  }
  return picos;
}

/** A provider prices a whole call by how much it reads. */
function tierFor(tiers: readonly PriceTier[], inputTokens: number): PriceTier | null {
  return tiers.findLast((tier) => tier.aboveTokens === 0 || inputTokens > tier.aboveTokens) ?? null;
}

function inputParts(figures: CallFigures, input: number, tier: PriceTier): [number, number | null][] {
  const read = Math.min(input, figures.cacheReadTokens ?? 0);
  const written = Math.min(input - read, figures.cacheWriteTokens ?? 0);
  const long = Math.min(written, figures.cacheWrite1hTokens ?? 0);
  const writePrice = tier.cacheWrite ?? tier.input;
  return [
    [input - read - written, tier.input],
    [read, tier.cacheRead ?? tier.input],
    [written - long, writePrice],
    [long, tier.cacheWrite1h ?? writePrice],
  ];
}

function outputParts(figures: CallFigures, output: number, tier: PriceTier): [number, number | null][] {
  const thought = tier.reasoning === null ? 0 : Math.min(output, figures.reasoningTokens ?? 0);
  return [
    [output - thought, tier.output],
    [thought, tier.reasoning],
  ];
}
