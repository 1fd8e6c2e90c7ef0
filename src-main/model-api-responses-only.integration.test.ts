import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Anthropic from '@anthropic-ai/sdk';
import { generateText, jsonSchema, Output, streamText } from 'ai';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import {
  chatFrames,
  play,
  type RawHandler,
  responseFrames,
  sendJson,
  sse,
  startRawUpstream,
  wholeChat,
  wholeResponse,
} from './testing/raw-upstream.ts';
import { type RelayHost, startRelayHost } from './testing/relay-host.ts';
import { human } from './testing/runs-api-host.ts';

// Upstreams that have OpenAI’s responses and no chat completions, before clients that know nothing of it.

const CHAT = '/v1/chat/completions';
const RESPONSES = '/v1/responses';
const messages = [{ role: 'user' as const, content: 'Say hello.' }];
const anthropicOf = (host: RelayHost) => new Anthropic({ baseURL: host.url, apiKey: host.key, maxRetries: 0 });
const openaiOf = (host: RelayHost) => new OpenAI({ baseURL: `${host.url}/v1`, apiKey: host.key, maxRetries: 0 });
const caught = (asked: Promise<unknown>) => asked.catch((thrown: unknown) => thrown);
const pathsOf = (host: RelayHost) => host.gpt.requests.map(({ url }) => url);

type Missing = (response: Parameters<RawHandler>[1]) => unknown;
const NOT_FOUND: Missing = (response) => sendJson(response, 404, { detail: 'Not Found' });
const either =
  (whole: unknown, frames: readonly string[]): RawHandler =>
  (request, response) =>
    request.json['stream'] === true ? play(response, frames) : sendJson(response, 200, whole);
const hello = either(wholeResponse('Hello there.'), responseFrames('Hello there.'));

function onlyResponses(answer: RawHandler = hello, missing: Missing = NOT_FOUND): RawHandler {
  return (request, response, number) =>
    request.url === RESPONSES ? answer(request, response, number) : missing(response);
}

/** What each client makes of one answer, whole or streamed. */
const CLIENTS: Record<string, (host: RelayHost, stream: boolean) => Promise<string>> = {
  '@anthropic-ai/sdk': async (host, stream) => {
    const ask = { model: 'gpt/m', max_tokens: 100, messages };
    const client = anthropicOf(host);
    const message = stream ? await client.messages.stream(ask).finalMessage() : await client.messages.create(ask);
    expect(message).toMatchObject({ stop_reason: 'end_turn', usage: { input_tokens: 11, output_tokens: 7 } });
    return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  },
  openai: async (host, stream) => {
    const client = openaiOf(host);
    if (!stream) {
      const whole = await client.chat.completions.create({ model: 'gpt/m', messages });
      expect(whole.usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 });
      expect(whole.choices[0]?.finish_reason).toBe('stop');
      return whole.choices[0]?.message.content ?? '';
    }
    const options = { include_usage: true };
    const runner = client.chat.completions.stream({ model: 'gpt/m', messages, stream_options: options });
    const final = await runner.finalChatCompletion();
    expect(final.usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 7 });
    return final.choices[0]?.message.content ?? '';
  },
  ...Object.fromEntries(
    (['anthropic', 'chat', 'responses', 'compatible'] as const).map((name) => [
      `ai ${name}`,
      async (host: RelayHost, stream: boolean) => {
        const at = { baseURL: `${host.url}/v1`, apiKey: host.key };
        const model = {
          anthropic: () => createAnthropic(at)('gpt/m'),
          chat: () => createOpenAI(at).chat('gpt/m'),
          responses: () => createOpenAI(at).responses('gpt/m'),
          compatible: () => createOpenAICompatible({ name: 'sluice', ...at }).chatModel('gpt/m'),
        }[name]();
        const ask = { model, prompt: 'Say hello.', maxRetries: 0, maxOutputTokens: 500 };
        if (!stream) return (await generateText(ask)).text;
        let text = '';
        const streamed = streamText(ask);
        for await (const part of streamed.textStream) text += part;
        expect(await streamed.finishReason).toBe('stop');
        return text;
      },
    ]),
  ),
};

