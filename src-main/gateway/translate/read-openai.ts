import { isObject, type JsonObject, textOf } from '../json.ts';
import type { DropList } from './dropped.ts';
import { flagField, textField } from './field.ts';
import {
  type Cache,
  isContent,
  type NeutralMessage,
  type OutputFormat,
  type RequestPart,
  type TextPart,
} from './neutral-request.ts';
import { readCache } from './read-cache.ts';
import { refuse } from './translation-failure.ts';

/** What chat completions and responses have in common. */

/** Settings of the chat protocol that the responses protocol does not have. */
export const CHAT_SETTINGS = [
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'seed',
  'prediction',
] as const;

/** Settings that both know by the same name, or that only one of them has. They are carried where the other knows them. */
export const SHARED_SETTINGS = [
  ...CHAT_SETTINGS,
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

/** A schema for the answer; its fields stand in one object in both, which has a place of its own in each. */
export function readSchemaFields(fields: JsonObject, path: string): OutputFormat {
  return {
    kind: 'json-schema',
    name: textField(fields, 'name', path),
    description: textField(fields, 'description', path),
    schema: fields['schema'] ?? {},
    strict: flagField(fields, 'strict', path),
    path: `${path}.schema`,
  };
}

/** The parts of a content: a plain text, or a list of which each is read by its protocol. */
export function readContentList(
  content: unknown,
  path: string,
  read: (part: JsonObject, where: string, cache: Cache) => RequestPart[],
): RequestPart[] {
  if (content == null || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content, cache: null }];
  if (!Array.isArray(content)) throw refuse(path, 'This must be a text or a list of parts.');
  return (content as unknown[]).flatMap((part, at): RequestPart[] => {
    const where = `${path}[${at}]`;
    if (!isObject(part) || textOf(part['type']) === null) throw refuse(where, 'This must be a part with a type.');
    const mark = part['prompt_cache_breakpoint'];
    const parts = read(part, where, mark == null ? readCache(part) : '1h');
    return isObject(mark) ? parts.map((one) => (isContent(one) ? { ...one, openAiMark: mark } : one)) : parts;
  });
}

/** `store` cannot be kept: nothing is stored here for a client to ask for later. */
export function dropStore(body: JsonObject, dropped: DropList): void {
  if (body['store'] === true)
    dropped.add('store', 'Answers are not stored for later requests; send the whole conversation.');
}

/** Instructions that nobody says anything to: OpenAI's models answer them, so they are the conversation. */
export function onlyInstructions(parts: TextPart[], path: string): NeutralMessage {
  return { role: 'system', parts, path };
}
