import { isObject, type JsonObject, listOf, textOf } from '../../json.ts';
import { deltaContent } from '../../providers/openai-chat/delta-content.ts';
import { openAiUsage } from '../../usage.ts';
import type { NeutralReply, ReplyPart } from '../neutral-reply.ts';
import { badReply, noAnswer } from '../translation-failure.ts';
import { readChatFinish } from './finish.ts';
import { sealOfDetails } from './thinking-detail.ts';

/** A whole chat completion. Throws TranslationFailure for data that hold no answer. */
export function readChatReply(body: JsonObject): NeutralReply {
  const choice = listOf(body['choices']).find((one) => isObject(one) && (one['index'] ?? 0) === 0);
  const message = isObject(choice) ? choice['message'] : null;
  if (!isObject(choice) || !isObject(message)) {
    throw noAnswer();
  }
  const { text, refusal, thinking, thinkingField, details } = deltaContent(message);
  const parts: ReplyPart[] = [];
  const calls = listOf(message['tool_calls']).filter(isObject).map(readCall);
  // What nobody sees is of use only where the turn goes on.
  const sealed = details.length > 0 && (thinking !== '' || calls.length > 0);
  if (sealed) parts.push({ type: 'thinking', text: thinking, seal: sealOfDetails(details) });
  else if (thinking !== '') {
    const seal = thinkingField === null ? null : { by: 'chat' as const, field: thinkingField };
    parts.push({ type: 'thinking', text: thinking, seal });
  }
  if (text !== '') parts.push({ type: 'text', text });
  if (refusal !== '') parts.push({ type: 'refusal', text: refusal });
  parts.push(...calls);
  const created = body['created'];
  return {
    id: textOf(body['id']),
    model: textOf(body['model']),
    createdS: typeof created === 'number' ? created : null,
    parts,
    finish: readChatFinish(textOf(choice['finish_reason']), calls.length > 0, refusal !== ''),
    stopSequence: null,
    usage: openAiUsage(body['usage']),
  };
}

function readCall(call: JsonObject): ReplyPart {
  const custom = isObject(call['custom']) ? call['custom'] : null;
  const inner = custom ?? (isObject(call['function']) ? call['function'] : {});
  const name = textOf(inner['name']);
  if (name === null) throw badReply('The upstream called a tool without naming it. Try again.');
  const args = inner[custom === null ? 'arguments' : 'input'];
  return {
    type: 'call',
    id: textOf(call['id']) === '' ? null : textOf(call['id']),
    name,
    custom: custom !== null,
    arguments: isObject(args) ? JSON.stringify(args) : (textOf(args) ?? ''),
    ...(isObject(call['extra_content']) ? { extra: call['extra_content'] } : {}),
  };
}