describe('an upstream that has responses alone', () => {
  it('[E11-01][E11-07] answers each client, and its missing address is tried once', async () => {
    const host = await startRelayHost();
    host.gpt.handle(onlyResponses());
    for (const [name, ask] of Object.entries(CLIENTS)) {
      for (const stream of [false, true]) expect(await ask(host, stream), `${name}, ${stream}`).toBe('Hello there.');
    }
    const asked = Object.keys(CLIENTS).length * 2;
    expect(pathsOf(host)).toEqual([CHAT, ...Array.from({ length: asked }, () => RESPONSES)]);
    for (const { json, headers } of host.gpt.requests.slice(1)) {
      expect(json).toMatchObject({ model: 'm', input: [{ role: 'user' }] });
      expect(headers.authorization).toBe(`Bearer ${host.secrets.gpt}`);
      expect(headers).not.toHaveProperty('anthropic-version');
    }
    const calls = await host.booked(asked);
    expect(calls).toHaveLength(asked);
    for (const call of calls) expect(call).toMatchObject({ outcome: 'completed', inputTokens: 11, outputTokens: 7 });
  });

  it.each<[string, Missing]>([
    [
      '404 in OpenAI’s words',
      (it) =>
        sendJson(it, 404, {
          error: { message: `Invalid URL (POST ${CHAT})`, type: 'invalid_request_error', param: null, code: null },
        }),
    ],
    ['405', (it) => it.writeHead(405, { allow: 'GET' }).end()],
    ['501', (it) => it.writeHead(501, { 'content-type': 'text/html' }).end('<html>Unsupported method</html>')],
    [
      'a web page',
      (it) => it.writeHead(404, { 'content-type': 'text/html' }).end('<!doctype html><h1>Nothing here</h1>'),
    ],
    ['a text', (it) => it.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found')],
    ['200 in LM Studio’s words', (it) => sendJson(it, 200, { error: `Unexpected endpoint or method. (POST ${CHAT})` })],
  ])('[E11-07] is found out by %s', async (_how, missing) => {
    const host = await startRelayHost();
    host.gpt.handle(onlyResponses(hello, missing));
    for (let round = 0; round < 2; round++) expect(await CLIENTS['openai']?.(host, false)).toBe('Hello there.');
    expect(pathsOf(host)).toEqual([CHAT, RESPONSES, RESPONSES]);
  });

  it('[E11-07] a profile with another address is asked anew', async () => {
    const host = await startRelayHost();
    host.gpt.handle(onlyResponses());
    await CLIENTS['openai']?.(host, false);
    const other = await startRawUpstream(either(wholeChat('Hello there.'), chatFrames('Hello there.')));
    const { profiles } = await host.ask<{ profiles: { id: string; name: string }[] }>('profiles.list', {});
    const id = profiles.find(({ name }) => name === 'gpt')?.id;
    await host.ask('profiles.update', { id, baseUrl: other.url });
    await host.addKey('gpt', 'sk-secret-of-the-other-address-0123');
    expect(await CLIENTS['openai']?.(host, false)).toBe('Hello there.');
    expect(other.requests.map(({ url }) => url)).toEqual([CHAT]);
    expect(pathsOf(host)).toEqual([CHAT, RESPONSES]);
  });

  it('[E11-07] one that has chat completions from now on is spoken to in them', async () => {
    const host = await startRelayHost();
    host.gpt.handle(onlyResponses());
    await CLIENTS['openai']?.(host, false);
    host.gpt.handle((request, response) =>
      request.url === CHAT ? sendJson(response, 200, wholeChat('Hello there.')) : NOT_FOUND(response),
    );
    for (let round = 0; round < 2; round++) expect(await CLIENTS['openai']?.(host, false)).toBe('Hello there.');
    expect(pathsOf(host)).toEqual([CHAT, RESPONSES, RESPONSES, CHAT, CHAT]);
  });

  it('[E11-07] the window’s own conversations go on with it', async () => {
    const host = await startRelayHost();
    host.gpt.handle(onlyResponses());
    await host.client.threads.create({ threadId: 't' });
    for (const said of ['One?', 'Two?']) {
      const values = (await host.client.runs.wait('t', 'gpt', { input: human(said) })) as {
        messages: { type: string; content: string }[];
      };
      expect(values.messages.at(-1)).toMatchObject({ type: 'ai', content: 'Hello there.' });
    }
    const [missing, ...asked] = host.gpt.requests;
    expect(missing?.url).toBe(CHAT);
    expect(new Set(asked.map(({ url }) => url))).toEqual(new Set([RESPONSES]));
    const second = asked.find(({ bytes }) => bytes.includes('Two?'));
    expect(second?.json).toMatchObject({
      model: 'own',
      stream: true,
      store: false,
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'One?' }] },
        { role: 'assistant', content: 'Hello there.' },
        { role: 'user', content: [{ type: 'input_text', text: 'Two?' }] },
      ],
    });
  });
});

