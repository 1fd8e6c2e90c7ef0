import { describe, expect, it } from 'vitest';
import type { ToolDetail } from '../gateway/upstream-event.ts';
import { draftsOf, end, newFolder, type Part, rowsOf, STOPPED, start, text } from '../testing/folded.ts';

const detail = (name: string, fields: Partial<ToolDetail> = {}): ToolDetail => ({
  name,
  callId: null,
  arguments: null,
  output: null,
  isError: null,
  ...fields,
});
const details = (...calls: ToolDetail[]): Part => ({ type: 'tool-details', calls });

describe('what an upstream tells of its calls only at the end', () => {
  it('[decision 14] goes to the rows in order by name, and gives them ids, arguments and outputs', () => {
    const rows = rowsOf([
      text('Looking.'),
      start('f'),
      start('g'),
      start('f'),
      end('f'),
      end('g'),
      end('f'),
      text('Done.'),
      details(
        detail('f', { callId: 'c1', arguments: '{"n":1}', output: 'one' }),
        detail('f', { callId: 'c2', arguments: '{"n":2}', output: 'two', isError: true }),
        detail('g', { callId: 'c3', output: 'three' }),
      ),
    ]);
    expect(rows.slice(1, 4).map((row) => [row.tool_name, row.tool_call_id, row.content, row.tool_state])).toEqual([
      ['f', 'c1', 'one', 'done'],
      ['g', 'c3', 'three', 'done'],
      ['f', 'c2', 'two', 'error'],
    ]);
    expect(rows[0]?.tool_calls?.map((call) => [call.id, call.function.arguments])).toEqual([
      ['c1', '{"n":1}'],
      ['c3', '{}'],
      ['c2', '{"n":2}'],
    ]);
    expect(rows.at(-1)?.content).toBe('Done.');
  });

  it('[decision 14] ids come before names, each detail counts once, and one without a row is not shown', () => {
    const drafts = draftsOf([
      start('f', 'a'),
      start('f', 'b'),
      end('f', 'b'),
      end('f', 'a'),
      details(detail('f', { callId: 'x' }), detail('f', { callId: 'b', output: 'B' }), detail('f', { output: 'A' })),
      details(detail('h')),
    ]).slice(4);
    const told = { event: 'tool.details', run_id: 'r', arguments: null, error: null };
    expect(drafts).toEqual([
      { ...told, message_id: 'm2', tool_call_id: 'b', output: 'B' },
      { ...told, message_id: 'm1', tool_call_id: null, output: 'A' },
    ]);
  });

  it('[decision 14] a call whose end the stream lost has ended where its output is known', () => {
    const calls = details(detail('f', { output: 'out', isError: false }), detail('f', { arguments: '{}' }));
    expect(rowsOf([start('f'), start('f'), calls], STOPPED).map((row) => [row.content, row.tool_state])).toEqual([
      ['out', 'done'],
      ['', 'aborted'],
    ]);
  });

  it('[decision 14] calls that the stream never told of become rows, and the answer stays the answer', () => {
    const folder = newFolder();
    const calls = details(detail('f', { callId: 'a', arguments: '{"query":"q"}', output: 'A' }), detail('g'));
    expect(draftsOf([text('The answer.'), calls], folder).slice(1)).toMatchObject([
      { event: 'tool.started', message_id: 'm2', preview: 'q', tool_call_id: 'a', arguments: '{"query":"q"}' },
      { event: 'tool.completed', message_id: 'm2', tool: 'f', output: 'A', error: false },
      { event: 'tool.started', message_id: 'm3', tool: 'g' },
      { event: 'tool.completed', message_id: 'm3', output: null },
    ]);
    expect(folder.answer).toBe('The answer.');
    expect(folder.hasTools).toBe(true);
  });

  it('[decision 14] a taken-up run whose rows are not known gets none twice', () => {
    const folder = newFolder({
      whole: '',
      segment: '',
      openMessageId: null,
      hasTools: true,
      approvalIds: [],
      clarifyIds: [],
      tools: [],
    });
    expect(draftsOf([details(detail('f', { output: 'out' }))], folder)).toEqual([]);
  });

  it('[decision 14] an id counts once, and an id that only the end told counts too', () => {
    const told = (parts: Part[]) =>
      draftsOf(parts).flatMap((draft) => (draft.event === 'tool.details' ? [[draft.message_id, draft.output]] : []));
    const twice = details(detail('f', { callId: 'a', output: '1' }), detail('f', { callId: 'a', output: '2' }));
    expect(told([start('f', 'a'), end('f', 'a'), twice])).toEqual([['m1', '1']]);
    const both = details(detail('f', { callId: 'c1', output: '1' }), detail('f', { callId: 'c2', output: '2' }));
    expect(told([start('f'), start('f'), end('f', 'c2'), end('f'), both])).toEqual([
      ['m2', '1'],
      ['m1', '2'],
    ]);
  });

  it('[E2-08] an end with another id ends no call of that name', () => {
    expect(
      rowsOf([start('f', 'a'), end('f', 'z', 'out')], STOPPED).map((row) => [row.tool_call_id, row.tool_state]),
    ).toEqual([
      ['a', 'aborted'],
      ['z', 'done'],
    ]);
  });
});
