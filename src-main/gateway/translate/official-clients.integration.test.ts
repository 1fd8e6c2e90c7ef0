import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterEach, describe, expect, test } from 'vitest';
import { CALLS, STREAMED_ANSWERS, TEXT, THINKING, WHOLE_ANSWERS } from './testing/sample-answers.ts';
import { TranslatingServer, type Upstream } from './testing/translating-server.ts';
import { sseText } from './testing/wire-frames.ts';
import type { WireProtocol } from './translation.ts';

let server: TranslatingServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

const PROTOCOLS: WireProtocol[] = ['anthropic-messages', 'openai-chat', 'openai-responses'];
const sample =
  (upstream: WireProtocol): Upstream =>
  (body) =>
    body['stream'] === true
      ? { stream: sseText(upstream, STREAMED_ANSWERS[upstream]) }
      : { whole: WHOLE_ANSWERS[upstream] };

async function serve(upstream: WireProtocol, script: Upstream = sample(upstream)): Promise<TranslatingServer> {
  server = await TranslatingServer.start(upstream, script);
  return server;
}
const anthropic = () => new Anthropic({ apiKey: 'k', baseURL: server?.url ?? '', maxRetries: 0 });
const openai = () => new OpenAI({ apiKey: 'k', baseURL: `${server?.url ?? ''}/v1`, maxRetries: 0 });

const SCHEMA = { type: 'object' as const, properties: { path: { type: 'string' } } };
const ASK_ANTHROPIC = {
  model: 'm',
  max_tokens: 500,
  messages: [{ role: 'user' as const, content: 'Look.' }],
  tools: CALLS.map(({ name }) => ({ name, description: 'd', input_schema: SCHEMA })),
};
const ASK_CHAT = {
  model: 'm',
  messages: [{ role: 'user' as const, content: 'Look.' }],
  tools: CALLS.map(({ name }) => ({ type: 'function' as const, function: { name, parameters: SCHEMA } })),
};
const ASK_RESPONSES = {
  model: 'm',
  input: 'Look.',
  tools: CALLS.map(({ name }) => ({ type: 'function' as const, name, parameters: SCHEMA, strict: false })),
};

/** What an Anthropic client has to find; figures without the cached part of the input. */
function expectMessage(message: Anthropic.Message) {
  expect(message.content).toMatchObject([
    { type: 'thinking', thinking: THINKING, signature: expect.stringMatching(/.+/) as unknown },
    { type: 'text', text: TEXT },
    ...CALLS.map((call) => ({
      type: 'tool_use',
      id: call.id,
      name: call.name,
      input: JSON.parse(call.arguments) as unknown,
    })),
  ]);
  expect(message.stop_reason).toBe('tool_use');
  expect(message.usage).toMatchObject({
    input_tokens: 50,
    cache_read_input_tokens: 40,
    cache_creation_input_tokens: 10,
    output_tokens: 20,
    output_tokens_details: { thinking_tokens: 5 },
  });
}

function expectCompletion(completion: OpenAI.ChatCompletion) {
  const choice = completion.choices[0];
  expect(choice?.finish_reason).toBe('tool_calls');
  expect(choice?.message).toMatchObject({ role: 'assistant', content: TEXT, reasoning_content: THINKING });
  expect(
    choice?.message.tool_calls?.map((call) => call.type === 'function' && { id: call.id, ...call.function }),
  ).toMatchObject([...CALLS]);
  expect(completion.usage).toMatchObject({
    prompt_tokens: 100,
    completion_tokens: 20,
    total_tokens: 120,
    prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 10 },
    completion_tokens_details: { reasoning_tokens: 5 },
  });
}

function expectResponse(response: OpenAI.Responses.Response) {
  expect(response.status).toBe('completed');
  expect(response.output_text).toBe(TEXT);
  expect(response.output).toMatchObject([
    { type: 'reasoning', summary: [{ type: 'summary_text', text: THINKING }] },
    { type: 'message', role: 'assistant', status: 'completed' },
    ...CALLS.map((call) => ({ type: 'function_call', call_id: call.id, name: call.name, arguments: call.arguments })),
  ]);
  expect(response.usage).toMatchObject({
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 40, cache_write_tokens: 10 },
    output_tokens: 20,
    output_tokens_details: { reasoning_tokens: 5 },
    total_tokens: 120,
  });
}

