import type { Message, ToolCall } from '#contract/message';

/** A row's calls that can be read: a damaged row may hold anything (E6-06), and costs itself only. */
export function readCalls(row: Message): ToolCall[] {
  const calls: unknown = row.tool_calls;
  return Array.isArray(calls) ? calls.filter(isCall) : [];
}

function isCall(value: unknown): value is ToolCall {
  if (typeof value !== 'object' || value === null || !('function' in value)) return false;
  const called = value.function;
  if (typeof called !== 'object' || called === null || !('name' in called) || !('arguments' in called)) return false;
  return typeof called.name === 'string' && typeof called.arguments === 'string';
}
