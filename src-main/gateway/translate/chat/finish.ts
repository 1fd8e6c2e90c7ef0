import type { Finish } from '../neutral-reply.ts';

const FINISHES = new Map<string, Finish>([
  ['stop', 'stop'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'content-filter'],
]);

/** Servers say `stop` after calls, and `tool_calls` where there are none: what the answer holds decides. */
export function readChatFinish(reason: string | null, hasCalls: boolean, hasRefusal: boolean): Finish {
  const finish = FINISHES.get(reason ?? 'stop') ?? 'stop';
  if (finish === 'length' || finish === 'content-filter') return finish;
  return hasCalls ? 'tool-calls' : hasRefusal ? 'refusal' : 'stop';
}

/** In the words of the protocol. A pause and a full context are ends that are none; `length` is the word for them here. */
export const CHAT_FINISHES: Record<Finish, string> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  refusal: 'stop',
  length: 'length',
  'context-full': 'length',
  pause: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
};