describe.each(PROTOCOLS)('upstream %s', (upstream) => {
  test('[E11-01] @anthropic-ai/sdk reads a whole answer', async () => {
    await serve(upstream);
    expectMessage(await anthropic().messages.create(ASK_ANTHROPIC));
  });

  test('[E11-01] [E11-02] @anthropic-ai/sdk’s MessageStream accepts the stream', async () => {
    await serve(upstream);
    const stream = anthropic().messages.stream(ASK_ANTHROPIC);
    const texts: string[] = [];
    stream.on('text', (text) => texts.push(text));
    expectMessage(await stream.finalMessage());
    expect(texts.length).toBeGreaterThan(1);
  });

  test('[E11-07] openai reads a whole chat completion', async () => {
    await serve(upstream);
    expectCompletion(await openai().chat.completions.create(ASK_CHAT));
  });

  test('[E11-07] openai’s ChatCompletionStream accepts the stream', async () => {
    await serve(upstream);
    const stream = openai().chat.completions.stream({ ...ASK_CHAT, stream_options: { include_usage: true } });
    const finished: string[] = [];
    stream.on('tool_calls.function.arguments.done', (call) => finished.push(call.name));
    const completion = await stream.finalChatCompletion();
    expect(completion.choices[0]?.message).toMatchObject({ content: TEXT });
    expect(completion.choices[0]?.message.tool_calls).toMatchObject(
      CALLS.map((call) => ({ function: { name: call.name, arguments: call.arguments } })),
    );
    expect(completion.choices[0]?.finish_reason).toBe('tool_calls');
    expect(completion.usage).toMatchObject({ prompt_tokens: 100, completion_tokens: 20 });
    expect(finished).toEqual(CALLS.map((call) => call.name));
  });

  test('[E11-07] openai reads a whole response', async () => {
    await serve(upstream);
    expectResponse(await openai().responses.create(ASK_RESPONSES));
  });

  test('[E11-07] openai’s ResponseStream accepts the stream', async () => {
    await serve(upstream);
    const stream = openai().responses.stream(ASK_RESPONSES);
    const numbers: number[] = [];
    stream.on('event', (event) => numbers.push((event as { sequence_number: number }).sequence_number));
    expectResponse(await stream.finalResponse());
    expect(numbers).toEqual(numbers.map((_number, at) => at));
  });

  test('[E11-01] the second turn gives call, result and thinking back as the upstream gave them', async () => {
    const { asked } = await serve(upstream);
    const client = anthropic();
    const first = await client.messages.create(ASK_ANTHROPIC);
    await client.messages.create({
      ...ASK_ANTHROPIC,
      messages: [
        ...ASK_ANTHROPIC.messages,
        { role: 'assistant', content: first.content },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'call_1', content: 'one' },
            { type: 'tool_result', tool_use_id: 'call_2', content: 'two', is_error: true },
          ],
        },
      ],
    });
    expect(asked[1]).toMatchObject(SECOND_TURNS[upstream]);
  });
});

/** What each upstream has to find of its own answer in the next request. */
const SECOND_TURNS: Record<WireProtocol, object> = {
  'anthropic-messages': {
    messages: [
      { role: 'user' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: THINKING, signature: 'EqQB-signed==' },
          { type: 'text', text: TEXT },
          { type: 'tool_use', id: 'call_1', name: 'read_file', input: { path: 'a.txt' } },
          { type: 'tool_use', id: 'call_2', name: 'list', input: { depth: 2 } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: [{ type: 'text', text: 'one' }] },
          { type: 'tool_result', tool_use_id: 'call_2', is_error: true },
        ],
      },
    ],
  },
  'openai-chat': {
    messages: [
      { role: 'user', content: 'Look.' },
      {
        role: 'assistant',
        content: TEXT,
        reasoning_content: THINKING,
        tool_calls: CALLS.map((call) => ({
          id: call.id,
          type: 'function',
          function: { name: call.name, arguments: call.arguments },
        })),
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'one' },
      { role: 'tool', tool_call_id: 'call_2', content: 'Error: two' },
    ],
  },
  'openai-responses': {
    input: [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Look.' }] },
      { type: 'reasoning', id: 'rs_1', summary: [{ text: THINKING }], encrypted_content: 'gAAAA-sealed==' },
      { type: 'message', role: 'assistant', content: TEXT },
      ...CALLS.map((call) => ({ type: 'function_call', call_id: call.id, name: call.name, arguments: call.arguments })),
      { type: 'function_call_output', call_id: 'call_1', output: 'one' },
      { type: 'function_call_output', call_id: 'call_2', output: 'Error: two' },
    ],
    include: ['reasoning.encrypted_content'],
    store: false,
  },
};

