import type { JsonObject } from '../../json.ts';
import type { NeutralReply } from '../neutral-reply.ts';
import type { ReplyContext } from '../reply-context.ts';
import { CHAT_FINISHES } from './finish.ts';
import { thinkingDetail } from './thinking-detail.ts';
import { writeChatUsage } from './usage.ts';

/** A whole chat completion. */
export function writeChatReply(reply: NeutralReply, context: ReplyContext): JsonObject {
  const texts = (type: 'text' | 'refusal' | 'thinking') =>
    reply.parts.flatMap((part) => (part.type === type ? [part.text] : []));
  const thinking = texts('thinking').join('');
  const details = reply.parts
    .flatMap((part) =>
      part.type === 'thinking' && part.seal !== null && part.seal.by !== 'chat' ? [{ ...part, seal: part.seal }] : [],
    )
    .map((part, at) => thinkingDetail(part.text, part.seal, at));
  const refusal = texts('refusal');
  const calls = reply.parts.flatMap((part): JsonObject[] => {
    if (part.type !== 'call') return [];
    const { id, name } = part;
    if (part.custom) return [{ id, type: 'custom', custom: { name, input: part.arguments } }];
    return [{ id, type: 'function', function: { name, arguments: part.arguments === '' ? '{}' : part.arguments } }];
  });
  const content = texts('text');
  const usage = writeChatUsage(reply.usage);
  return {
    id: reply.id ?? context.replyId,
    object: 'chat.completion',
    created: reply.createdS ?? context.createdS,
    model: reply.model ?? context.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: content.length === 0 ? null : content.join(''),
          refusal: refusal.length === 0 ? null : refusal.join(''),
          ...(thinking === '' ? {} : { reasoning_content: thinking }),
          ...(details.length === 0 ? {} : { reasoning_details: details }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: CHAT_FINISHES[reply.finish],
      },
    ],
    ...(usage === null ? {} : { usage }),
  };
}
