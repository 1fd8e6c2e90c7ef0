import type { JsonObject } from '../json.ts';
import type { DropList } from './dropped.ts';
import { textField } from './field.ts';
import type { Cache } from './neutral-request.ts';

/** What chat completions and responses have in common. */

/** Settings that both know by the same name, or that only one of them has. They are carried where the other knows them. */
export const SHARED_SETTINGS = [
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'seed',
  'prediction',
  'moderation',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
] as const;

export function readSharedSettings(body: JsonObject): Map<string, unknown> {
  const settings = new Map<string, unknown>();
  for (const name of SHARED_SETTINGS) {
    const value = body[name];
    // What says the same as nothing need not be told of.
    if (value != null && value !== false && value !== 0) settings.set(name, value);
  }
  return settings;
}

/** The person on whose behalf it is asked, under the name that is valid now or the older one. */
export function readUser(body: JsonObject): string | null {
  return textField(body, 'safety_identifier', '') ?? textField(body, 'user', '');
}

/** OpenAI's mark of a prefix to keep, in Anthropic's two lengths. */
export function readBreakpoint(part: JsonObject): Cache {
  return part['prompt_cache_breakpoint'] == null ? null : '1h';
}

/** `store` cannot be kept: nothing is stored here for a client to ask for later. */
export function dropStore(body: JsonObject, dropped: DropList): void {
  if (body['store'] === true)
    dropped.add('store', 'Answers are not stored for later requests; send the whole conversation.');
}