describe('errors', () => {
  const failing =
    (upstream: WireProtocol, events: object[]): Upstream =>
    () => ({
      stream: sseText(upstream, events).replace('data: [DONE]\n\n', ''),
    });
  const overloaded = failing('anthropic-messages', [
    ...STREAMED_ANSWERS['anthropic-messages'].slice(0, 6),
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
  ]);

  test('[E11-06] [BUG-D8] an error inside the stream is one for openai’s chat client', async () => {
    await serve('anthropic-messages', overloaded);
    const stream = await openai().chat.completions.create({ ...ASK_CHAT, stream: true });
    await expect(
      (async () => {
        for await (const chunk of stream) expect(chunk.choices[0]?.finish_reason ?? null).toBeNull();
      })(),
    ).rejects.toMatchObject({
      message: expect.stringContaining('Overloaded') as unknown,
      code: 'server_is_overloaded',
    });
  });

  test('[E11-06] [BUG-D8] it is one for openai’s responses client, too', async () => {
    await serve('anthropic-messages', overloaded);
    const stream = await openai().responses.create({ ...ASK_RESPONSES, stream: true });
    const types: string[] = [];
    const read = async () => {
      for await (const event of stream) types.push(event.type);
    };
    await expect(read()).rejects.toMatchObject({ message: 'Overloaded', code: 'server_is_overloaded' });
    expect(types.at(-1)).toBe('response.reasoning_summary_text.delta');
    expect(types).not.toContain('response.completed');
  });

  test('[E11-02] [E11-06] [BUG-D8] and an error event for Anthropic’s', async () => {
    const events = STREAMED_ANSWERS['openai-chat'].slice(0, 4);
    await serve(
      'openai-chat',
      failing('openai-chat', [
        ...events,
        { error: { message: 'The server had an error', type: 'server_error', code: null } },
      ]),
    );
    await expect(anthropic().messages.stream(ASK_ANTHROPIC).finalMessage()).rejects.toMatchObject({
      type: 'api_error',
      message: expect.stringContaining('The server had an error') as unknown,
    });
  });

  test.each(PROTOCOLS)('[BUG-D8] a cut %s stream ends without an end for every client', async (upstream) => {
    const events = STREAMED_ANSWERS[upstream];
    await serve(upstream, failing(upstream, events.slice(0, events.length - (upstream === 'openai-chat' ? 2 : 1))));
    const raw = async (path: string, body: object) =>
      (
        await fetch(`${server?.url ?? ''}${path}`, { method: 'POST', body: JSON.stringify({ ...body, stream: true }) })
      ).text();
    expect(await raw('/v1/messages', ASK_ANTHROPIC)).not.toMatch(/message_delta|message_stop|event: error/);
    expect(await raw('/v1/chat/completions', ASK_CHAT)).not.toMatch(/\[DONE\]|"finish_reason":"/);
    expect(await raw('/v1/responses', ASK_RESPONSES)).not.toMatch(/response\.(completed|incomplete|failed)/);
  });

  test('[E11-06] a request that cannot be carried is a 400 of the client’s own kind', async () => {
    await serve('anthropic-messages');
    await expect(openai().chat.completions.create({ ...ASK_CHAT, n: 2 })).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      message: expect.stringContaining('n: One request gets one answer') as unknown,
    });
  });
});
