import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyMessage, type Message } from '#contract/message';
import { buildHistory } from './build-history.ts';

const row = (fields: Partial<Message> & Pick<Message, 'role'>): Message => ({
  ...emptyMessage({ id: fields.id ?? 'x', session_id: 's', run_id: 'r', role: fields.role, created_at_ms: 1 }),
  status: 'final',
  ...fields,
});
const call = (id: string, args = '{}') => ({ id, type: 'function' as const, function: { name: 'f', arguments: args } });
const answer = (id: string, content = 'out') =>
  row({ role: 'tool', tool_call_id: id, tool_name: 'f', content, tool_state: 'done' });

describe('the history for an upstream', () => {
  it('[E6-05] an empty assistant row is not sent', () => {
    expect(
      buildHistory([
        row({ role: 'user', content: 'a' }),
        row({ role: 'assistant', content: ' ' }),
        row({ role: 'user', content: 'b' }),
      ]),
    ).toHaveLength(2);
  });

  it('[E6-05] calls and results stand together, and a call without a result is left out', () => {
    const history = buildHistory([
      row({ role: 'assistant', content: 'look', tool_calls: [call('a'), call('b')] }),
      answer('a'),
    ]);
    expect(history).toEqual([
      { role: 'assistant', content: 'look', toolCalls: [call('a')] },
      { role: 'tool', content: 'out', toolCallId: 'a', toolName: 'f' },
    ]);
  });

  it('[E6-05] arguments that are no JSON are not sent', () => {
    expect(
      buildHistory([row({ role: 'assistant', content: 'look', tool_calls: [call('a', '{"cut')] }), answer('a')]),
    ).toEqual([{ role: 'assistant', content: 'look', toolCalls: null }]);
  });

  it('[E6-05] every part of every conversation is valid: calls answered once and adjacent, no orphans, nothing empty', () => {
    const rows = fc.array(
      fc.oneof(
        fc.string().map((content) => row({ role: 'user', content })),
        fc
          .tuple(fc.string({ maxLength: 3 }), fc.uniqueArray(fc.constantFrom('a', 'b', 'c')))
          .map(([content, ids]) => row({ role: 'assistant', content, tool_calls: ids.map((id) => call(id)) })),
        fc.constantFrom('a', 'b', 'c').map((id) => answer(id)),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(rows, fc.nat(20), fc.nat(20), (all, from, length) => {
        const history = buildHistory(all.slice(from, from + length));
        for (const [index, message] of history.entries()) {
          if (message.role === 'assistant') {
            expect(message.content.trim() !== '' || message.toolCalls !== null).toBe(true);
            const following = history.slice(index + 1, index + 1 + (message.toolCalls?.length ?? 0));
            expect(following.map((next) => (next.role === 'tool' ? next.toolCallId : next.role))).toEqual(
              (message.toolCalls ?? []).map((one) => one.id),
            );
          }
          if (message.role === 'tool') {
            const before = history.slice(0, index).findLast((one) => one.role !== 'tool');
            expect(before?.role === 'assistant' && before.toolCalls?.some((one) => one.id === message.toolCallId)).toBe(
              true,
            );
          }
        }
      }),
    );
  });
});
