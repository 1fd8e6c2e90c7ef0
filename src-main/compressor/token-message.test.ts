import { expect, it } from 'vitest';
import { emptyMessage, type Message, type ToolCall } from '#contract/message';
import { messageText } from './token-message.ts';

function row(fields: Partial<Message>): Message {
  return { ...emptyMessage({ id: 'm', session_id: 's', run_id: 'r', role: 'assistant', created_at_ms: 0 }), ...fields };
}

const call: ToolCall = { id: 'c1', type: 'function', function: { name: 'read_file', arguments: '{"path":"a.txt"}' } };

it('[BUG-A15] tool calls count as the JSON that is sent, however their arguments are stored', () => {
  const text = messageText(row({ content: 'I look.', tool_calls: [call] }));
  expect(text).toBe(`I look.\n${JSON.stringify([call])}`);
  const asValue = { ...call, function: { name: 'read_file', arguments: { path: 'a.txt' } } } as unknown as ToolCall;
  expect(messageText(row({ tool_calls: [asValue] }))).toBe(JSON.stringify([asValue]));
  expect(messageText(row({ content: { odd: 1 } as unknown as string }))).toBe('{"odd":1}');
});

it('[E7-14] a result counts with its tool’s name; its arguments stand in the call', () => {
  const result = row({ role: 'tool', tool_name: 'read_file', tool_arguments: '{"path":"a.txt"}', content: 'hello' });
  expect(messageText(result)).toBe('read_file\nhello');
});

it('[E7-14] reasoning does not count: it is not sent', () => {
  expect(messageText(row({ content: 'Yes.', reasoning: 'long thought' }))).toBe('Yes.');
});

it('[E7-14] nothing is no text', () => {
  expect(messageText(row({}))).toBe('');
  expect(messageText(row({ tool_calls: [] }))).toBe('');
  expect(messageText(row({ content: null as unknown as string }))).toBe('');
  expect(messageText(row({ role: 'tool' }))).toBe('');
});
