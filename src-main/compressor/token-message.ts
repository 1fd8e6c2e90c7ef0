import type { Message } from '#contract/message';

/**
 * What a message costs beside its text: its role and the marks that part it from its neighbours. OpenAI's guide to
 * counting chat messages has 3, and 1 more for a name (2026-11); other makers are alike.
 */
export const MESSAGE_OVERHEAD_TOKENS = 4;

/**
 * The text of a row that a model is sent, for counting: its content, its tool calls as JSON, and the name of the tool that
 * a result is of. A result's arguments stand in its call and count there. Reasoning is not sent. What an attachment
 * holds is read when a request is made, so here it is its name only.
 */
export function messageText(message: Pick<Message, 'role' | 'content' | 'tool_calls' | 'tool_name'>): string {
  // A damaged row may hold anything; what is no text counts as the JSON that would be sent (BUG-A15).
  const parts: unknown[] = [message.content, message.tool_calls];
  if (message.role === 'tool') parts.unshift(message.tool_name);
  return parts
    .map((part) => (typeof part === 'string' ? part : toJson(part)))
    .filter((text) => text !== '')
    .join('\n');
}

function toJson(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value) && value.length === 0) return '';
  return JSON.stringify(value);
}
