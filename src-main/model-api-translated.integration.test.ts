import type { ServerResponse } from 'node:http';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Anthropic from '@anthropic-ai/sdk';
import { generateText, jsonSchema, Output, streamText } from 'ai';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { chatFrames, messageFrames, play, sendJson, sse, wholeChat, wholeMessage } from './testing/raw-upstream.ts';
import { type RelayHost, startRelayHost } from './testing/relay-host.ts';

// Programs of one protocol before an upstream of another: official clients on one side, the upstream's own bytes on the other.

const REFUSED = { error: { type: 'invalid_request_error', message: 'no such tool' } };
const USAGE = { prompt_tokens: 11, completion_tokens: 7 };

function serve(host: RelayHost): void {
  host.claude.handle((request, response) =>
    request.json['stream'] === true
      ? play(response, messageFrames('Hello there.'))
      : sendJson(response, 200, wholeMessage('Hello there.')),
  );
  host.gpt.handle((request, response) => {
    if (request.url !== '/v1/chat/completions') return sendJson(response, 404, { error: { message: 'Not Found' } });
    return request.json['stream'] === true
      ? play(response, chatFrames('Hello there.', USAGE))
      : sendJson(response, 200, wholeChat('Hello there.'));
  });
}

const anthropicOf = (host: RelayHost) => new Anthropic({ baseURL: host.url, apiKey: host.key, maxRetries: 0 });
const openaiOf = (host: RelayHost) => new OpenAI({ baseURL: `${host.url}/v1`, apiKey: host.key, maxRetries: 0 });
const messages = [{ role: 'user' as const, content: 'Say hello.' }];

