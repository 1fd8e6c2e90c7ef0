import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeUpstream } from '../../../../e2e/fake-upstream/fake-upstream.ts';
import { answer, finish, text } from '../../../../e2e/fake-upstream/script.ts';
import { contextOf, eventsOf, rejectionOf, requestOf, SECRET, terminalOf, textOf } from '../../testing/calls.ts';
import { adapterFor } from '../registry.ts';
import { buildAnthropicRequest } from './build-request.ts';
import { AnthropicDecoder } from './decode-frame.ts';

const decoder = () => new AnthropicDecoder({ upstream: 'test', secret: SECRET, nowMs: 0 });
const data = (value: object) => ({ event: null, id: null, data: JSON.stringify(value) });

describe('the request', () => {
  test('roles take turns, parallel results stand in one message, called tools are declared', () => {
    const call = (id: string, args: string) => ({
      id,
      type: 'function' as const,
      function: { name: 'ls', arguments: args },
    });
    const body = buildAnthropicRequest(
      requestOf({
        instructions: 'Be brief.',
        history: [
          { role: 'user', content: 'q1', parts: null },
          { role: 'user', content: 'q2', parts: null },
          { role: 'assistant', content: '', toolCalls: [call('a', '{"path":"."}'), call('b', 'broken')] },
          { role: 'tool', content: 'one', toolCallId: 'a', toolName: 'ls' },
          { role: 'tool', content: 'two', toolCallId: 'b', toolName: 'ls' },
          { role: 'assistant', content: 'done', toolCalls: null },
        ],
      }),
    );
    expect(body).toEqual({
      model: 'test-model',
      max_tokens: 8192,
      system: 'Be brief.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'q1' },
            { type: 'text', text: 'q2' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'a', name: 'ls', input: { path: '.' } },
            { type: 'tool_use', id: 'b', name: 'ls', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: 'one' },
            { type: 'tool_result', tool_use_id: 'b', content: 'two' },
          ],
        },
        { role: 'assistant', content: [{ type: 'text', text: 'done' }] },
        { role: 'user', content: [{ type: 'text', text: 'hello' }] },
      ],
      tools: [{ name: 'ls', description: 'Was used earlier in this conversation.', input_schema: { type: 'object' } }],
      tool_choice: { type: 'none' },
      stream: true,
    });
  });

  test('thinking comes on top of the answer’s tokens', () => {
    expect(buildAnthropicRequest(requestOf({ parameters: { reasoningEffort: 'medium' } }))).toMatchObject({
      max_tokens: 16_384,
      thinking: { type: 'enabled', budget_tokens: 8192 },
    });
  });
});

