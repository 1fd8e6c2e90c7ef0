import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Anthropic from '@anthropic-ai/sdk';
import { generateText, jsonSchema, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import {
  chatFrames,
  messageFrames,
  play,
  type RawHandler,
  responseFrames,
  sendJson,
  sse,
  wholeChat,
  wholeMessage,
  wholeResponse,
} from './testing/raw-upstream.ts';
import { type RelayHost, startRelayHost } from './testing/relay-host.ts';

// Official clients against the endpoints, nothing of which is ours: what each saw, and what the upstream received.

const anthropicOf = (host: RelayHost, more: Record<string, unknown> = {}) =>
  new Anthropic({ baseURL: host.url, apiKey: host.key, maxRetries: 0, ...more });
const openaiOf = (host: RelayHost, more: Record<string, unknown> = {}) =>
  new OpenAI({ baseURL: `${host.url}/v1`, apiKey: host.key, maxRetries: 0, ...more });

const message = { max_tokens: 1024, messages: [{ role: 'user' as const, content: 'Weather in Paris and Rome?' }] };
const WEATHER = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const } },
  required: ['city'],
};

const either =
  (whole: unknown, frames: readonly string[]): RawHandler =>
  (request, response) =>
    request.json['stream'] === true ? play(response, frames) : sendJson(response, 200, whole);

const named = (data: { type: string } & Record<string, unknown>) => sse(data, data.type);

/** Two parallel calls after a thought, as Anthropic streams them. */
function toolFrames(): string[] {
  const begun = messageFrames('');
  const block = (index: number, content_block: Record<string, unknown>, deltas: Record<string, unknown>[]) => [
    named({ type: 'content_block_start', index, content_block }),
    ...deltas.map((delta) => named({ type: 'content_block_delta', index, delta })),
    named({ type: 'content_block_stop', index }),
  ];
  const call = (index: number, id: string, city: string) =>
    block(index, { type: 'tool_use', id, name: 'get_weather', input: {} }, [
      { type: 'input_json_delta', partial_json: '{"ci' },
      { type: 'input_json_delta', partial_json: `ty":"${city}"}` },
    ]);
  return [
    begun[0] ?? '',
    ...block(0, { type: 'thinking', thinking: '', signature: '' }, [
      { type: 'thinking_delta', thinking: 'Two cities.' },
      { type: 'signature_delta', signature: 'c2lnbmVk' },
    ]),
    ...call(1, 'toolu_1', 'Paris'),
    ...call(2, 'toolu_2', 'Rome'),
    named({
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { output_tokens: 33 },
    }),
    named({ type: 'message_stop' }),
  ];
}

const toolMessage = {
  ...wholeMessage(''),
  content: [
    { type: 'thinking', thinking: 'Two cities.', signature: 'c2lnbmVk' },
    { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } },
    { type: 'tool_use', id: 'toolu_2', name: 'get_weather', input: { city: 'Rome' } },
  ],
  stop_reason: 'tool_use',
};

const chatCalls = ['Paris', 'Rome'].map((city, index) => ({
  id: `call_${index}`,
  type: 'function',
  function: { name: 'get_weather', arguments: JSON.stringify({ city }) },
}));
const chunk = (delta: Record<string, unknown>, finish_reason: string | null = null) =>
  sse({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'up',
    choices: [{ index: 0, delta, finish_reason }],
  });
const chatToolFrames = [
  chunk({ role: 'assistant', content: null }),
  ...chatCalls.flatMap((call, index) => [
    chunk({ tool_calls: [{ index, id: call.id, type: 'function', function: { name: 'get_weather', arguments: '' } }] }),
    chunk({ tool_calls: [{ index, function: { arguments: call.function.arguments.slice(0, 5) } }] }),
    chunk({ tool_calls: [{ index, function: { arguments: call.function.arguments.slice(5) } }] }),
  ]),
  chunk({}, 'tool_calls'),
  sse('[DONE]'),
];

