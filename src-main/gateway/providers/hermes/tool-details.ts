import { isObject, type JsonObject, listOf, textOf } from '../../json.ts';
import type { ToolDetail } from '../../upstream-event.ts';

/**
 * The tool calls in a session's transcript, in its order (decision 14). The session is a throw-away of one run and its
 * history went in as plain text, so every call in it is that run's.
 *
 * @param body the answer to `GET /api/sessions/{id}/messages`, read as it comes: rows or fields that are not understood
 *   are left out.
 */
export function readToolDetails(body: JsonObject): ToolDetail[] {
  const rows = inOrder(listOf(body['data'] ?? body['messages'] ?? body['items']).filter(isObject));
  const calls: ToolDetail[] = [];
  for (const row of rows) {
    if (row['role'] === 'assistant') calls.push(...callsOf(row));
    if (row['role'] === 'tool') addResult(calls, row);
  }
  return calls;
}

/** Some agents list the newest first; rows with numbers tell. */
function inOrder(rows: JsonObject[]): JsonObject[] {
  const ids = rows.map((row) => row['id']);
  if (!ids.every((id) => typeof id === 'number')) return rows;
  return rows.toSorted((one, other) => (one['id'] as number) - (other['id'] as number));
}

function callsOf(row: JsonObject): ToolDetail[] {
  return listOf(row['tool_calls'])
    .filter(isObject)
    .flatMap((call) => {
      const fn = isObject(call['function']) ? call['function'] : call;
      const name = textOf(fn['name']);
      if (name === null || name === '') return [];
      const callId = textOf(call['id']) ?? textOf(call['call_id']);
      return [{ name, callId, arguments: jsonText(fn['arguments']), output: null, isError: null }];
    });
}

/** A result belongs to its id, else to the oldest call of its name that has none. */
function addResult(calls: ToolDetail[], row: JsonObject): void {
  const callId = textOf(row['tool_call_id']);
  const name = textOf(row['tool_name']) ?? textOf(row['name']);
  const isOpen = (call: ToolDetail) => call.output === null;
  const call =
    calls.find((one) => isOpen(one) && callId !== null && one.callId === callId) ??
    calls.find((one) => isOpen(one) && one.name === name && (callId === null || one.callId === null));
  const output = contentText(row['content']);
  const isError = typeof row['is_error'] === 'boolean' ? row['is_error'] : null;
  if (call !== undefined) Object.assign(call, { callId: call.callId ?? callId, output, isError });
  // A result whose call was compacted away still happened.
  else if (name !== null) calls.push({ name, callId, arguments: null, output, isError });
}

function jsonText(value: unknown): string | null {
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : textOf(value);
}

/** Text as it is, the texts of a list of parts, and anything else as JSON. */
function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return content === null || content === undefined ? '' : JSON.stringify(content);
  return listOf(content)
    .map((part) => (isObject(part) ? (textOf(part['text']) ?? JSON.stringify(part)) : String(part)))
    .join('\n');
}
