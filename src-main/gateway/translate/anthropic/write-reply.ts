import { isObject, type JsonObject } from '../../json.ts';
import { parseExactJson } from '../exact-json.ts';
import type { NeutralReply, ReplyPart } from '../neutral-reply.ts';
import type { ReplyContext } from '../reply-context.ts';
import { signatureOf } from '../seal.ts';
import { badReply } from '../translation-failure.ts';
import { CALLER } from './caller.ts';
import { ANTHROPIC_FINISHES, stopDetails } from './finish.ts';
import { writeAnthropicUsage } from './usage.ts';

/** A whole message. Throws TranslationFailure for a call whose arguments are no JSON. */
export function writeAnthropicReply(reply: NeutralReply, context: ReplyContext): JsonObject {
  const stopReason = ANTHROPIC_FINISHES[reply.finish];
  const refusal = reply.parts.flatMap((part) => (part.type === 'refusal' ? [part.text] : [])).join('');
  return {
    id: reply.id ?? context.replyId,
    type: 'message',
    role: 'assistant',
    model: reply.model ?? context.model,
    content: reply.parts.flatMap((part) => writePart(part, reply.finish === 'length')),
    stop_reason: stopReason,
    stop_sequence: reply.stopSequence,
    ...stopDetails(stopReason, refusal),
    diagnostics: null,
    usage: writeAnthropicUsage(reply.usage),
  };
}

function writePart(part: ReplyPart, isCutShort: boolean): JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return [{ type: 'text', text: part.text, citations: null }];
    case 'thinking': {
      const { seal } = part;
      if (seal?.by === 'anthropic-redacted') return [{ type: 'redacted_thinking', data: seal.data }];
      return [{ type: 'thinking', thinking: part.text, signature: signatureOf(seal) }];
    }
    case 'call': {
      const input = readInput(part.arguments);
      if (input !== null) return [{ type: 'tool_use', id: part.id, name: part.name, input, caller: CALLER }];
      // The limit of tokens cut the call short: nobody can make it, and the stop reason says why.
      if (isCutShort) return [];
      throw badReply(`The model called “${part.name}” with arguments that are no JSON object. Try again.`);
    }
  }
}

function readInput(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    const value = parseExactJson(text);
    return isObject(value) ? value : null;
  } catch {
    // Told of by the caller, with the name of the tool.
    return null;
  }
}