describe('@anthropic-ai/sdk', () => {
  it('[E11-01][E11-03] creates a message, counts it and lists models', async () => {
    const host = await startRelayHost();
    const client = anthropicOf(host);
    host.claude.handle((request, response) => {
      if (request.url.includes('count_tokens')) sendJson(response, 200, { input_tokens: 12 });
      else if (request.method === 'GET') sendJson(response, 200, { data: [{ id: 'claude-x' }] });
      else sendJson(response, 200, { ...wholeMessage('Hello.'), stop_reason: 'model_context_window_exceeded' });
    });
    const answer = await client.messages.create({ model: 'claude/claude-x', ...message });
    expect(answer).toMatchObject({
      content: [{ type: 'text', text: 'Hello.' }],
      usage: { input_tokens: 11, output_tokens: 7 },
    });
    expect(answer.stop_reason).toBe('model_context_window_exceeded');
    expect(host.claude.requests[0]?.json).toEqual({ model: 'claude-x', ...message });
    expect(host.claude.requests[0]?.headers['x-api-key']).toBe(host.secrets.claude);
    const { messages } = message;
    expect(await client.messages.countTokens({ model: 'claude/claude-x', messages })).toEqual({ input_tokens: 12 });
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toContain('claude/claude-x');
  });

  it('[E11-02] streams text with its events in order', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) => play(response, messageFrames('Hello there, friend.')));
    const stream = anthropicOf(host).messages.stream({ model: 'claude/claude-x', ...message });
    const types: string[] = [];
    stream.on('streamEvent', (event) => types.push(event.type));
    const final = await stream.finalMessage();
    expect(final.content).toEqual([expect.objectContaining({ type: 'text', text: 'Hello there, friend.' })]);
    expect(final.usage).toMatchObject({ input_tokens: 11, output_tokens: 7 });
    expect(types[0]).toBe('message_start');
    expect(types.slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop']);
    expect(types.filter((type) => type === 'message_stop')).toHaveLength(1);
  });

  it('[E11-03] gets thinking with its signature and parallel calls, and sends results back', async () => {
    const host = await startRelayHost();
    host.claude.handle(either(toolMessage, toolFrames()));
    const client = anthropicOf(host, { defaultHeaders: { 'anthropic-beta': 'interleaved-thinking-2025-05-14' } });
    const tools = [{ name: 'get_weather', input_schema: WEATHER, cache_control: { type: 'ephemeral' as const } }];
    const request = {
      model: 'claude/claude-x',
      ...message,
      tools,
      thinking: { type: 'enabled' as const, budget_tokens: 1024 },
      max_tokens: 4096,
    };
    const streamed = await client.messages.stream(request).finalMessage();
    const whole = await client.messages.create(request);
    for (const { content, stop_reason } of [streamed, whole]) {
      expect(stop_reason).toBe('tool_use');
      expect(content).toMatchObject(toolMessage.content);
    }
    const results = ['toolu_1', 'toolu_2'].map((tool_use_id) => ({
      type: 'tool_result' as const,
      tool_use_id,
      content: 'sunny',
    }));
    const turns = [
      ...message.messages,
      { role: 'assistant' as const, content: whole.content },
      { role: 'user' as const, content: results },
    ];
    await client.messages.create({ ...request, messages: turns });
    const sent = host.claude.requests.at(-1);
    expect(sent?.json['messages']).toEqual(turns);
    expect(sent?.json['tools']).toEqual(tools);
    expect(sent?.headers['anthropic-beta']).toBe('interleaved-thinking-2025-05-14');
  });

  it('[E11-06] raises the class that the failure is, with our words, and does not ask again where that is of no use', async () => {
    const host = await startRelayHost();
    const client = anthropicOf(host, { maxRetries: 3 });
    host.claude.handle((_request, response) =>
      sendJson(response, 401, { type: 'error', error: { type: 'authentication_error', message: 'no' } }),
    );
    const failed = await client.messages.create({ model: 'claude/m', ...message }).catch((thrown: unknown) => thrown);
    expect(failed).toBeInstanceOf(Anthropic.InternalServerError);
    expect(failed).toMatchObject({ status: 502, message: expect.stringContaining('Replace the key') as unknown });
    expect(host.claude.requests).toHaveLength(1);
    const wrong = await anthropicOf(host, { apiKey: 'sluice_nothing' })
      .messages.create({ model: 'claude/m', ...message })
      .catch((thrown: unknown) => thrown);
    expect(wrong).toBeInstanceOf(Anthropic.AuthenticationError);
    host.claude.handle((_request, response) =>
      sendJson(response, 400, { type: 'error', error: { type: 'invalid_request_error', message: 'bad tool' } }),
    );
    const bad = await client.messages.create({ model: 'claude/m', ...message }).catch((thrown: unknown) => thrown);
    expect(bad).toBeInstanceOf(Anthropic.BadRequestError);
  });

  it('[BUG-D8] a stream that is cut or fails raises, and is never taken for an answer', async () => {
    const host = await startRelayHost();
    for (const rest of [[], [sse({ type: 'error', error: { type: 'api_error', message: 'it broke' } }, 'error')]]) {
      host.claude.handle((_request, response) =>
        play(response, [...messageFrames('Hello there.').slice(0, 5), ...rest]),
      );
      const ended = await anthropicOf(host)
        .messages.stream({ model: 'claude/m', ...message })
        .finalMessage()
        .catch((thrown: unknown) => thrown);
      expect(ended).toBeInstanceOf(Anthropic.APIError);
      expect(String(ended)).toMatch(/cut before the answer|it broke/);
    }
  });

  it('an abort reaches the upstream', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(messageFrames('Hello there.').slice(0, 5).join(''));
    });
    const stream = anthropicOf(host).messages.stream({ model: 'claude/m', ...message });
    stream.on('text', () => stream.abort());
    await expect(stream.finalMessage()).rejects.toThrow(Anthropic.APIUserAbortError);
    await host.claude.requests[0]?.left;
  });

  it('retries by itself reach the upstream where waiting helps', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response, number) =>
      number === 1
        ? sendJson(response, 500, { type: 'error', error: { type: 'api_error', message: 'x' } })
        : sendJson(response, 200, wholeMessage('Yes.')),
    );
    const answer = await anthropicOf(host, { maxRetries: 1, fetch: hurried }).messages.create({
      model: 'claude/m',
      ...message,
    });
    expect(answer.content).toMatchObject([{ text: 'Yes.' }]);
  });
});

