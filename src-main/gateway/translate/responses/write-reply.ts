import type { JsonObject } from '../../json.ts';
import type { NeutralReply } from '../neutral-reply.ts';
import type { ReplyContext } from '../reply-context.ts';
import { INCOMPLETE_REASONS } from './finish.ts';
import { type ResponseHead, responseAtEnd } from './response-object.ts';
import { itemId, writeItem } from './write-item.ts';

/** A whole response. */
export function writeResponsesReply(reply: NeutralReply, context: ReplyContext): JsonObject {
  const head = responseHead(reply, context);
  const isWhole = INCOMPLETE_REASONS[reply.finish] === null;
  const output = reply.parts.map((part, at) => {
    const isCutShort = !isWhole && at === reply.parts.length - 1;
    const filled = part.type === 'call' && part.arguments === '' && !part.custom ? { ...part, arguments: '{}' } : part;
    return writeItem(
      filled,
      itemId(part, context.replyId, at),
      isCutShort ? 'incomplete' : 'completed',
      context.namespaceOf,
    );
  });
  const response = responseAtEnd(head, context, { output, finish: reply.finish, usage: reply.usage });
  context.answered(response);
  return response;
}

/** Every response has an id of its kind. */
export function responseHead(
  from: { id: string | null; model: string | null; createdS: number | null },
  context: ReplyContext,
): ResponseHead {
  const id = from.id ?? context.replyId;
  return {
    id: id.startsWith('resp_') ? id : `resp_${id}`,
    model: from.model ?? context.model,
    createdS: from.createdS ?? context.createdS,
  };
}
