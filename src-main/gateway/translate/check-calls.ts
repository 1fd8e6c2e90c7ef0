import type { NeutralMessage } from './neutral-request.ts';
import { refuse } from './translation-failure.ts';

/** A result needs its call before it: every provider refuses the request otherwise, in words that help nobody. */
export function checkCalls(messages: readonly NeutralMessage[]): void {
  const called = new Set<string>();
  for (const message of messages) {
    for (const part of message.parts) {
      if (part.type === 'call') called.add(part.id);
      else if (part.type === 'result' && !called.has(part.callId)) {
        throw refuse(
          part.path,
          `This is the result of the call “${part.callId}”, which no earlier message makes. Send the assistant’s message with the call before it.`,
        );
      }
    }
  }
}