/** The official clients wait as long as they are told; a test has no time for that. */
const hurried: typeof fetch = async (...args) => {
  const response = await fetch(...args);
  const headers = new Headers(response.headers);
  if (headers.has('retry-after')) headers.set('retry-after', '0');
  return new Response(response.body, { status: response.status, headers });
};

describe('openai', () => {
  it('[E11-07] completes a chat, whole and streamed, with its figures', async () => {
    const host = await startRelayHost();
    host.gpt.handle(
      either(wholeChat('Hello.'), chatFrames('Hello there.', { prompt_tokens: 11, completion_tokens: 7 })),
    );
    const client = openaiOf(host);
    const messages = message.messages;
    const whole = await client.chat.completions.create({ model: 'gpt/gpt-x', messages });
    expect(whole.choices[0]?.message.content).toBe('Hello.');
    expect(whole.usage?.prompt_tokens).toBe(11);
    expect(host.gpt.requests[0]?.json).toEqual({ model: 'gpt-x', messages });
    expect(host.gpt.requests[0]?.headers.authorization).toBe(`Bearer ${host.secrets.gpt}`);
    const stream = await client.chat.completions.create({
      model: 'gpt/gpt-x',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let total = null;
    for await (const part of stream) {
      text += part.choices[0]?.delta.content ?? '';
      total = part.usage ?? total;
    }
    expect(text).toBe('Hello there.');
    expect(total).toMatchObject({ prompt_tokens: 11, completion_tokens: 7 });
  });

  it('[E11-07] gets parallel calls, whole and streamed', async () => {
    const host = await startRelayHost();
    const whole = {
      ...wholeChat(''),
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: null, refusal: null, tool_calls: chatCalls },
          finish_reason: 'tool_calls',
        },
      ],
    };
    host.gpt.handle(either(whole, chatToolFrames));
    const client = openaiOf(host);
    const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters: WEATHER, strict: true } }];
    const request = { model: 'gpt/gpt-x', messages: message.messages, tools, parallel_tool_calls: true };
    const answer = await client.chat.completions.create(request);
    const streamed = await client.chat.completions.stream(request).finalChatCompletion();
    for (const { choices } of [answer, streamed]) {
      expect(choices[0]?.finish_reason).toBe('tool_calls');
      expect(choices[0]?.message.tool_calls).toMatchObject(chatCalls);
    }
    expect(host.gpt.requests[0]?.json['tools']).toEqual(tools);
  });

  it('[E11-07] makes responses, whole and streamed', async () => {
    const host = await startRelayHost();
    host.gpt.handle(either(wholeResponse('Hello.'), responseFrames('Hello there.')));
    const client = openaiOf(host);
    const request = {
      model: 'gpt/gpt-x',
      input: 'Say hello.',
      store: false,
      include: ['reasoning.encrypted_content' as const],
      prompt_cache_key: 'k',
    };
    expect((await client.responses.create(request)).output_text).toBe('Hello.');
    const streamed = await client.responses.stream(request).finalResponse();
    expect(streamed.output_text).toBe('Hello there.');
    expect(streamed.usage?.input_tokens).toBe(11);
    expect(host.gpt.requests[0]).toMatchObject({ url: '/v1/responses', json: { ...request, model: 'gpt-x' } });
  });

  it('[E11-06] raises the class that the failure is', async () => {
    const host = await startRelayHost();
    const client = openaiOf(host);
    host.gpt.handle((_request, response) =>
      sendJson(response, 401, { error: { message: 'Incorrect API key', code: 'invalid_api_key' } }),
    );
    const auth = await client.responses.create({ model: 'gpt/m', input: 'x' }).catch((thrown: unknown) => thrown);
    expect(auth).toBeInstanceOf(OpenAI.InternalServerError);
    expect(auth).toMatchObject({ status: 502, code: 'upstream_auth', type: 'authentication_error' });
    host.gpt.handle((_request, response) =>
      sendJson(response, 404, {
        error: { message: 'The model `m` does not exist', type: 'invalid_request_error', code: 'model_not_found' },
      }),
    );
    const missing = await client.chat.completions
      .create({ model: 'gpt/m', messages: message.messages })
      .catch((thrown: unknown) => thrown);
    expect(missing).toBeInstanceOf(OpenAI.NotFoundError);
    expect(missing).toMatchObject({ code: 'model_not_found' });
  });

  it('[BUG-D8] a cut stream raises', async () => {
    const host = await startRelayHost();
    host.gpt.handle((request, response) =>
      play(
        response,
        (request.url === '/v1/responses' ? responseFrames('Hello there.') : chatFrames('Hello there.'))
          .slice(0, 5)
          .slice(0, -1),
      ),
    );
    const client = openaiOf(host);
    const chat = async () => {
      const stream = await client.chat.completions.create({ model: 'gpt/m', messages: message.messages, stream: true });
      for await (const _part of stream);
    };
    host.gpt.handle((_request, response) => play(response, chatFrames('Hello there.').slice(0, 2)));
    await expect(chat()).rejects.toThrow(/cut before the answer/);
    host.gpt.handle((_request, response) => play(response, responseFrames('Hello there.').slice(0, 6)));
    await expect(client.responses.stream({ model: 'gpt/m', input: 'x' }).finalResponse()).rejects.toThrow();
  });

  it('[E11-05] lists the models', async () => {
    const host = await startRelayHost();
    host.gpt.handle((_request, response) => sendJson(response, 200, { data: [{ id: 'gpt-x' }] }));
    host.claude.handle((_request, response) => sendJson(response, 200, { data: [] }));
    const ids: string[] = [];
    for await (const model of openaiOf(host).models.list()) ids.push(model.id);
    expect(ids).toContain('gpt/gpt-x');
    expect((await openaiOf(host).models.retrieve('gpt/gpt-x')).owned_by).toBe('gpt');
  });
});

