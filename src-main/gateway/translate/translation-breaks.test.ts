import { describe, expect, test } from 'vitest';
import { STREAMED_ANSWERS, WHOLE_ANSWERS } from './testing/sample-answers.ts';
import { faultsOf } from './testing/stream-grammar.ts';
import { eventsOf, throughStream, upstreamFrame } from './testing/wire-frames.ts';
import { translateRequest, type WireProtocol } from './translation.ts';

/** What translation breaks in other gateways, each with the test that would find it here. */

const OPTIONS = { model: 'up-model', thinking: 'as-asked' as const };
const TOOL = { name: 'run', input_schema: { type: 'object' } };
const ask = (more: object = {}) => ({
  model: 'm',
  max_tokens: 100,
  stream: true,
  messages: [{ role: 'user', content: 'hi' }],
  tools: [TOOL],
  ...more,
});
const toAnthropic = (upstream: WireProtocol) => translateRequest('anthropic-messages', upstream, ask(), OPTIONS);
const chatFrame = (delta: object, finish_reason: string | null = null, more: object = {}) =>
  upstreamFrame('openai-chat', { id: 'c', model: 'm', choices: [{ index: 0, delta, finish_reason }], ...more });
const DONE = { event: null, data: '[DONE]' };
const callsIn = (text: string) => {
  const calls = new Map<unknown, string>();
  for (const event of eventsOf(text)) {
    const delta = event['delta'] as { type?: string; partial_json?: string } | undefined;
    if (delta?.type === 'input_json_delta') {
      calls.set(event['index'], (calls.get(event['index']) ?? '') + (delta.partial_json ?? ''));
    }
  }
  return [...calls.values()];
};

