import { isObject, type JsonObject, textOf } from '../../json.ts';
import { anthropicUsage } from '../../usage.ts';
import type { NeutralReply, ReplyPart } from '../neutral-reply.ts';
import { noAnswer } from '../translation-failure.ts';
import { readAnthropicFinish, readExplanation } from './finish.ts';

/** A whole message. Throws TranslationFailure for data that hold no answer. */
export function readAnthropicReply(body: JsonObject): NeutralReply {
  if (!Array.isArray(body['content'])) {
    throw noAnswer();
  }
  const explanation = readExplanation(body);
  const parts = (body['content'] as unknown[]).filter(isObject).flatMap(readBlock);
  const hasCalls = parts.some((part) => part.type === 'call');
  return {
    id: textOf(body['id']),
    model: textOf(body['model']),
    createdS: null,
    parts: explanation === null ? parts : [...parts, { type: 'refusal', text: explanation }],
    finish: readAnthropicFinish(textOf(body['stop_reason']), hasCalls),
    stopSequence: textOf(body['stop_sequence']),
    usage: anthropicUsage(body['usage']),
  };
}

function readBlock(block: JsonObject): ReplyPart[] {
  switch (block['type']) {
    case 'text':
      return [{ type: 'text', text: textOf(block['text']) ?? '' }];
    case 'thinking': {
      const signature = textOf(block['signature']) ?? '';
      const seal = signature === '' ? null : { by: 'anthropic' as const, signature };
      return [{ type: 'thinking', text: textOf(block['thinking']) ?? '', seal }];
    }
    case 'redacted_thinking':
      return [{ type: 'thinking', text: '', seal: { by: 'anthropic-redacted', data: textOf(block['data']) ?? '' } }];
    case 'tool_use':
      return [
        {
          type: 'call',
          id: textOf(block['id']),
          name: textOf(block['name']) ?? '',
          custom: false,
          arguments: JSON.stringify(block['input'] ?? {}),
        },
      ];
    default:
      // Blocks of tools that only Anthropic runs: they were not offered, so they mean nothing here.
      return [];
  }
}
