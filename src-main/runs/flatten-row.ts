import type { Message, ToolCall } from '#contract/message';
import { parseBlockArray } from './block-array.ts';

/**
 * A row of the assistant whose whole text is a provider's own list of content blocks, as what the blocks say (E6-03): a
 * list that arrived in many parts is whole only when the run settles. Any other row comes back as it is, the same object.
 */
export function flattenRow(row: Message): Message {
  if (row.role !== 'assistant') return row;
  const blocks = parseBlockArray(row.content);
  if (blocks === null) return row;
  return {
    ...row,
    content: blocks.text,
    reasoning: joinReasoning(row.reasoning, blocks.reasoning),
    tool_calls: joinCalls(row.tool_calls, blocks.toolCalls),
  };
}

/** What was streamed apart is often in the list once more. */
function joinReasoning(streamed: string | null, listed: string): string | null {
  if (listed === '') return streamed;
  if (streamed === null || streamed === '' || listed.includes(streamed)) return listed;
  return streamed.includes(listed) ? streamed : `${streamed}\n\n${listed}`;
}

/**
 * A call that the row has already is not added again. Its row goes by the id that the stream gave it, or lent it; the
 * list may know its arguments.
 */
function joinCalls(streamed: readonly ToolCall[] | null, listed: readonly ToolCall[]): ToolCall[] | null {
  const calls = [...(streamed ?? [])];
  const listedIds = new Set(listed.map((call) => call.id));
  const open = new Set(calls.filter((call) => !listedIds.has(call.id)));
  for (const call of listed) {
    const known =
      calls.find((one) => one.id === call.id) ??
      calls.find((one) => open.has(one) && one.function.name === call.function.name);
    if (known === undefined) {
      calls.push(call);
      continue;
    }
    open.delete(known);
    if (known.function.arguments === '{}') {
      calls[calls.indexOf(known)] = { ...known, function: { ...known.function, arguments: call.function.arguments } };
    }
  }
  return calls.length === 0 ? null : calls;
}
