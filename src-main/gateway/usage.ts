import type { Usage } from '#contract/events';
import { isObject, type JsonObject } from './json.ts';

/** Figures as providers report them, in one shape. What a provider does not say stays null: that is not zero. */

export function openAiUsage(value: unknown): Usage | null {
  if (!isObject(value)) return null;
  const input = isObject(value['prompt_tokens_details']) ? value['prompt_tokens_details'] : {};
  const output = isObject(value['completion_tokens_details']) ? value['completion_tokens_details'] : {};
  return toUsage({
    input: count(value, 'prompt_tokens'),
    output: count(value, 'completion_tokens'),
    total: count(value, 'total_tokens'),
    // DeepSeek names its cache hits at the top level.
    cacheRead: count(input, 'cached_tokens') ?? count(value, 'prompt_cache_hit_tokens'),
    cacheWrite: count(input, 'cache_write_tokens'),
    reasoning: count(output, 'reasoning_tokens'),
  });
}

/** Anthropic counts cached input apart; ours is inclusive (spec decision: one meaning of input everywhere). */
export function anthropicUsage(value: unknown): Usage | null {
  if (!isObject(value)) return null;
  const fresh = count(value, 'input_tokens');
  const cacheRead = count(value, 'cache_read_input_tokens');
  const cacheWrite = count(value, 'cache_creation_input_tokens');
  const kept = isObject(value['cache_creation']) ? value['cache_creation'] : {};
  const output = isObject(value['output_tokens_details']) ? value['output_tokens_details'] : {};
  return toUsage({
    input: fresh === null ? null : fresh + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: count(value, 'output_tokens'),
    total: null,
    cacheRead,
    cacheWrite,
    cacheWrite5m: count(kept, 'ephemeral_5m_input_tokens'),
    cacheWrite1h: count(kept, 'ephemeral_1h_input_tokens'),
    // Newer models tell it.
    reasoning: count(output, 'thinking_tokens'),
  });
}

/** Of `/v1/responses`: OpenAI's figures under other names; an agent's own shorter ones are among them. */
export function responsesUsage(value: unknown): Usage | null {
  if (!isObject(value)) return null;
  const input = isObject(value['input_tokens_details']) ? value['input_tokens_details'] : {};
  const output = isObject(value['output_tokens_details']) ? value['output_tokens_details'] : {};
  return toUsage({
    input: count(value, 'input_tokens'),
    output: count(value, 'output_tokens'),
    total: count(value, 'total_tokens'),
    cacheRead: count(input, 'cached_tokens'),
    cacheWrite: count(input, 'cache_write_tokens'),
    reasoning: count(output, 'reasoning_tokens'),
  });
}

export function hermesUsage(value: unknown): Usage | null {
  if (!isObject(value)) return null;
  return toUsage({
    input: count(value, 'input_tokens'),
    output: count(value, 'output_tokens'),
    total: count(value, 'total_tokens'),
    cacheRead: count(value, 'cache_read_tokens'),
    cacheWrite: count(value, 'cache_write_tokens'),
    reasoning: count(value, 'reasoning_tokens'),
  });
}

interface Figures {
  input: number | null;
  output: number | null;
  total: number | null;
  cacheRead: number | null;
  cacheWrite: number | null;
  /** Parts of it by how long they are kept. */
  cacheWrite5m?: number | null;
  cacheWrite1h?: number | null;
  reasoning: number | null;
}

function toUsage(figures: Figures): Usage | null {
  if (Object.values(figures).every((figure) => figure === null)) return null;
  const { input, output, cacheWrite5m = null, cacheWrite1h = null } = figures;
  return {
    input_tokens: input,
    output_tokens: output,
    // A sum of two reported figures is still a report.
    total_tokens: figures.total ?? (input !== null && output !== null ? input + output : null),
    cache_read_tokens: figures.cacheRead,
    cache_write_tokens: figures.cacheWrite,
    reasoning_tokens: figures.reasoning,
    ...(cacheWrite5m === null ? {} : { cache_write_5m_tokens: cacheWrite5m }),
    ...(cacheWrite1h === null ? {} : { cache_write_1h_tokens: cacheWrite1h }),
  };
}

function count(object: JsonObject, field: string): number | null {
  const value = object[field];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
