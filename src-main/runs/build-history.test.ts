import { describe, expect, it } from 'vitest';
import { emptyMessage, inputText, type Message } from '#contract/message';
import { buildAnthropicRequest } from '../gateway/providers/anthropic/build-request.ts';
import { buildHermesRequest } from '../gateway/providers/hermes/build-request.ts';
import { buildOpenAiRequest } from '../gateway/providers/openai-chat/build-request.ts';
import { requestOf } from '../gateway/testing/calls.ts';
import { end, rowsOf, start, text } from '../testing/folded.ts';
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

  it('[E6-05] a call without arguments is sent as one with none', () => {
    expect(buildHistory([row({ role: 'assistant', tool_calls: [call('a', '')] }), answer('a')])[0]).toMatchObject({
      toolCalls: [call('a', '{}')],
    });
  });

  it('[E6-05] a call that was still open is not sent, and one that was stopped is', () => {
    const rows = [
      row({ role: 'assistant', content: 'look', tool_calls: [call('a'), call('b')] }),
      { ...answer('a'), tool_state: 'running' as const },
      { ...answer('b', ''), tool_state: 'aborted' as const },
    ];
    expect(buildHistory(rows)).toEqual([
      { role: 'assistant', content: 'look', toolCalls: [call('b')] },
      { role: 'tool', content: '', toolCallId: 'b', toolName: 'f' },
    ]);
  });

  it('[E6-05] ids that a server counts anew in each answer are told apart', () => {
    const turn = (id: string) => [
      row({ role: 'user', content: 'q' }),
      row({ role: 'assistant', tool_calls: [call('call_0')] }),
      answer('call_0', `out ${id}`),
    ];
    expect(
      buildHistory([...turn('1'), ...turn('2'), ...turn('3')]).flatMap((message) =>
        message.role === 'tool' ? [[message.toolCallId, message.content]] : [],
      ),
    ).toEqual([
      ['call_0', 'out 1'],
      ['call_0_2', 'out 2'],
      ['call_0_3', 'out 3'],
    ]);
  });

  it('[E6-05] two calls of one id keep a result each', () => {
    const rows = [row({ role: 'assistant', tool_calls: [call('a'), call('a')] }), answer('a', '1'), answer('a', '2')];
    expect(
      buildHistory(rows).flatMap((message) => (message.role === 'tool' ? [[message.toolCallId, message.content]] : [])),
    ).toEqual([
      ['a', '1'],
      ['a_2', '2'],
    ]);
  });

  it('[E6-04] results without ids go to the calls of their name, in order', () => {
    const named = (name: string, content: string) =>
      row({ role: 'tool', id: `row-${content}`, tool_name: name, content, tool_state: 'done' });
    const g = { id: 'g1', type: 'function' as const, function: { name: 'g', arguments: '{}' } };
    const rows = [
      row({ role: 'assistant', tool_calls: [call('f1'), g, call('f2'), call('f3')] }),
      named('f', 'first'),
      { ...named('f', 'by id'), tool_call_id: 'f2' },
      named('g', 'other'),
      named('h', 'unmatched'),
      named('f', 'second'),
      named('f', 'one too many'),
    ];
    expect(
      buildHistory(rows).flatMap((message) => (message.role === 'tool' ? [[message.toolCallId, message.content]] : [])),
    ).toEqual([
      ['f1', 'first'],
      ['g1', 'other'],
      ['f2', 'by id'],
      ['f3', 'second'],
    ]);
  });

  it('[E6-04] a result with the id of no call is nobody’s, whatever its name', () => {
    expect(buildHistory([row({ role: 'assistant', content: 'x', tool_calls: [call('a')] }), answer('other')])).toEqual([
      { role: 'assistant', content: 'x', toolCalls: null },
    ]);
  });

  it('[E6-04] a call of an earlier turn takes no result of a later one', () => {
    const rows = [
      row({ role: 'assistant', content: 'x', tool_calls: [call('a')] }),
      row({ role: 'user', content: 'next' }),
      row({ role: 'tool', id: 't', tool_name: 'f', content: 'later', tool_state: 'done' }),
    ];
    expect(buildHistory(rows)).toEqual([
      { role: 'assistant', content: 'x', toolCalls: null },
      { role: 'user', content: 'next', blocks: null },
      { role: 'assistant', content: '', toolCalls: [call('t')] },
      { role: 'tool', content: 'later', toolCallId: 't', toolName: 'f' },
    ]);
  });

  it('[E6-04] an answer that begins with tools tells the model what was done', () => {
    for (const callId of [null, 'given']) {
      const rows = rowsOf([start('search', callId, '{"query":"x"}'), end('search', callId, 'found'), text('Done.')]);
      expect(buildHistory([row({ role: 'user', content: 'go' }), ...rows])).toEqual([
        { role: 'user', content: 'go', blocks: null },
        {
          role: 'assistant',
          content: '',
          toolCalls: [
            { id: callId ?? 'm1', type: 'function', function: { name: 'search', arguments: '{"query":"x"}' } },
          ],
        },
        { role: 'tool', content: 'found', toolCallId: callId ?? 'm1', toolName: 'search' },
        { role: 'assistant', content: 'Done.', toolCalls: null },
      ]);
    }
  });

  it('[E6-04] what the live fold makes of calls without ids is sent with all its results', () => {
    const rows = rowsOf([
      text('Two.'),
      start('f'),
      start('f'),
      end('f', null, '1'),
      end('f', null, '2'),
      text('Done.'),
    ]);
    expect(buildHistory(rows).map((message) => [message.role, message.content])).toEqual([
      ['assistant', 'Two.'],
      ['tool', '1'],
      ['tool', '2'],
      ['assistant', 'Done.'],
    ]);
  });

  it('[E6-05] results whose calling row was cut away are not sent', () => {
    expect(buildHistory([answer('a'), row({ role: 'assistant', content: 'so' })])).toEqual([
      { role: 'assistant', content: 'so', toolCalls: null },
    ]);
  });

  it('[BUG-A18] reasoning is shown and never sent', () => {
    const thinking = row({ role: 'assistant', content: 'x', reasoning: 'secret thought' });
    expect(JSON.stringify(buildHistory([thinking, row({ role: 'assistant', reasoning: 'only' })]))).toBe(
      JSON.stringify([{ role: 'assistant', content: 'x', toolCalls: null }]),
    );
  });
});