describe('a refusal that is not about the address', () => {
  it.each([
    [
      'OpenAI',
      404,
      {
        error: {
          message: 'The model `m` does not exist or you do not have access to it.',
          type: 'invalid_request_error',
          param: null,
          code: 'model_not_found',
        },
      },
    ],
    ['OpenRouter', 404, { error: { message: 'No endpoints found for m.', code: 404 } }],
    [
      'vLLM',
      404,
      { object: 'error', message: 'The model `m` does not exist.', type: 'NotFoundError', param: null, code: 404 },
    ],
    [
      'Ollama',
      404,
      { error: { message: 'model "m" not found, try pulling it first', type: 'api_error', param: null, code: null } },
    ],
    [
      'Azure',
      404,
      { error: { code: 'DeploymentNotFound', message: 'The API deployment for this resource does not exist.' } },
    ],
  ])('[E11-07] of a model that %s does not have is passed on, and asked once', async (_who, status, body) => {
    const host = await startRelayHost();
    host.gpt.handle((_request, response) => sendJson(response, status, body));
    for (let round = 0; round < 2; round++) {
      const refused = await caught(openaiOf(host).chat.completions.create({ model: 'gpt/m', messages }));
      expect(refused).toBeInstanceOf(OpenAI.NotFoundError);
      const theirs = await caught(anthropicOf(host).messages.create({ model: 'gpt/m', max_tokens: 9, messages }));
      expect(theirs).toBeInstanceOf(Anthropic.NotFoundError);
    }
    expect(pathsOf(host)).toEqual(Array.from({ length: 4 }, () => CHAT));
  });

  it('[E11-07] of an answer that is kept no more leaves a server with responses one', async () => {
    const host = await startRelayHost();
    const lost = {
      error: { message: "Item with id 'rs_1' not found.", type: 'invalid_request_error', param: 'input' },
    };
    host.gpt.handle((request, response) =>
      request.bytes.includes('rs_1') ? sendJson(response, 404, lost) : sendJson(response, 200, wholeResponse('Yes.')),
    );
    const client = openaiOf(host);
    const input = [{ type: 'item_reference' as const, id: 'rs_1' }];
    expect(await caught(client.responses.create({ model: 'gpt/m', input }))).toBeInstanceOf(OpenAI.NotFoundError);
    expect((await client.responses.create({ model: 'gpt/m', input: 'x' })).output_text).toBe('Yes.');
    expect(pathsOf(host)).toEqual([RESPONSES, RESPONSES]);
  });

  it('[E11-07] where neither address is there, the first one’s words are told, and nothing is learned', async () => {
    const host = await startRelayHost();
    host.gpt.handle((request, response) =>
      sendJson(response, 404, { error: { message: `Invalid URL (POST ${request.url})` } }),
    );
    for (let round = 0; round < 2; round++) {
      const refused = await caught(openaiOf(host).chat.completions.create({ model: 'gpt/m', messages }));
      expect(String(refused)).toContain(`Invalid URL (POST ${CHAT})`);
    }
    expect(pathsOf(host)).toEqual([CHAT, RESPONSES, CHAT, RESPONSES]);
    host.gpt.handle(either(wholeChat('Hello there.'), chatFrames('Hello there.')));
    expect(await CLIENTS['openai']?.(host, false)).toBe('Hello there.');
    expect(pathsOf(host).at(-1)).toBe(CHAT);
  });

  it('[E11-07] a model that OpenAI has in responses alone is asked there, and the others are not', async () => {
    const host = await startRelayHost();
    const message = 'This model is only supported in v1/responses and not in v1/chat/completions.';
    host.gpt.handle((request, response) => {
      if (request.url === RESPONSES) return sendJson(response, 200, wholeResponse('Hello there.'));
      if (request.json['model'] === 'm') return sendJson(response, 200, wholeChat('Hello there.'));
      return sendJson(response, 404, { error: { message, type: 'invalid_request_error', param: 'model', code: null } });
    });
    const ask = (model: string) => openaiOf(host).chat.completions.create({ model, messages });
    for (const model of ['gpt/o-pro', 'gpt/o-pro', 'gpt/m', 'gpt/o-pro']) {
      expect((await ask(model)).choices[0]?.message.content).toBe('Hello there.');
    }
    expect(pathsOf(host)).toEqual([CHAT, RESPONSES, RESPONSES, CHAT, RESPONSES]);
  });
});

