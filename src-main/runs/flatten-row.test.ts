import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyMessage, type Message } from '#contract/message';
import { flattenRow } from './flatten-row.ts';

const row = (content: string, fields: Partial<Message> = {}): Message => ({
  ...emptyMessage({ id: 'm', session_id: 's', run_id: 'r', role: 'assistant', created_at_ms: 1 }),
  content,
  ...fields,
});
const call = (id: string, name: string, args = '{}') => ({
  id,
  type: 'function' as const,
  function: { name, arguments: args },
});
const use = (id: string, name: string, input = {}) => ({ type: 'tool_use', id, name, input });

describe('a row whose text is a list of blocks', () => {
  it('[E6-03] says what the blocks say', () => {
    const flat = flattenRow(
      row("[{'type': 'thinking', 'thinking': 'Hm.'}, {'type': 'text', 'text': \"It's 2.\"}]", {
        finish_reason: 'stop',
      }),
    );
    expect(flat).toEqual(row("It's 2.", { reasoning: 'Hm.', finish_reason: 'stop' }));
  });

  it('[E6-03] ordinary text is the same row, not one like it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('[', '{', '"', "'", 'a', ' ', ']', '}') }), (content) => {
        const before = row(content);
        expect(flattenRow(before)).toBe(before);
      }),
    );
  });

  it('[E6-03] what a person or a tool wrote is never taken apart', () => {
    for (const role of ['user', 'tool'] as const) {
      const before = row('[{"type":"text","text":"a"}]', { role });
      expect(flattenRow(before)).toBe(before);
    }
  });

  it('[E6-03] reasoning that was streamed as well stands there once', () => {
    const listed = JSON.stringify([
      { type: 'thinking', thinking: 'First. Second.' },
      { type: 'text', text: 'a' },
    ]);
    expect(flattenRow(row(listed, { reasoning: 'First.' })).reasoning).toBe('First. Second.');
    expect(flattenRow(row(listed, { reasoning: 'First. Second. Third.' })).reasoning).toBe('First. Second. Third.');
    expect(flattenRow(row(listed, { reasoning: 'Other.' })).reasoning).toBe('Other.\n\nFirst. Second.');
  });

  it('[E6-03] a call that the stream told of is not added again: it keeps its id and learns its arguments', () => {
    const listed = JSON.stringify([use('x', 'f', { n: 1 }), use('known', 'f', { n: 2 }), use('y', 'f', { n: 3 })]);
    const streamed = [call('known', 'f'), call('row-1', 'f'), call('row-2', 'g', '{"own":1}')];
    expect(flattenRow(row(listed, { tool_calls: streamed })).tool_calls).toEqual([
      call('known', 'f', '{"n":2}'),
      call('row-1', 'f', '{"n":1}'),
      call('row-2', 'g', '{"own":1}'),
      call('y', 'f', '{"n":3}'),
    ]);
  });

  it('[E6-03] one call of the stream stands for one of the list', () => {
    const listed = JSON.stringify([use('x', 'f'), use('y', 'f', { n: 2 })]);
    expect(flattenRow(row(listed, { tool_calls: [call('row-1', 'f', '{"own":1}')] })).tool_calls).toEqual([
      call('row-1', 'f', '{"own":1}'),
      call('y', 'f', '{"n":2}'),
    ]);
  });
});
