import type { Usage } from '#contract/events';

/** Figures as responses count them, input with what came out of the cache; null where nothing was said. */
export function writeResponsesUsage(usage: Usage | null): Record<string, unknown> | null {
  if (usage === null) return null;
  const { cache_read_tokens: read, cache_write_tokens: written, reasoning_tokens: reasoning } = usage;
  return {
    input_tokens: usage.input_tokens ?? 0,
    // The protocol demands both objects with their numbers, and what is written for the SDKs’ types looks into them unasked.
    input_tokens_details: { cached_tokens: read ?? 0, cache_write_tokens: written ?? 0 },
    output_tokens: usage.output_tokens ?? 0,
    output_tokens_details: { reasoning_tokens: reasoning ?? 0 },
    total_tokens: usage.total_tokens ?? (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0),
  };
}
