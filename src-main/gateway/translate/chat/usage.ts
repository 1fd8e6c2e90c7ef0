import type { Usage } from '#contract/events';

/** Figures as chat completions count them, input with what came out of the cache; null where nothing was said. */
export function writeChatUsage(usage: Usage | null): Record<string, unknown> | null {
  if (usage === null) return null;
  const { cache_read_tokens: read, cache_write_tokens: written, reasoning_tokens: reasoning } = usage;
  return {
    prompt_tokens: usage.input_tokens ?? 0,
    completion_tokens: usage.output_tokens ?? 0,
    total_tokens: usage.total_tokens ?? (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0),
    ...(read === null && written === null
      ? {}
      : {
          prompt_tokens_details: {
            ...(read === null ? {} : { cached_tokens: read }),
            ...(written === null ? {} : { cache_write_tokens: written }),
          },
        }),
    ...(reasoning === null ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}
