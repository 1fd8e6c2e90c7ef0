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

/**
 * Results directly behind their calls, where every provider wants them: somebody may have said something in between, the person or
 * the assistant itself, which some clients send as it happened.
 *
 * @param messages checked, so that each result has its call before it.
 */
export function placeResults(messages: readonly NeutralMessage[]): NeutralMessage[] {
  const placed: NeutralMessage[] = [];
  for (const message of messages) {
    if (!holdsResultsOnly(message)) {
      placed.push(message);
      continue;
    }
    for (const part of message.parts) {
      let at = 1 + placed.findLastIndex((before) => part.type === 'result' && calls(before, part.callId));
      for (let next = placed[at]; next !== undefined && hasResult(next); next = placed[at]) at++;
      placed.splice(at, 0, { ...message, parts: [part] });
    }
  }
  return joinResults(placed);
}

function calls({ parts }: NeutralMessage, id: string): boolean {
  return parts.some((part) => part.type === 'call' && part.id === id);
}

/**
 * Results of one turn of calls are one message: apart they teach a model that calls are answered one by one, and what a result
 * brings beside its text would stand between them.
 */
function joinResults(messages: readonly NeutralMessage[]): NeutralMessage[] {
  const joined: NeutralMessage[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (last !== undefined && hasResult(last) && hasResult(message)) {
      joined[joined.length - 1] = { ...last, parts: [...last.parts, ...message.parts] };
    } else joined.push(message);
  }
  return joined;
}

function hasResult({ parts }: NeutralMessage): boolean {
  return parts.some((part) => part.type === 'result');
}

function holdsResultsOnly({ role, parts }: NeutralMessage): boolean {
  return role === 'user' && parts.length > 0 && parts.every((part) => part.type === 'result');
}