describe('official clients before an upstream of another protocol', () => {
  it('[E11-01][E11-02] @anthropic-ai/sdk before chat completions', async () => {
    const host = await startRelayHost();
    serve(host);
    const client = anthropicOf(host);
    const whole = await client.messages.create({ model: 'gpt/m', max_tokens: 100, messages });
    expect(whole).toMatchObject({ content: [{ type: 'text', text: 'Hello there.' }], stop_reason: 'end_turn' });
    expect(whole.usage).toMatchObject({ input_tokens: 11, output_tokens: 7 });
    const streamed = await client.messages.stream({ model: 'gpt/m', max_tokens: 100, messages }).finalMessage();
    expect(streamed.content).toMatchObject([{ type: 'text', text: 'Hello there.' }]);
    expect(streamed.usage.output_tokens).toBe(7);
    expect(host.gpt.requests.map(({ url }) => url)).toEqual(['/v1/chat/completions', '/v1/chat/completions']);
    const [first] = host.gpt.requests;
    expect(first?.json).toMatchObject({ model: 'm', messages: [{ role: 'user' }] });
    // What belongs to the client's protocol stays here.
    expect(first?.headers).not.toHaveProperty('anthropic-version');
    expect(first?.headers.authorization).toBe(`Bearer ${host.secrets.gpt}`);
    const calls = await host.booked(2);
    for (const call of calls) expect(call).toMatchObject({ outcome: 'completed', inputTokens: 11, outputTokens: 7 });
  });

  it('[E11-02][E11-07] an upstream that knows no streams still streams to those who asked for one', async () => {
    const host = await startRelayHost();
    const call = {
      id: 'call_1',
      type: 'function',
      function: { name: 'look', arguments: '{"at":12345678901234567890}' },
    };
    const chat = wholeChat('Hello there.');
    Object.assign((chat['choices'] as { message: object }[])[0]?.message ?? {}, { tool_calls: [call] });
    const use = { type: 'tool_use', id: 'toolu_1', name: 'look', input: { at: 1 } };
    const content = [{ type: 'text', text: 'Hello there.' }, use];
    host.claude.handle((_request, response) =>
      sendJson(response, 200, { ...wholeMessage(''), content, stop_reason: 'tool_use' }),
    );
    host.gpt.handle((request, response) =>
      request.url === '/v1/chat/completions' ? sendJson(response, 200, chat) : response.writeHead(404).end('{}'),
    );
    const tools = [{ name: 'look', input_schema: { type: 'object' as const } }];
    const said = await anthropicOf(host)
      .messages.stream({ model: 'gpt/m', max_tokens: 100, messages, tools })
      .finalMessage();
    expect(said.content).toMatchObject([
      { type: 'text', text: 'Hello there.' },
      { type: 'tool_use', id: 'call_1', name: 'look' },
    ]);
    expect(said.usage).toMatchObject({ input_tokens: 11, output_tokens: 7 });
    const functions = [{ type: 'function' as const, function: { name: 'look', parameters: { type: 'object' } } }];
    const completion = await openaiOf(host)
      .chat.completions.stream({ model: 'claude/m', messages, tools: functions })
      .finalChatCompletion();
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: 'Hello there.', tool_calls: [{ id: 'toolu_1', function: { arguments: '{"at":1}' } }] },
    });
    const response = await openaiOf(host).responses.stream({ model: 'claude/m', input: 'Say hello.' }).finalResponse();
    expect(response).toMatchObject({ status: 'completed', output_text: 'Hello there.' });
    for (const booked of await host.booked(3)) expect(booked).toMatchObject({ outcome: 'completed', inputTokens: 11 });
  });

  it.each([
    ['/v1/messages', 'claude', 'text/plain; charset=utf-8'],
    ['/v1/messages', 'gpt', 'text/plain; charset=utf-8'],
    ['/v1/chat/completions', 'gpt', null],
    ['/v1/responses', 'claude', 'application/octet-stream'],
  ])(
    '[E11-02] a stream is known by its bytes where its server calls it something else: %s before %s, %s',
    async (path, to, type) => {
      const host = await startRelayHost();
      const send = (response: ServerResponse, frames: string[]) =>
        response.writeHead(200, type === null ? {} : { 'content-type': type }).end(frames.join(''));
      host.claude.handle((_request, response) => send(response, messageFrames('Hello there.')));
      host.gpt.handle((_request, response) => send(response, chatFrames('Hello there.', USAGE)));
      const asked = { model: `${to}/m`, max_tokens: 100, stream: true };
      const answer = await host.post(
        path,
        path === '/v1/responses' ? { ...asked, input: 'Hi.' } : { ...asked, messages },
      );
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
      expect(await answer.text()).toMatch(/there.*(message_stop|\[DONE\]|response\.completed)/s);
      expect(await host.booked(1)).toMatchObject([{ outcome: 'completed', outputTokens: 7 }]);
    },
  );

  it.each(['/v1/messages', '/v1/chat/completions'])(
    '[E10-28] what an Anthropic model thought is booked as it is told: %s',
    async (path) => {
      const host = await startRelayHost();
      const usage = { input_tokens: 11, output_tokens: 7, output_tokens_details: { thinking_tokens: 4 } };
      host.claude.handle((request, response) => {
        if (request.json['stream'] !== true) return sendJson(response, 200, wholeMessage('Hello there.', usage));
        const frames = messageFrames('Hello there.');
        const end = { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage };
        return play(response, [...frames.slice(0, -2), sse(end, end.type), ...frames.slice(-1)]);
      });
      for (const stream of [false, true]) {
        const asked = { model: 'claude/m', max_tokens: 100, messages, stream, stream_options: { include_usage: true } };
        expect(await (await host.post(path, asked)).text()).toMatch(/"(thinking|reasoning)_tokens":4/);
      }
      for (const call of await host.booked(2)) expect(call).toMatchObject({ outputTokens: 7, reasoningTokens: 4 });
    },
  );

  it.each([false, true])(
    '[E11-01][E11-07] what a chat server hangs on a call comes back to it with the call, streamed %s',
    async (stream) => {
      const host = await startRelayHost();
      const fn = { name: 'look', arguments: '{"at":1}' };
      const call = { id: 'call_1', type: 'function', function: fn };
      const extra_content = { google: { thought_signature: 'c2lnbmVk' } };
      host.gpt.handle((request, response, number) => {
        if (number > 1) return sendJson(response, 200, wholeChat('Seen.'));
        const said = { role: 'assistant', content: null, tool_calls: [{ index: 0, ...call, extra_content }] };
        const choice = { index: 0, finish_reason: 'tool_calls' };
        return request.json['stream'] === true
          ? play(response, [sse({ id: 'c', choices: [{ ...choice, delta: said }] }), sse('[DONE]')])
          : sendJson(response, 200, { id: 'c', choices: [{ ...choice, message: said }] });
      });
      const client = anthropicOf(host);
      const tools = [{ name: 'look', input_schema: { type: 'object' as const } }];
      const asked = { model: 'gpt/m', max_tokens: 100, tools, messages };
      const used = stream ? await client.messages.stream(asked).finalMessage() : await client.messages.create(asked);
      // Nobody but the server that gave it sees it.
      expect(JSON.stringify(used)).not.toContain('c2lnbmVk');
      const result = { type: 'tool_result' as const, tool_use_id: 'call_1', content: 'a lake' };
      const next = [...messages, { role: 'assistant' as const, content: used.content }];
      await client.messages.create({ ...asked, messages: [...next, { role: 'user', content: [result] }] });
      expect(host.gpt.requests[1]?.json['messages']).toMatchObject([
        {},
        { tool_calls: [{ ...call, extra_content }] },
        {},
      ]);
      // Another program's call of the same id has nothing to do with it.
      const { key } = await host.ask<{ key: string }>('localApi.createClient', { name: 'another' });
      const other = new Anthropic({ baseURL: host.url, apiKey: key, maxRetries: 0 });
      await other.messages.create({ ...asked, messages: [...next, { role: 'user', content: [result] }] });
      expect(JSON.stringify(host.gpt.requests[2]?.json)).not.toContain('c2lnbmVk');
    },
  );

  it('[BUG-D19] JSON that its server calls plain text is JSON, and an error in it an error', async () => {
    const host = await startRelayHost();
    const types = { 'content-type': 'text/plain' };
    host.gpt.handle((_request, response, number) =>
      response.writeHead(200, types).end(JSON.stringify(number === 1 ? wholeChat('Hello there.') : REFUSED)),
    );
    const asked = { model: 'gpt/m', max_tokens: 100, stream: true, messages };
    expect(await (await host.post('/v1/messages', asked)).text()).toMatch(/Hello there\..*message_stop/s);
    const refused = await host.post('/v1/messages', asked);
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('no such tool')]);
  });

  it.each([
    ['/v1/messages', 'gpt'],
    ['/v1/chat/completions', 'claude'],
    ['/v1/responses', 'claude'],
  ])(
    '[E11-06] a stream that nobody asked for is told as an answer that cannot be read: %s before %s',
    async (path, to) => {
      const host = await startRelayHost();
      host.claude.handle((_request, response) => play(response, messageFrames('Hello there.')));
      host.gpt.handle((_request, response) => play(response, chatFrames('Hello there.', USAGE)));
      const answer = await host.post(path, { model: `${to}/m`, max_tokens: 100, messages, input: 'Say hello.' });
      expect([answer.status, await answer.json()]).toMatchObject([
        502,
        { error: { message: expect.any(String) as unknown } },
      ]);
      expect(await host.booked(1)).toMatchObject([{ outcome: 'refused' }]);
    },
  );

  it('[E11-07] openai chat before messages', async () => {
    const host = await startRelayHost();
    serve(host);
    const client = openaiOf(host);
    const whole = await client.chat.completions.create({ model: 'claude/m', messages });
    expect(whole.choices[0]).toMatchObject({ message: { content: 'Hello there.' }, finish_reason: 'stop' });
    expect(whole.usage?.prompt_tokens).toBe(11);
    const stream = await client.chat.completions.create({ model: 'claude/m', messages, stream: true });
    let text = '';
    for await (const part of stream) text += part.choices[0]?.delta.content ?? '';
    expect(text).toBe('Hello there.');
    expect(host.claude.requests[0]).toMatchObject({ url: '/v1/messages', json: { model: 'm' } });
    expect(host.claude.requests[0]?.headers).toMatchObject({
      'x-api-key': host.secrets.claude,
      'anthropic-version': '2023-06-01',
    });
  });

  it('[E11-07] openai responses before messages, and before a server that has chat completions only', async () => {
    const host = await startRelayHost();
    serve(host);
    const client = openaiOf(host);
    for (const model of ['claude/m', 'gpt/m', 'gpt/m']) {
      const whole = await client.responses.create({ model, input: 'Say hello.' });
      expect(whole.output_text).toBe('Hello there.');
      const streamed = await client.responses.stream({ model, input: 'Say hello.' }).finalResponse();
      expect(streamed.output_text).toBe('Hello there.');
    }
    // The missing address is tried once and then left alone.
    expect(host.gpt.requests.map(({ url }) => url)).toEqual([
      '/v1/responses',
      ...Array.from({ length: 4 }, () => '/v1/chat/completions'),
    ]);
  });

  it.each(['claude', 'gpt'] as const)('[E11-07] ai with each of its providers before %s', async (profile) => {
    const host = await startRelayHost();
    serve(host);
    const at = { baseURL: `${host.url}/v1`, apiKey: host.key };
    const id = `${profile}/m`;
    const models = [
      createAnthropic(at)(id),
      createOpenAI(at).chat(id),
      createOpenAI(at).responses(id),
      createOpenAICompatible({ name: 'sluice', ...at }).chatModel(id),
    ];
    for (const model of models) {
      const whole = await generateText({ model, prompt: 'Say hello.', maxRetries: 0, maxOutputTokens: 500 });
      expect(whole).toMatchObject({ text: 'Hello there.', finishReason: 'stop' });
      const streamed = streamText({ model, prompt: 'Say hello.', maxRetries: 0, maxOutputTokens: 500 });
      let text = '';
      for await (const part of streamed.textStream) text += part;
      expect(text).toBe('Hello there.');
      expect(await streamed.finishReason).toBe('stop');
    }
  });

  it('[BUG-D8][BUG-D11] a cut, a silence of keys and an unknown image are told in the client’s protocol', async () => {
    const host = await startRelayHost();
    host.gpt.handle((_request, response) => play(response, chatFrames('Hello there.').slice(0, 2)));
    const cut = await anthropicOf(host)
      .messages.stream({ model: 'gpt/m', max_tokens: 100, messages })
      .finalMessage()
      .catch((thrown: unknown) => thrown);
    expect(cut).toBeInstanceOf(Anthropic.APIError);
    expect(String(cut)).toContain('cut before the answer');
    host.gpt.handle((_request, response) =>
      sendJson(response, 401, { error: { message: 'bad key', code: 'invalid_api_key' } }),
    );
    const refused = await anthropicOf(host)
      .messages.create({ model: 'gpt/m', max_tokens: 100, messages })
      .catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ status: 502, error: { type: 'error', error: { type: 'authentication_error' } } });
    const before = host.gpt.requests.length;
    const bad = await host.post('/v1/messages', {
      model: 'gpt/m',
      max_tokens: 100,
      messages: [{ role: 'user', content: [{ type: 'hologram', source: {} }] }],
    });
    expect([bad.status, await bad.json()]).toMatchObject([
      400,
      { type: 'error', error: { type: 'invalid_request_error' } },
    ]);
    expect(host.gpt.requests).toHaveLength(before);
  });

  it.each(['claude', 'gpt'] as const)('[E11-07] ai asks for an object, and %s gets the schema', async (profile) => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) => sendJson(response, 200, wholeMessage('{"city":"Rome"}')));
    host.gpt.handle((request, response) =>
      request.url === '/v1/chat/completions'
        ? sendJson(response, 200, wholeChat('{"city":"Rome"}'))
        : sendJson(response, 404, { error: { message: 'Not Found' } }),
    );
    const schema = {
      type: 'object' as const,
      properties: { city: { type: 'string' as const } },
      required: ['city'],
      additionalProperties: false,
    };
    const at = { baseURL: `${host.url}/v1`, apiKey: host.key };
    const id = `${profile}/claude-sonnet-4-5`;
    const models = {
      anthropic: createAnthropic(at)(id),
      chat: createOpenAI(at).chat(id),
      responses: createOpenAI(at).responses(id),
      compatible: createOpenAICompatible({ name: 'sluice', ...at, supportsStructuredOutputs: true }).chatModel(id),
    };
    for (const [name, model] of Object.entries(models)) {
      const answer = await generateText({
        model,
        prompt: 'Where?',
        maxRetries: 0,
        output: Output.object({ schema: jsonSchema<{ city: string }>(schema) }),
      });
      expect(answer.output, name).toEqual({ city: 'Rome' });
      const sent = host[profile].requests.at(-1)?.json ?? {};
      const format = profile === 'claude' ? (sent['output_config'] ?? sent['output_format']) : sent['response_format'];
      expect(JSON.stringify(format), name).toContain('"additionalProperties":false');
    }
  });

  it('[E11-06] what the upstream refuses has the status and the class that it has in the client’s protocol', async () => {
    const host = await startRelayHost();
    const caught = (asked: Promise<unknown>) => asked.catch((thrown: unknown) => thrown);
    const ask = () => caught(anthropicOf(host).messages.create({ model: 'gpt/m', max_tokens: 100, messages }));
    const refuse = (status: number, error: object) =>
      host.gpt.handle((_request, response) => sendJson(response, status, { error }));
    refuse(404, { message: 'The model `m` does not exist', code: 'model_not_found', type: 'invalid_request_error' });
    const missing = await ask();
    expect(missing).toBeInstanceOf(Anthropic.NotFoundError);
    expect(missing).toMatchObject({ error: { error: { type: 'not_found_error' } } });
    refuse(400, { message: 'maximum context length is 8192 tokens', code: 'context_length_exceeded' });
    const full = await ask();
    expect(full).toBeInstanceOf(Anthropic.BadRequestError);
    expect(String(full)).toContain('prompt is too long');
    host.claude.handle((_request, response) =>
      sendJson(response, 413, { type: 'error', error: { type: 'request_too_large', message: 'too large' } }),
    );
    const large = await caught(openaiOf(host).chat.completions.create({ model: 'claude/m', messages }));
    expect(large).toMatchObject({ status: 413, type: 'invalid_request_error' });
    // Each asks for models with its own client, and is told in its own shape.
    const model = await caught(anthropicOf(host).models.retrieve('nothing'));
    expect(model).toBeInstanceOf(Anthropic.NotFoundError);
    expect(model).toMatchObject({ error: { type: 'error', error: { type: 'not_found_error' } } });
    const theirs = await caught(openaiOf(host).models.retrieve('nothing'));
    expect(theirs).toMatchObject({ status: 404, code: 'not_found', type: 'not_found_error' });
  });

  it('[decision 26] a translated stream names the place of its estimate; one that passes through or is held has none', async () => {
    const host = await startRelayHost();
    serve(host);
    const estimateOf = async (path: string, model: string) => {
      const answer = await host.post(path, { model, max_tokens: 100, messages, stream: true });
      expect(await answer.text()).toContain('there.');
      return answer.headers.get('x-sluice-estimate');
    };
    expect(await estimateOf('/v1/messages', 'gpt/m')).toBe('message_start.usage.input_tokens');
    expect(await estimateOf('/v1/messages', 'claude/m')).toBeNull();
    expect(await estimateOf('/cc/v1/messages', 'gpt/m')).toBeNull();
    expect(await estimateOf('/v1/chat/completions', 'claude/m')).toBeNull();
  });

  it('a program that leaves a translated stream stops the upstream', async () => {
    const host = await startRelayHost();
    host.gpt.handle((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chatFrames('Hello there.').slice(0, 2).join(''));
    });
    const stream = anthropicOf(host).messages.stream({ model: 'gpt/m', max_tokens: 100, messages });
    stream.on('text', () => stream.abort());
    await expect(stream.finalMessage()).rejects.toThrow();
    await host.gpt.requests[0]?.left;
    expect((await host.booked(1))[0]?.outcome).toBe('stopped');
  });
});