describe('frames', () => {
  test('[BUG-D20] input counts cached tokens in, and figures are cumulative', () => {
    const decode = decoder();
    const usage = { input_tokens: 10, cache_read_input_tokens: 100, cache_creation_input_tokens: 5, output_tokens: 1 };
    decode.decode(data({ type: 'message_start', message: { usage } }));
    decode.decode(data({ type: 'message_delta', delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 40 } }));
    expect(decode.decode(data({ type: 'message_stop' }))).toEqual([
      {
        type: 'completed',
        output: null,
        finishReason: 'length',
        usage: {
          input_tokens: 115,
          output_tokens: 40,
          total_tokens: 155,
          cache_read_tokens: 100,
          cache_write_tokens: 5,
          reasoning_tokens: null,
        },
      },
    ]);
  });

  test('thinking ends with its block; signatures are no content', () => {
    const decode = decoder();
    decode.decode(data({ type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } }));
    expect(
      decode.decode(data({ type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } })),
    ).toEqual([{ type: 'reasoning', text: 'hm' }]);
    expect(
      decode.decode(
        data({ type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'x' } }),
      ),
    ).toEqual([]);
    expect(decode.decode(data({ type: 'content_block_stop', index: 0 }))).toEqual([
      { type: 'reasoning-end', text: '' },
    ]);
  });

  test('a tool call’s arguments are complete when its block ends', () => {
    const decode = decoder();
    const block = { type: 'tool_use', id: 'tu', name: 'search', input: {} };
    expect(decode.decode(data({ type: 'content_block_start', index: 1, content_block: block }))).toHaveLength(1);
    for (const part of ['{"que', 'ry":"x"}']) {
      decode.decode(
        data({ type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: part } }),
      );
    }
    expect(decode.decode(data({ type: 'content_block_stop', index: 1 }))).toEqual([
      { type: 'tool-start', callId: 'tu', name: 'search', preview: 'x', arguments: '{"query":"x"}' },
    ]);
  });

  test.each([
    ['overloaded_error', 'upstream_overloaded'],
    ['rate_limit_error', 'upstream_rate_limited'],
    ['authentication_error', 'upstream_auth'],
    ['billing_error', 'quota_exhausted'],
    ['api_error', 'upstream_error'],
  ])('[BUG-D8] %s inside the stream', (type, code) => {
    expect(decoder().decode(data({ type: 'error', error: { type, message: 'x' } }))).toMatchObject([
      { type: 'failed', error: { code } },
    ]);
  });

  test('ping and events to come pass without harm', () => {
    expect(decoder().decode(data({ type: 'ping' }))).toEqual([]);
    expect(decoder().decode(data({ type: 'message_hologram', x: 1 }))).toEqual([]);
  });
});

describe('the adapter', () => {
  let fake: FakeUpstream;
  beforeEach(async () => {
    fake = await FakeUpstream.start();
  });
  afterEach(() => fake.close());
  const start = (model: string | null = 'm') =>
    adapterFor('anthropic').start(requestOf({ model }), contextOf('anthropic', fake.url));

  test('sends version and key in the protocol’s own headers', async () => {
    await eventsOf(await start());
    expect(fake.requests[0]?.headers).toMatchObject({ 'anthropic-version': '2023-06-01', 'x-api-key': SECRET });
    expect(fake.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  test('without a model says which step is missing, and calls nobody', async () => {
    expect(await rejectionOf(start(null))).toMatchObject({ retry: { kind: 'user-action', action: 'choose-model' } });
    expect(fake.requests).toHaveLength(0);
  });

  test('a stop reason is told in the words of a transcript', async () => {
    fake.next([text('a'), finish({ reason: 'refusal' })], [text('a'), finish({ reason: 'brand_new' })]);
    expect(terminalOf(await eventsOf(await start()))).toMatchObject({ finishReason: 'content_filter' });
    expect(terminalOf(await eventsOf(await start()))).toMatchObject({ finishReason: 'brand_new' });
  });

  test('[BUG-D19] a proper message without a stream is an answer', async () => {
    fake.next(
      answer(200, {
        type: 'message',
        content: [
          { type: 'thinking', thinking: 'hm' },
          { type: 'text', text: 'Hi.' },
          { type: 'tool_use', id: 't', name: 'x', input: { cmd: 'ls' } },
        ],
        stop_reason: 'tool_use',
        usage: { input_tokens: 3, output_tokens: 4 },
      }),
    );
    const events = await eventsOf(await start());
    expect(textOf(events)).toBe('Hi.');
    expect(events).toContainEqual({
      type: 'tool-start',
      callId: 't',
      name: 'x',
      preview: 'ls',
      arguments: '{"cmd":"ls"}',
    });
    expect(terminalOf(events)).toMatchObject({ finishReason: 'tool_calls', usage: { total_tokens: 7 } });
  });

  test('[BUG-D19] an error envelope under 200 is none', async () => {
    fake.next(answer(200, { type: 'error', error: { type: 'authentication_error', message: 'no' } }));
    expect(await rejectionOf(start())).toMatchObject({ code: 'upstream_auth' });
  });
});
