import { describe, expect, test } from 'vitest';
import { readToolDetails } from './tool-details.ts';

const call = (id: string | undefined, name: string, args: unknown = '{}') => ({
  ...(id === undefined ? {} : { id }),
  type: 'function',
  function: { name, arguments: args },
});
const assistant = (...calls: unknown[]) => ({ role: 'assistant', content: '', tool_calls: calls });
const tool = (id: string | null, name: string, content: unknown, more: object = {}) => ({
  role: 'tool',
  tool_call_id: id,
  tool_name: name,
  content,
  ...more,
});
const named = (body: unknown[]) => readToolDetails({ data: body });

describe('[decision 14] the tools of a transcript', () => {
  test('calls and results belong together by id, in the order of the calls', () => {
    expect(
      named([
        { role: 'user', content: 'look' },
        assistant(call('a', 'ls', '{"path":"."}'), call('b', 'ls', '{"path":"/"}')),
        tool('b', 'ls', 'root'),
        tool('a', 'ls', 'here'),
        { role: 'assistant', content: 'done' },
      ]),
    ).toEqual([
      { name: 'ls', callId: 'a', arguments: '{"path":"."}', output: 'here', isError: null },
      { name: 'ls', callId: 'b', arguments: '{"path":"/"}', output: 'root', isError: null },
    ]);
  });

  test('[BUG-A19] without ids a result goes to the oldest call of its name', () => {
    const calls = named([
      assistant(call(undefined, 'ls', '{"n":1}'), call(undefined, 'ls', '{"n":2}')),
      tool(null, 'ls', 'one'),
      tool(null, 'ls', 'two'),
    ]);
    expect(calls.map(({ arguments: args, output }) => [args, output])).toEqual([
      ['{"n":1}', 'one'],
      ['{"n":2}', 'two'],
    ]);
  });

  test.each([
    ['a call without a result', [assistant(call('a', 'ls'))], [{ callId: 'a', output: null }]],
    ['a result without a call', [tool('a', 'ls', 'x')], [{ callId: 'a', arguments: null, output: 'x' }]],
    ['arguments as an object', [assistant(call('a', 'ls', { path: '.' }))], [{ arguments: '{"path":"."}' }]],
    ['content in parts', [tool('a', 'ls', [{ type: 'text', text: 'x' }, { text: 'y' }])], [{ output: 'x\ny' }]],
    ['content as an object', [tool('a', 'ls', { ok: true })], [{ output: '{"ok":true}' }]],
    ['an error', [tool('a', 'ls', 'no', { is_error: true })], [{ isError: true }]],
    [
      'newest first, by number',
      [tool('a', 'ls', 'x', { id: 3 }), { id: 2, ...assistant(call('a', 'ls')) }],
      [{ output: 'x' }],
    ],
  ])('%s', (_what, rows, expected) => {
    expect(named(rows)).toMatchObject(expected);
  });

  test.each([
    ['rows under another name', { messages: [assistant(call('a', 'ls'))] }, 1],
    ['no rows at all', {}, 0],
    ['rows that are none', { data: [null, 1, 'x', [], { role: 'tool' }, { role: 'assistant', tool_calls: 'x' }] }, 0],
    ['calls that are none', { data: [assistant(null, 3, { function: null }, { function: { name: '' } })] }, 0],
  ])('%s break nothing', (_what, body, count) => {
    expect(readToolDetails(body)).toHaveLength(count);
  });
});
