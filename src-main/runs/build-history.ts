import type { Message, ToolCall } from '#contract/message';
import type { HistoryMessage } from '../gateway/upstream-adapter.ts';

function isValidJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return false;
    throw thrown;
  }
}

/**
 * The rows of a conversation as providers accept them: every tool call answered exactly once and next to its call, no
 * orphaned results, no empty assistant message, arguments that are JSON. A call that does not qualify is left out of what
 * is sent; its row stays in the transcript.
 */
export function buildHistory(rows: readonly Message[]): HistoryMessage[] {
  const history: HistoryMessage[] = [];
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at];
    if (row === undefined) continue;
    if (row.role === 'user') {
      if (row.content !== '' || row.content_blocks !== null) {
        history.push({ role: 'user', content: row.content, blocks: row.content_blocks });
      }
      continue;
    }
    if (row.role !== 'assistant') continue;
    const results = new Map<string, Message>();
    for (let next = at + 1; next < rows.length && rows[next]?.role === 'tool'; next++) {
      const result = rows[next];
      if (result === undefined) break;
      const id = result.tool_call_id ?? result.id;
      if (!results.has(id)) results.set(id, result);
    }
    const seen = new Set<string>();
    const calls: ToolCall[] = (row.tool_calls ?? []).filter((call) => {
      const answer = results.get(call.id);
      const usable =
        !seen.has(call.id) &&
        answer !== undefined &&
        answer.tool_state !== 'running' &&
        isValidJson(call.function.arguments);
      seen.add(call.id);
      return usable;
    });
    if (row.content.trim() === '' && calls.length === 0) continue;
    history.push({ role: 'assistant', content: row.content, toolCalls: calls.length === 0 ? null : calls });
    for (const call of calls) {
      const answer = results.get(call.id);
      history.push({
        role: 'tool',
        content: answer?.content ?? '',
        toolCallId: call.id,
        toolName: call.function.name,
      });
    }
  }
  return history;
}
