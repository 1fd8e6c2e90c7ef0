import type { ContentBlock, Message, ToolCall } from '#contract/message';
import type { HistoryMessage } from '../gateway/upstream-adapter.ts';
import { type AnsweredCall, pairToolResults } from './pair-tool-results.ts';

/**
 * The rows of a conversation as providers accept them: every tool call answered exactly once and next to its call, under
 * an id that no other call has, no orphaned results, no empty messages, arguments that are JSON. What does not qualify is
 * left out of what is sent; its row stays in the transcript. A damaged row costs itself (E6-06).
 */
export function buildHistory(rows: readonly Message[]): HistoryMessage[] {
  const history: HistoryMessage[] = [];
  const usedIds = new Map<string, number>();
  const add = (content: string, answered: readonly AnsweredCall[]) => {
    const sent = answered.filter(isSendable).map((one) => withOwnId(one, usedIds));
    if (content.trim() === '' && sent.length === 0) return;
    history.push({ role: 'assistant', content, toolCalls: sent.length === 0 ? null : sent.map(({ call }) => call) });
    for (const { call, result } of sent) {
      history.push({ role: 'tool', content: result.content, toolCallId: call.id, toolName: call.function.name });
    }
  };
  // Rows of other roles are for the person only; they part nothing.
  const told = rows.filter((row) => row.role === 'user' || row.role === 'assistant' || row.role === 'tool');
  for (let at = 0; at < told.length; ) {
    const row = told[at];
    if (row === undefined) break;
    const results = toolRowsFrom(told, row.role === 'tool' ? at : at + 1);
    if (row.role === 'user') {
      const user = userMessage(row);
      if (user !== null) history.push(user);
      at++;
    } else if (row.role === 'assistant') {
      add(row.content, pairToolResults(callsOf(row), results));
      at += 1 + results.length;
    } else {
      // An answer that begins with a tool has no row that calls it. At the very beginning that row was cut away.
      if (at > 0) add('', pairToolResults(results.map(lentCall), results));
      at += results.length;
    }
  }
  return history;
}

function toolRowsFrom(rows: readonly Message[], from: number): Message[] {
  let to = from;
  while (rows[to]?.role === 'tool') to++;
  return rows.slice(from, to);
}

function userMessage(row: Message): HistoryMessage | null {
  const blocks = blocksOf(row);
  const isEmpty = row.content.trim() === '' && (blocks ?? []).every((block) => block.type === 'text');
  return isEmpty ? null : { role: 'user', content: row.content, blocks };
}

/** A stored list whose parts cannot be told is none; the row's text says what it held. */
function blocksOf(row: Message): ContentBlock[] | null {
  const blocks: unknown = row.content_blocks;
  return Array.isArray(blocks) && blocks.length > 0 && blocks.every(isContentBlock) ? blocks : null;
}

function isContentBlock(value: unknown): value is ContentBlock {
  if (!isFields(value)) return false;
  if (value['type'] === 'text') return typeof value['text'] === 'string';
  const isAttachment = value['type'] === 'image' || value['type'] === 'file';
  return isAttachment && typeof value['name'] === 'string' && typeof value['path'] === 'string';
}

/** The calls of a row that can be read, with arguments as text. */
function callsOf(row: Message): ToolCall[] {
  const calls: unknown = row.tool_calls;
  return Array.isArray(calls) ? calls.flatMap(readCall) : [];
}

function readCall(value: unknown): ToolCall[] {
  if (!isFields(value) || !isFields(value['function'])) return [];
  const id = value['id'];
  const { name, arguments: args } = value['function'];
  if (typeof id !== 'string' || id === '' || typeof name !== 'string' || name === '') return [];
  // Some histories hold the arguments as a value; as a text they would be `[object Object]` (BUG-A15).
  return [toCall(id, name, isFields(args) ? JSON.stringify(args) : args)];
}

/** The call that a tool row is the result of, as far as the row knows it. */
function lentCall(row: Message): ToolCall {
  return toCall(row.tool_call_id ?? row.id, row.tool_name ?? 'tool', row.tool_arguments);
}

/** A call without arguments is one with none: nothing at all is no JSON. */
function toCall(id: string, name: string, args: unknown): ToolCall {
  const text = typeof args === 'string' && args.trim() !== '' ? args : '{}';
  return { id, type: 'function', function: { name, arguments: text } };
}

function isSendable({ call, result }: AnsweredCall): boolean {
  return result.tool_state !== 'running' && isJson(call.function.arguments);
}

/** Servers that count their calls anew in each answer repeat their ids; a request may not. `used` holds how often one came. */
function withOwnId({ call, result }: AnsweredCall, used: Map<string, number>): AnsweredCall {
  let id = call.id;
  let times = used.get(call.id) ?? 0;
  while (used.has(id)) id = `${call.id}_${++times + 1}`;
  used.set(call.id, times);
  used.set(id, used.get(id) ?? 0);
  return { call: id === call.id ? call : { ...call, id }, result };
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return false;
    throw thrown;
  }
}
