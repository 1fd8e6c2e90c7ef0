import { isObject, type JsonObject, textOf } from '../../json.ts';
import { responsesUsage } from '../../usage.ts';
import type { NeutralReply, ReplyPart } from '../neutral-reply.ts';
import { noAnswer, TranslationFailure } from '../translation-failure.ts';
import { readUpstreamError } from '../upstream-error.ts';
import { readResponsesFinish } from './finish.ts';
import { callOfItem, contentOfItem, sealOfItem, thinkingOfItem } from './read-item.ts';

/** A whole response. Throws TranslationFailure for data that hold no answer, and for an answer that failed. */
export function readResponsesReply(body: JsonObject): NeutralReply {
  if (body['status'] === 'failed' || body['status'] === 'cancelled') {
    throw new TranslationFailure('reply', '', readUpstreamError(body['error']).message);
  }
  if (!Array.isArray(body['output'])) {
    throw noAnswer();
  }
  const parts = (body['output'] as unknown[]).filter(isObject).flatMap(readItem);
  const created = body['created_at'];
  return {
    id: textOf(body['id']),
    model: textOf(body['model']),
    createdS: typeof created === 'number' ? created : null,
    parts,
    finish: readResponsesFinish(
      body,
      parts.some((part) => part.type === 'call'),
      parts.some((part) => part.type === 'refusal'),
    ),
    stopSequence: null,
    usage: responsesUsage(body['usage']),
  };
}

function readItem(item: JsonObject): ReplyPart[] {
  const call = callOfItem(item);
  if (call !== null) return [call];
  if (item['type'] === 'message') return contentOfItem(item);
  if (item['type'] !== 'reasoning') return [];
  const { text, cuts } = thinkingOfItem(item);
  const seal = sealOfItem(item, cuts);
  return text === '' && seal === null ? [] : [{ type: 'thinking', text, seal }];
}
