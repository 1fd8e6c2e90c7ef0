import type { Usage } from '#contract/events';

/** Figures as responses count them, input with what came out of the cache; null where nothing was said. */
export function writeResponsesUsage(usage: Usage | null): Record<string, unknown> | null {
  if (usage === null) return null;
  const { cache_read_tokens: read, cache_write_tokens: written, reasoning_tokens: reasoning } = usage;
  return {
    input_tokens: usage.input_tokens ?? 0,
    // Clients read the number inside where the object is there, so it is there where somebody said the number.
    ...(read === null && written === null
      ? {}
      : {
          input_tokens_details: {
            cached_tokens: read ?? 0,
            ...(written === null ? {} : { cache_write_tokens: written }),
          },
        }),
    output_tokens: usage.output_tokens ?? 0,
    ...(reasoning === null ? {} : { output_tokens_details: { reasoning_tokens: reasoning } }),
    total_tokens: usage.total_tokens ?? (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0),
  };
}