describe('what a person wrote, for an upstream', () => {
  const blocks = [
    { type: 'text' as const, text: 'Compare' },
    { type: 'image' as const, name: 'a.png', path: '/files/a.png', media_type: 'image/png' },
    { type: 'file' as const, name: 'b.csv', path: '/files/b.csv' },
    { type: 'text' as const, text: 'please' },
  ];
  const rows = [
    row({ role: 'user', content: inputText(blocks), content_blocks: blocks }),
    row({ role: 'assistant', content: 'Yes.' }),
  ];
  const request = requestOf({ history: buildHistory(rows), input: { content: 'and?', blocks: null } });

  it.each([
    ['hermes', JSON.stringify(buildHermesRequest(request))],
    ['openai-chat', JSON.stringify(buildOpenAiRequest(request))],
    ['anthropic', JSON.stringify(buildAnthropicRequest(request))],
  ])('[BUG-A12] [BUG-A40] [E6-01] attachments become lines of text for %s, parted and in order', (_kind, sent) => {
    expect(sent).toContain(String.raw`"Compare\n[Image: /files/a.png]\n[File: /files/b.csv]\nplease"`);
    expect(sent).not.toMatch(/media_type|\\"|\[object|\{\}/);
  });

  it('[BUG-B2] [E6-05] the runs API gets tool results as text', () => {
    const history = buildHistory([
      row({ role: 'user', content: 'q' }),
      row({ role: 'assistant', tool_calls: [call('a')] }),
      answer('a', 'found'),
    ]);
    expect(buildHermesRequest(requestOf({ history }))['conversation_history']).toEqual([
      { role: 'user', content: 'q' },
      { role: 'user', content: '[Tool result: f]\nfound' },
    ]);
  });

  it('[E6-05] a message of nothing is not sent, one with an attachment only is', () => {
    const [, image] = blocks;
    if (image === undefined) throw new Error('The image is missing.');
    expect(
      buildHistory([
        row({ role: 'user', content: ' \n' }),
        row({ role: 'user', content: '', content_blocks: [] }),
        row({ role: 'user', content: '', content_blocks: [image] }),
      ]),
    ).toEqual([{ role: 'user', content: '', blocks: [image] }]);
  });
});

describe('damaged rows', () => {
  /** What `JSON.parse` of a damaged column may give, whatever the type says. */
  const broken = (value: unknown) => value as never;

  it('[E6-06] [BUG-A21] one among 500 costs itself', () => {
    const good = Array.from({ length: 500 }, (_, index) =>
      row({ id: `m${index}`, role: index % 2 === 0 ? 'user' : 'assistant', content: `text ${index}` }),
    );
    const whole = buildHistory(good);
    for (const tool_calls of [{}, 'x', 7, [null], [{}], [{ id: 'a' }], [{ id: 1, function: { name: 'f' } }]]) {
      const rows = good.with(251, row({ role: 'assistant', content: 'text 251', tool_calls: broken(tool_calls) }));
      expect(buildHistory(rows)).toEqual(whole);
    }
    for (const content_blocks of [{}, 'x', 7, [null], [{}], [{ type: 'image' }], [{ type: 'text' }]]) {
      const rows = good.with(250, row({ role: 'user', content: 'text 250', content_blocks: broken(content_blocks) }));
      expect(buildHistory(rows)).toEqual(whole);
    }
  });

  it('[E6-06] arguments that were stored as a value are sent as text', () => {
    const stored = { id: 'a', type: 'function', function: { name: 'f', arguments: { n: 1 } } };
    expect(buildHistory([row({ role: 'assistant', tool_calls: broken([stored]) }), answer('a')])[0]).toMatchObject({
      toolCalls: [call('a', '{"n":1}')],
    });
  });
});