describe('what a responses upstream says, to clients of other protocols', () => {
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const begun = responseFrames('').slice(0, 3);
  const event = (data: { type: string } & Record<string, unknown>) => sse(data, data.type);
  const ended = (type: string, fields: object) => event({ type, response: { ...wholeResponse('Half'), ...fields } });
  const half = event({ type: 'response.output_text.delta', ...place, delta: 'Half', logprobs: [] });
  const cut = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  const filtered = { status: 'incomplete', incomplete_details: { reason: 'content_filter' } };

  it.each([
    ['a limit', cut, 'max_tokens', 'length'],
    ['a filter', filtered, 'refusal', 'content_filter'],
  ])('[E11-03] an end by %s has its name in each protocol', async (_why, fields, stopReason, finishReason) => {
    const host = await startRelayHost();
    host.gpt.handle(
      onlyResponses(
        either({ ...wholeResponse('Half'), ...fields }, [...begun, half, ended('response.incomplete', fields)]),
      ),
    );
    const ask = { model: 'gpt/m', max_tokens: 100, messages };
    const theirs = [
      await anthropicOf(host).messages.create(ask),
      await anthropicOf(host).messages.stream(ask).finalMessage(),
    ];
    for (const message of theirs) expect(message.stop_reason).toBe(stopReason);
    const chat = openaiOf(host).chat.completions;
    const whole = await chat.create({ model: 'gpt/m', messages });
    expect(whole.choices[0]).toMatchObject({ finish_reason: finishReason, message: { content: 'Half' } });
    const reasons: unknown[] = [];
    for await (const part of await chat.create({ model: 'gpt/m', messages, stream: true })) {
      reasons.push(part.choices[0]?.finish_reason);
    }
    expect(reasons.filter((reason) => reason != null)).toEqual([finishReason]);
  });

  it('[E11-03] a refusal is one, whole and streamed', async () => {
    const host = await startRelayHost();
    const said = { type: 'refusal', refusal: 'I will not.' };
    const item = { id: 'msg_1', type: 'message', status: 'completed', role: 'assistant', content: [said] };
    const whole = { ...wholeResponse(''), output: [item] };
    host.gpt.handle(
      onlyResponses(
        either(whole, [
          ...begun,
          event({ type: 'response.content_part.added', ...place, part: { ...said, refusal: '' } }),
          event({ type: 'response.refusal.delta', ...place, delta: 'I will not.' }),
          event({ type: 'response.refusal.done', ...place, refusal: 'I will not.' }),
          event({ type: 'response.output_item.done', output_index: 0, item }),
          event({ type: 'response.completed', response: whole }),
        ]),
      ),
    );
    const ask = { model: 'gpt/m', max_tokens: 100, messages };
    for (const message of [
      await anthropicOf(host).messages.create(ask),
      await anthropicOf(host).messages.stream(ask).finalMessage(),
    ]) {
      expect(message).toMatchObject({ stop_reason: 'refusal', content: [{ type: 'text', text: 'I will not.' }] });
    }
    const chat = openaiOf(host).chat.completions;
    const asked = await chat.create({ model: 'gpt/m', messages });
    expect(asked.choices[0]?.message).toMatchObject({ content: null, refusal: 'I will not.' });
    let refusal = '';
    for await (const part of await chat.create({ model: 'gpt/m', messages, stream: true })) {
      refusal += part.choices[0]?.delta.refusal ?? '';
    }
    expect(refusal).toBe('I will not.');
  });

  it.each([
    [
      'response.failed',
      ended('response.failed', { status: 'failed', error: { code: 'server_error', message: 'It broke.' } }),
    ],
    ['error', event({ type: 'error', code: 'server_error', message: 'It broke.', param: null })],
    ['a cut', ''],
  ])(
    '[E11-02][BUG-D8] %s in the middle is an error of the client’s protocol, and no end follows it',
    async (what, last) => {
      const host = await startRelayHost();
      host.gpt.handle(onlyResponses((_request, response) => play(response, [...begun, half, last])));
      const words = what === 'a cut' ? 'cut before the answer' : 'It broke.';
      const stream = anthropicOf(host).messages.stream({ model: 'gpt/m', max_tokens: 100, messages });
      const types: string[] = [];
      stream.on('streamEvent', ({ type }) => types.push(type));
      const failed = await caught(stream.finalMessage());
      expect(failed).toBeInstanceOf(Anthropic.APIError);
      expect(String(failed)).toContain(words);
      expect(types).not.toContain('message_stop');
      let text = '';
      const chat = await openaiOf(host).chat.completions.create({ model: 'gpt/m', messages, stream: true });
      const broken = await caught(
        (async () => {
          for await (const part of chat) text += part.choices[0]?.delta.content ?? '';
        })(),
      );
      expect(text).toBe('Half');
      expect(broken).toBeInstanceOf(OpenAI.APIError);
      expect(String(broken)).toContain(words);
      for (const call of await host.booked(2)) expect(call.outcome).toBe('failed');
    },
  );

  it('[E11-01][E11-03] thinking is shown, and what OpenAI encrypted comes back to it from both kinds of client', async () => {
    const host = await startRelayHost();
    const reasoning = {
      id: 'rs_1',
      type: 'reasoning',
      summary: [
        { type: 'summary_text', text: 'First.' },
        { type: 'summary_text', text: 'Then.' },
      ],
      encrypted_content: 'gAAAA-sealed',
    };
    const whole = { ...wholeResponse('Yes.') };
    whole['output'] = [reasoning, ...(whole['output'] as unknown[])];
    host.gpt.handle(onlyResponses((_request, response) => sendJson(response, 200, whole)));
    const client = anthropicOf(host);
    const thinking = { type: 'enabled' as const, budget_tokens: 2048 };
    const ask = { model: 'gpt/gpt-5', max_tokens: 4096, thinking };
    const first = await client.messages.create({ ...ask, messages });
    expect(first.content).toMatchObject([
      { type: 'thinking', thinking: 'First.\n\nThen.' },
      { type: 'text', text: 'Yes.' },
    ]);
    await client.messages.create({
      ...ask,
      messages: [...messages, { role: 'assistant', content: first.content }, { role: 'user', content: 'And?' }],
    });
    const sent = host.gpt.requests.at(-1)?.json;
    expect(sent).toMatchObject({
      reasoning: { summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      store: false,
    });
    expect((sent?.['input'] as object[])[1]).toEqual(reasoning);
  });

  it('[E11-01] what was encrypted for another key is left out where OpenAI cannot read it, and asked once more', async () => {
    const host = await startRelayHost();
    const reasoning = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'gAAAA-of-another' };
    const whole = { ...wholeResponse('Yes.') };
    whole['output'] = [reasoning, ...(whole['output'] as unknown[])];
    const error = { message: 'The encrypted content could not be verified.', code: 'invalid_encrypted_content' };
    host.gpt.handle(
      onlyResponses((request, response) =>
        request.bytes.includes('gAAAA-of-another')
          ? sendJson(response, 400, { error })
          : sendJson(response, 200, whole),
      ),
    );
    const ask = { model: 'gpt/gpt-5', max_tokens: 4096, thinking: { type: 'enabled' as const, budget_tokens: 2048 } };
    const first = await anthropicOf(host).messages.create({ ...ask, messages });
    const second = await anthropicOf(host).messages.create({
      ...ask,
      messages: [...messages, { role: 'assistant', content: first.content }, { role: 'user', content: 'And?' }],
    });
    expect(second.content.at(-1)).toMatchObject({ text: 'Yes.' });
    const inputs = host.gpt.requests.slice(-2).map(({ json }) => json['input'] as { type: string }[]);
    expect(inputs.map((input) => input.map(({ type }) => type))).toEqual([
      ['message', 'reasoning', 'message', 'message'],
      ['message', 'message', 'message'],
    ]);
  });

  it('[E11-07] pictures, documents, tools, schemas and limits arrive in the words of responses', async () => {
    const host = await startRelayHost();
    host.gpt.handle(onlyResponses((_request, response) => sendJson(response, 200, wholeResponse('{"city":"Rome"}'))));
    const data = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const schema = {
      type: 'object' as const,
      properties: { city: { type: 'string' as const } },
      required: ['city'],
      additionalProperties: false,
    };
    const content = [
      { type: 'input_image', image_url: `data:image/png;base64,${data}` },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQK' },
      { type: 'input_text', text: 'Where?' },
    ];
    const tool = { type: 'function', name: 'look', description: 'd', parameters: schema };
    await anthropicOf(host).messages.create({
      model: 'gpt/m',
      max_tokens: 300,
      system: 'Be brief.',
      tools: [{ name: 'look', description: 'd', input_schema: schema }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      output_config: { format: { type: 'json_schema', schema } },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
            {
              type: 'document',
              title: 'a.pdf',
              source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQK' },
            },
            { type: 'text', text: 'Where?' },
          ],
        },
      ],
    });
    const format = { type: 'json_schema', schema };
    const common = {
      instructions: 'Be brief.',
      tool_choice: 'required',
      parallel_tool_calls: false,
      max_output_tokens: 300,
      text: { format },
    };
    expect(host.gpt.requests.at(-1)?.json).toMatchObject({
      ...common,
      tools: [tool],
      input: [{ role: 'user', content: content.map((part) => expect.objectContaining(part) as unknown) }],
    });
    const answer = await openaiOf(host).chat.completions.parse({
      model: 'gpt/m',
      max_completion_tokens: 300,
      parallel_tool_calls: false,
      tool_choice: 'required',
      tools: [{ type: 'function', function: { name: 'look', description: 'd', parameters: schema, strict: true } }],
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } },
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQK' } },
            { type: 'text', text: 'Where?' },
          ],
        },
      ],
    });
    expect(answer.choices[0]?.message.content).toBe('{"city":"Rome"}');
    expect(host.gpt.requests.at(-1)?.json).toMatchObject({
      ...common,
      text: { format: { ...format, name: 'place', strict: true } },
      tools: [{ ...tool, strict: true }],
      input: [{ role: 'user', content: content.map((part) => expect.objectContaining(part) as unknown) }],
    });
    const at = { baseURL: `${host.url}/v1`, apiKey: host.key };
    for (const model of [createAnthropic(at)('gpt/claude-sonnet-4-5'), createOpenAI(at).chat('gpt/m')]) {
      const output = Output.object({ schema: jsonSchema<{ city: string }>(schema) });
      const asked = await generateText({ model, prompt: 'Where?', maxRetries: 0, output });
      expect(asked.output).toEqual({ city: 'Rome' });
      expect(JSON.stringify(host.gpt.requests.at(-1)?.json['text'])).toContain('"additionalProperties":false');
    }
  });

  it('[E11-07] what responses cannot be told is named as the client knows it', async () => {
    const host = await startRelayHost();
    host.gpt.handle(onlyResponses());
    const leftOut = async (path: string, more: object) => {
      const answer = await host.post(path, { model: 'gpt/gpt-4o', messages, ...more });
      expect(answer.status).toBe(200);
      return answer.headers.get('x-sluice-left-out')?.split(', ').sort();
    };
    const thinking = { type: 'enabled', budget_tokens: 2048 };
    expect(await leftOut('/v1/messages', { max_tokens: 4096, stop_sequences: ['a'], top_k: 3, thinking })).toEqual([
      'stop_sequences',
      'thinking',
      'top_k',
    ]);
    expect(await leftOut(CHAT, { max_tokens: 5, stop: 'a', reasoning_effort: 'high', logprobs: true })).toEqual([
      'logprobs',
      'max_tokens',
      'reasoning_effort',
      'stop',
    ]);
  });

  it('[E11-07] a program that leaves stops the upstream', async () => {
    const host = await startRelayHost();
    host.gpt.handle(
      onlyResponses((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write([...begun, half].join(''));
      }),
    );
    const stream = anthropicOf(host).messages.stream({ model: 'gpt/m', max_tokens: 100, messages });
    stream.on('text', () => stream.abort());
    await expect(stream.finalMessage()).rejects.toThrow();
    await host.gpt.requests.find(({ url }) => url === RESPONSES)?.left;
    expect((await host.booked(1))[0]?.outcome).toBe('stopped');
  });

  it('[E11-06] its refusals keep their status and class, also the one that found it out', async () => {
    const host = await startRelayHost();
    const error = { message: 'Your input exceeds the context window of this model.', code: 'context_length_exceeded' };
    host.gpt.handle(onlyResponses((_request, response) => sendJson(response, 400, { error })));
    const ask = { model: 'gpt/m', max_tokens: 100, messages };
    for (let round = 0; round < 2; round++) {
      const full = await caught(anthropicOf(host).messages.create(ask));
      expect(full).toBeInstanceOf(Anthropic.BadRequestError);
      expect(String(full)).toContain('prompt is too long');
    }
    expect(pathsOf(host)).toEqual([CHAT, RESPONSES, RESPONSES]);
  });
});