describe('[E11-02] what translation breaks elsewhere', () => {
  test('usage on every chunk loses no tool arguments', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 1 };
    const call = (fields: object) => chatFrame({ tool_calls: [fields] }, null, { usage });
    const { text } = throughStream(toAnthropic('openai-chat').stream(), [
      call({ index: 0, id: 'x', function: { name: 'run', arguments: '{"cmd":' } }),
      call({ index: 0, function: { arguments: '"ls"}' } }),
      chatFrame({}, 'tool_calls', { usage }),
      DONE,
    ]);
    expect(callsIn(text)).toEqual(['{"cmd":"ls"}']);
    expect(faultsOf('anthropic-messages', text)).toEqual([]);
  });

  test('results of parallel calls are one message of the user', () => {
    const call = (id: string) => ({ id, type: 'function', function: { name: 'run', arguments: '{}' } });
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] },
      { role: 'tool', tool_call_id: 'a', content: '1' },
      { role: 'tool', tool_call_id: 'b', content: '2' },
      { role: 'user', content: 'and?' },
    ];
    const { body } = translateRequest('openai-chat', 'anthropic-messages', { model: 'm', messages }, OPTIONS);
    expect(body['messages']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: [{ type: 'tool_use' }, { type: 'tool_use' }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a' },
          { type: 'tool_result', tool_use_id: 'b' },
          { type: 'text', text: 'and?' },
        ],
      },
    ]);
    const items = [
      { role: 'user', content: 'hi' },
      { type: 'function_call', call_id: 'a', name: 'run', arguments: '{}' },
      { type: 'function_call', call_id: 'b', name: 'run', arguments: '{}' },
      { type: 'function_call_output', call_id: 'a', output: '1' },
      { type: 'function_call_output', call_id: 'b', output: '2' },
    ];
    const fromItems = translateRequest('openai-responses', 'anthropic-messages', { model: 'm', input: items }, OPTIONS);
    expect((fromItems.body['messages'] as unknown[]).length).toBe(3);
  });

  test('indices of blocks count text, thinking and calls together', () => {
    const { text } = throughStream(toAnthropic('openai-chat').stream(), [
      chatFrame({ role: 'assistant', reasoning: 'hm' }),
      chatFrame({ content: 'A' }),
      chatFrame({ tool_calls: [{ index: 0, id: 'x', function: { name: 'run', arguments: '{}' } }] }),
      chatFrame({ content: 'B' }),
      chatFrame({ tool_calls: [{ index: 1, id: 'y', function: { name: 'run', arguments: '{"a":1}' } }] }),
      chatFrame({}, 'tool_calls'),
      DONE,
    ]);
    const starts = eventsOf(text).filter((event) => event['type'] === 'content_block_start');
    expect(starts.map((event) => [event['index'], (event['content_block'] as { type: string }).type])).toEqual([
      [0, 'thinking'],
      [1, 'text'],
      [2, 'tool_use'],
      [3, 'text'],
      [4, 'tool_use'],
    ]);
    expect(faultsOf('anthropic-messages', text)).toEqual([]);
  });

  test('input_json_delta reaches chat and responses clients whole', () => {
    for (const client of ['openai-chat', 'openai-responses'] as const) {
      const body = { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }], input: 'hi' };
      const translation = translateRequest(client, 'anthropic-messages', body, OPTIONS);
      const frames = STREAMED_ANSWERS['anthropic-messages'].map((event) => upstreamFrame('anthropic-messages', event));
      const { text } = throughStream(translation.stream(), frames);
      const parts = eventsOf(text).flatMap((event) => {
        if (event['type'] === 'response.function_call_arguments.delta') return [event['delta'] as string];
        const choices =
          (event['choices'] as { delta: { tool_calls?: { function: { arguments: string } }[] } }[] | undefined) ?? [];
        return choices.flatMap(({ delta }) => (delta.tool_calls ?? []).map((call) => call.function.arguments));
      });
      expect(parts.join('')).toBe('{"path":"a.txt"}{"depth":2}');
    }
  });

  test('several system blocks stay one system prompt', () => {
    const system = [
      { type: 'text', text: 'x-anthropic-billing-header: cc_version=2; cch=abc;' },
      { type: 'text', text: 'You are Claude Code.' },
      { type: 'text', text: 'Rules.', cache_control: { type: 'ephemeral' } },
    ];
    const chat = translateRequest('anthropic-messages', 'openai-chat', ask({ system }), OPTIONS);
    expect(
      (chat.body['messages'] as { role: string; content: string }[]).filter(({ role }) => role === 'system'),
    ).toEqual([{ role: 'system', content: 'You are Claude Code.\n\nRules.' }]);
    // The line about the session differs each time and would miss every cache.
    expect(chat.dropped.map(({ path }) => path)).toContain('system[0]');
    const responses = translateRequest('anthropic-messages', 'openai-responses', ask({ system }), OPTIONS);
    expect(responses.body['instructions']).toBe('You are Claude Code.\n\nRules.');
  });

  test('replayed thinking keeps its place, its text and its signature', () => {
    const blocks = [
      { type: 'thinking', thinking: 'first', signature: 'S1==' },
      { type: 'redacted_thinking', data: 'R1==' },
      { type: 'text', text: 'A' },
      { type: 'thinking', thinking: 'second', signature: 'S2==' },
      { type: 'tool_use', id: 'toolu_1', name: 'run', input: { a: 1 } },
    ];
    // An Anthropic answer seen by a responses client, and given back by it as it came.
    const first = translateRequest('openai-responses', 'anthropic-messages', { model: 'm', input: 'hi' }, OPTIONS);
    const reply = first.reply({ id: 'msg_1', content: blocks, stop_reason: 'tool_use' });
    const input = [
      { role: 'user', content: 'hi' },
      ...(reply['output'] as object[]),
      { type: 'function_call_output', call_id: 'toolu_1', output: 'ok' },
    ];
    const second = translateRequest('openai-responses', 'anthropic-messages', { model: 'm', input }, OPTIONS);
    expect((second.body['messages'] as { content: unknown }[])[1]?.content).toEqual(blocks);
    // The same through the chat protocol, whose one place for it is beside the text.
    const chat = translateRequest(
      'openai-chat',
      'anthropic-messages',
      { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
      OPTIONS,
    );
    const completion = chat.reply({ id: 'msg_1', content: blocks, stop_reason: 'tool_use' });
    const { message } = (completion['choices'] as { message: object }[])[0] ?? { message: {} };
    const messages = [
      { role: 'user', content: 'hi' },
      message,
      { role: 'tool', tool_call_id: 'toolu_1', content: 'ok' },
    ];
    const again = translateRequest('openai-chat', 'anthropic-messages', { model: 'm', messages }, OPTIONS);
    expect(
      (again.body['messages'] as { content: unknown[] }[])[1]?.content.filter((block) =>
        /thinking/.test((block as { type: string }).type),
      ),
    ).toEqual(blocks.filter(({ type }) => /thinking/.test(type)));
  });

  test.each([
    [
      'openai-chat',
      {
        choices: [
          {
            message: { content: '', tool_calls: [{ id: 'x', function: { name: 'run', arguments: '{"a":1}' } }] },
            finish_reason: 'tool_calls',
          },
        ],
      },
    ],
    ['openai-responses', WHOLE_ANSWERS['openai-responses']],
  ] as const)('calls of a whole answer from %s are there when the stop reason says so', (upstream, whole) => {
    const reply = toAnthropic(upstream).reply(whole);
    expect(reply['stop_reason']).toBe('tool_use');
    expect((reply['content'] as { type: string }[]).some(({ type }) => type === 'tool_use')).toBe(true);
  });

  test('a stop reason of calls without any call is none', () => {
    const reply = toAnthropic('openai-chat').reply({
      choices: [{ message: { content: 'A' }, finish_reason: 'tool_calls' }],
    });
    expect(reply['stop_reason']).toBe('end_turn');
    const { text } = throughStream(toAnthropic('openai-chat').stream(), [
      chatFrame({ content: 'A' }, 'tool_calls'),
      DONE,
    ]);
    expect(text).toContain('"stop_reason":"end_turn"');
  });

  test('[decision 26] message_start tells an estimate of the input, the end the figures', () => {
    const words = 'word '.repeat(400);
    const translation = translateRequest(
      'anthropic-messages',
      'openai-chat',
      ask({ messages: [{ role: 'user', content: words }] }),
      OPTIONS,
    );
    const { text } = throughStream(translation.stream(), [
      chatFrame({ content: 'A' }, 'stop'),
      upstreamFrame('openai-chat', {
        choices: [],
        usage: { prompt_tokens: 777, completion_tokens: 2, total_tokens: 779 },
      }),
      DONE,
    ]);
    const [start, ...rest] = eventsOf(text);
    const { usage } = start?.['message'] as { usage: Record<string, number> };
    expect(usage['input_tokens']).toBeGreaterThan(400);
    expect(usage['input_tokens']).toBeLessThan(700);
    // Estimates stand nowhere else.
    expect(usage).toMatchObject({ cache_read_input_tokens: null, cache_creation_input_tokens: null });
    expect(rest.find((event) => event['type'] === 'message_delta')?.['usage']).toMatchObject({
      input_tokens: 777,
      output_tokens: 2,
    });
  });

  test('cached tokens are counted once, as each protocol counts them', () => {
    const chatUsage = { prompt_tokens: 100, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 60 } };
    const fromChat = toAnthropic('openai-chat').reply({ choices: [{ message: { content: 'A' } }], usage: chatUsage });
    expect(fromChat['usage']).toMatchObject({ input_tokens: 40, cache_read_input_tokens: 60, output_tokens: 5 });
    const anthropicUsage = {
      input_tokens: 40,
      cache_read_input_tokens: 50,
      cache_creation_input_tokens: 10,
      output_tokens: 5,
    };
    const toChat = translateRequest(
      'openai-chat',
      'anthropic-messages',
      { model: 'm', messages: ask().messages },
      OPTIONS,
    );
    expect(toChat.reply({ content: [], usage: anthropicUsage })['usage']).toMatchObject({
      prompt_tokens: 100,
      total_tokens: 105,
      prompt_tokens_details: { cached_tokens: 50, cache_write_tokens: 10 },
    });
  });

  // BUG: what Anthropic’s types have in every message was not there, and `!== null` held for it.
  test('a message has what it never holds as null, streamed and whole', () => {
    const { reply, stream } = toAnthropic('openai-chat');
    const nothing = { container: null, diagnostics: null, stop_details: null };
    const usage = { inference_geo: null, speed: null };
    expect(reply({ choices: [{ index: 0, message: { content: 'A' } }] })).toMatchObject({ ...nothing, usage });
    const { text } = throughStream(stream(), [chatFrame({ content: 'A' }), chatFrame({}, 'stop'), DONE]);
    const events = eventsOf(text);
    expect(events[0]).toMatchObject({ message: { ...nothing, usage } });
    expect(events.at(-2)).toMatchObject({ delta: { container: null, stop_details: null } });
  });

  // BUG: Anthropic’s types have it with every call, and what is written for them looked into nothing.
  test('a call says that the model itself makes it, streamed and whole', () => {
    const { reply, stream } = translateRequest('anthropic-messages', 'openai-chat', ask(), OPTIONS);
    const call = { id: 'c1', type: 'function', function: { name: 'run', arguments: '{}' } };
    const whole = reply({ choices: [{ index: 0, message: { tool_calls: [call] }, finish_reason: 'tool_calls' }] });
    expect(whole['content']).toMatchObject([{ type: 'tool_use', id: 'c1', caller: { type: 'direct' } }]);
    const begun = stream().push({
      event: null,
      data: JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...call }] } }] }),
    });
    expect(begun).toContain('"caller":{"type":"direct"}');
  });

  test('figures that nobody told are not told', () => {
    const toChat = translateRequest(
      'openai-chat',
      'openai-responses',
      { model: 'm', messages: ask().messages },
      OPTIONS,
    );
    expect(toChat.reply({ output: [] })).not.toHaveProperty('usage');
    const toResponses = translateRequest('openai-responses', 'openai-chat', { model: 'm', input: 'hi' }, OPTIONS);
    const usage = { prompt_tokens: 4, completion_tokens: 1 };
    expect(toResponses.reply({ choices: [{ message: { content: 'A' } }], usage })['usage']).toEqual({
      input_tokens: 4,
      output_tokens: 1,
      total_tokens: 5,
      // The one exception: numbers that the protocol demands.
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    });
  });

  test('[E11-06] an error has the shape of the client’s protocol', () => {
    const error = { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down' } };
    const chat = translateRequest(
      'openai-chat',
      'anthropic-messages',
      { model: 'm', stream: true, messages: ask().messages },
      OPTIONS,
    );
    const stream = chat.stream();
    expect(eventsOf(stream.push(upstreamFrame('anthropic-messages', error)))).toEqual([
      { error: { message: 'Slow down', type: 'rate_limit_error', param: null, code: 'rate_limit_exceeded' } },
    ]);
    expect(stream.failure).toMatchObject({ status: 429, code: 'upstream_rate_limited' });
    expect(stream.end()).toEqual({ text: '', cut: false });
  });
});
