import { isObject, type JsonObject, listOf, textOf } from '../../json.ts';
import type { ReplyPart } from '../neutral-reply.ts';
import { PIECE_BREAK, type Seal } from '../seal.ts';
import { qualifiedName } from './read-tools.ts';

/** What an item of an answer holds. */

export function callOfItem(item: JsonObject): Extract<ReplyPart, { type: 'call' }> | null {
  const custom = item['type'] === 'custom_tool_call';
  if (!custom && item['type'] !== 'function_call') return null;
  return {
    type: 'call',
    id: textOf(item['call_id']) ?? textOf(item['id']),
    name: qualifiedName(textOf(item['namespace']), textOf(item['name']) ?? ''),
    custom,
    arguments: textOf(item[custom ? 'input' : 'arguments']) ?? '',
  };
}

export function contentOfItem(item: JsonObject): { type: 'text' | 'refusal'; text: string }[] {
  return listOf(item['content'])
    .filter(isObject)
    .flatMap((part): { type: 'text' | 'refusal'; text: string }[] => {
      if (part['type'] === 'refusal') return [{ type: 'refusal', text: textOf(part['refusal']) ?? '' }];
      return part['type'] === 'output_text' ? [{ type: 'text', text: textOf(part['text']) ?? '' }] : [];
    });
}

/** A summary where there is one, else the thinking itself, which open models give. */
export function thinkingOfItem(item: JsonObject): { text: string; cuts: number[] } {
  const textsOf = (value: unknown) =>
    listOf(value)
      .filter(isObject)
      .map((piece) => textOf(piece['text']) ?? '');
  const summary = textsOf(item['summary']);
  const texts = summary.length > 0 ? summary : textsOf(item['content']);
  return { text: texts.join(PIECE_BREAK), cuts: texts.map((text) => text.length) };
}

/** What OpenAI wants back with its thinking; null where it gave nothing to give back. */
export function sealOfItem(item: JsonObject, cuts: readonly number[]): Seal | null {
  const encrypted = textOf(item['encrypted_content']);
  if (encrypted === null || encrypted === '') return null;
  return { by: 'responses', id: textOf(item['id']) ?? '', cuts, encrypted };
}
