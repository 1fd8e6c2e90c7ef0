import type { JsonObject } from '../../json.ts';
import type { ReplyPart } from '../neutral-reply.ts';
import { cutSummary, packSeal, type Seal } from '../seal.ts';

type Status = 'in_progress' | 'completed' | 'incomplete';

const ID_PREFIXES = { text: 'msg', refusal: 'msg', thinking: 'rs', call: 'fc', custom: 'ctc' } as const;

/** The id of an item, with the beginning that OpenAI demands of its kind: a conversation may go on there. */
export function itemId(part: Pick<ReplyPart, 'type'> & { custom?: boolean }, replyId: string, at: number): string {
  return `${ID_PREFIXES[part.custom === true ? 'custom' : part.type]}_${replyId}_${at}`;
}

/** A part of an answer as an item. `name` of a call may have a namespace in front, which is a field of its own here. */
export function writeItem(
  part: ReplyPart,
  id: string,
  status: Status,
  namespaceOf: (name: string) => { namespace: string; name: string } | null = () => null,
): JsonObject {
  switch (part.type) {
    case 'text':
      return message(id, status, { type: 'output_text', text: part.text, annotations: [], logprobs: [] });
    case 'refusal':
      return message(id, status, { type: 'refusal', refusal: part.text });
    case 'thinking': {
      const cuts = part.seal?.by === 'responses' ? part.seal.cuts : [part.text.length];
      const pieces = part.text === '' ? [] : cutSummary(part.text, cuts);
      return {
        id,
        type: 'reasoning',
        summary: pieces.map((text) => ({ type: 'summary_text', text })),
        // Without it a provider looks for the item in its own store.
        ...(status === 'in_progress' ? {} : { encrypted_content: encryptedOf(part.seal ?? { by: 'nobody' }) }),
      };
    }
    case 'call': {
      const place = namespaceOf(part.name);
      const common = {
        call_id: part.id,
        name: place?.name ?? part.name,
        ...(place === null ? {} : { namespace: place.namespace }),
      };
      if (part.custom) return { id, type: 'custom_tool_call', ...common, input: part.arguments, status };
      return { id, type: 'function_call', ...common, arguments: part.arguments, status };
    }
  }
}

function message(id: string, status: Status, content: JsonObject): JsonObject {
  return { id, type: 'message', role: 'assistant', status, content: [content] };
}

function encryptedOf(seal: Seal): string {
  return seal.by === 'responses' ? seal.encrypted : packSeal(seal);
}
