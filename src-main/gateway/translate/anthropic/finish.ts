import { isObject, type JsonObject, textOf } from '../../json.ts';
import type { Finish } from '../neutral-reply.ts';

const FINISHES = new Map<string, Finish>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['max_tokens', 'length'],
  ['tool_use', 'tool-calls'],
  ['pause_turn', 'pause'],
  ['refusal', 'content-filter'],
  ['model_context_window_exceeded', 'context-full'],
]);

/** What a provider says of an answer that it ended; null where it says nothing. */
export function readExplanation(end: JsonObject): string | null {
  const details = end['stop_details'];
  return isObject(details) && end['stop_reason'] === 'refusal' ? textOf(details['explanation']) : null;
}

/** Servers that are not Anthropic's say `end_turn` after calls, and `tool_use` where there are none: what the answer holds decides. */
export function readAnthropicFinish(reason: string | null, hasCalls: boolean): Finish {
  const finish = FINISHES.get(reason ?? 'end_turn') ?? 'stop';
  if (finish !== 'stop' && finish !== 'tool-calls') return finish;
  return hasCalls ? 'tool-calls' : 'stop';
}

export const ANTHROPIC_FINISHES: Record<Finish, string> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'context-full': 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  refusal: 'refusal',
  'content-filter': 'refusal',
  pause: 'pause_turn',
};

/**
 * What Anthropic's types have beside the reason in every message, and programs that are written for them compare with `null`: the words of
 * a refusal, and what is never there.
 */
export function stopDetails(stopReason: string, words: string): JsonObject {
  const details = { type: 'refusal', category: null, explanation: words };
  return { stop_details: stopReason === 'refusal' && words !== '' ? details : null, container: null };
}
