import type { Usage } from '#contract/events';
import type { JsonObject } from '../../json.ts';

/**
 * Figures as Anthropic counts them: input without what was read from or written to the cache. The protocol demands numbers for
 * input and output, so what an upstream did not say is 0 there and `null` everywhere else.
 */
export function writeAnthropicUsage(usage: Usage | null): JsonObject {
  const read = usage?.cache_read_tokens ?? null;
  const written = usage?.cache_write_tokens ?? null;
  const input = usage?.input_tokens ?? 0;
  const fiveMinutes = usage?.cache_write_5m_tokens;
  const oneHour = usage?.cache_write_1h_tokens;
  const reasoning = usage?.reasoning_tokens ?? null;
  return {
    input_tokens: Math.max(0, input - (read ?? 0) - (written ?? 0)),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    cache_creation:
      fiveMinutes === undefined && oneHour === undefined
        ? null
        : { ephemeral_5m_input_tokens: fiveMinutes ?? 0, ephemeral_1h_input_tokens: oneHour ?? 0 },
    output_tokens: usage?.output_tokens ?? 0,
    output_tokens_details: reasoning === null ? null : { thinking_tokens: reasoning },
    server_tool_use: null,
    service_tier: null,
    inference_geo: null,
    speed: null,
  };
}