describe('ai', () => {
  const providers = {
    anthropic: (host: RelayHost) => createAnthropic({ baseURL: `${host.url}/v1`, apiKey: host.key })('claude/m'),
    'openai chat': (host: RelayHost) => createOpenAI({ baseURL: `${host.url}/v1`, apiKey: host.key }).chat('gpt/m'),
    'openai responses': (host: RelayHost) =>
      createOpenAI({ baseURL: `${host.url}/v1`, apiKey: host.key }).responses('gpt/m'),
    compatible: (host: RelayHost) =>
      createOpenAICompatible({ name: 'sluice', baseURL: `${host.url}/v1`, apiKey: host.key }).chatModel('gpt/m'),
  };
  const serve = (host: RelayHost) => {
    host.claude.handle(either(wholeMessage('Hello there.'), messageFrames('Hello there.')));
    host.gpt.handle((request, response, number) =>
      (request.url === '/v1/responses'
        ? either(wholeResponse('Hello there.'), responseFrames('Hello there.'))
        : either(wholeChat('Hello there.'), chatFrames('Hello there.', { prompt_tokens: 11, completion_tokens: 7 })))(
        request,
        response,
        number,
      ),
    );
  };

  it.each(Object.keys(providers) as (keyof typeof providers)[])(
    '[E11-07] %s: text, whole and streamed',
    async (name) => {
      const host = await startRelayHost();
      serve(host);
      const model = providers[name](host);
      const whole = await generateText({ model, prompt: 'Say hello.', maxRetries: 0 });
      expect(whole).toMatchObject({ text: 'Hello there.', finishReason: 'stop' });
      expect(whole.usage.inputTokens).toBe(11);
      const streamed = streamText({ model, prompt: 'Say hello.', maxRetries: 0 });
      let text = '';
      for await (const part of streamed.textStream) text += part;
      expect(text).toBe('Hello there.');
      expect(await streamed.finishReason).toBe('stop');
      const sent = [...host.claude.requests, ...host.gpt.requests];
      expect(sent.map(({ json }) => json['model'])).toEqual(['m', 'm']);
    },
  );

  it('[E11-07] anthropic: calls a tool and sends its result', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response, number) =>
      number === 1 ? sendJson(response, 200, toolMessage) : sendJson(response, 200, wholeMessage('Sunny in both.')),
    );
    const tools = {
      get_weather: tool({
        inputSchema: jsonSchema<{ city: string }>(WEATHER),
        execute: ({ city }) => `${city}: sunny`,
      }),
    };
    const { stepCountIs } = await import('ai');
    const answer = await generateText({
      model: providers.anthropic(host),
      prompt: 'Weather?',
      tools,
      stopWhen: stepCountIs(3),
      maxRetries: 0,
    });
    expect(answer.text).toBe('Sunny in both.');
    expect(JSON.stringify(host.claude.requests[1]?.json)).toContain('Rome: sunny');
  });
});
