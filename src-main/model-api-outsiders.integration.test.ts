import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import {
  chatFrames,
  messageFrames,
  play,
  responseFrames,
  sendJson,
  sse,
  wholeChat,
  wholeMessage,
} from './testing/raw-upstream.ts';
import { type RelayHost, startRelayHost } from './testing/relay-host.ts';

// What an examiner from outside stumbled over, each with the program or the bytes that showed it.

const QUESTION = { max_tokens: 1024, messages: [{ role: 'user' as const, content: 'Weather in Oslo?' }] };
const call = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } };

/** An OpenAI upstream that calls the tool once, then answers. */
function callsOnce(host: RelayHost): void {
  host.gpt.handle((request, response) => {
    const messages = request.json['messages'] as { role: string }[];
    const isAnswered = messages.some(({ role }) => role === 'tool');
    if (request.json['stream'] !== true) {
      const called = wholeChat('');
      (called['choices'] as unknown[])[0] = {
        index: 0,
        message: { role: 'assistant', content: null, tool_calls: [call] },
        finish_reason: 'tool_calls',
      };
      return sendJson(response, 200, isAnswered ? wholeChat('It rains.') : called);
    }
    const piece = (delta: unknown, finish_reason: string | null = null) =>
      sse({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta, finish_reason }] });
    const calls = [piece({ role: 'assistant', tool_calls: [{ index: 0, ...call }] }), piece({}, 'tool_calls')];
    return play(response, isAnswered ? chatFrames('It rains.') : [...calls, sse('[DONE]')]);
  });
}

describe('threads, which the SDK’s tool runner begins unasked', () => {
  it.each([false, true])(
    '[E11-01] run tools before an upstream that keeps no conversation, streamed: %s',
    async (stream) => {
      const host = await startRelayHost();
      callsOnce(host);
      const client = new Anthropic({ baseURL: host.url, apiKey: host.key, maxRetries: 0 });
      const asked: unknown[] = [];
      const weather = betaTool({
        name: 'get_weather',
        description: 'The weather.',
        inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        run: (input) => {
          asked.push(input);
          return 'rain';
        },
      });
      const last = await client.beta.messages.toolRunner({ ...QUESTION, model: 'gpt/m', tools: [weather], stream });
      expect(last.content).toMatchObject([{ type: 'text', text: 'It rains.' }]);
      expect(asked).toEqual([{ city: 'Oslo' }]);
      // The second turn reached it with all of the conversation and with the tools, and nothing was asked twice.
      expect(host.gpt.requests).toHaveLength(2);
      expect(host.gpt.requests[1]?.json).toMatchObject({
        messages: [
          { role: 'user', content: 'Weather in Oslo?' },
          { role: 'assistant', tool_calls: [{ id: 'call_1' }] },
          { role: 'tool', tool_call_id: 'call_1', content: 'rain' },
        ],
        tools: [{ function: { name: 'get_weather' } }],
      });
      expect(host.gpt.requests[1]?.json).not.toHaveProperty('thread');
    },
  );

  it('[E11-06] are told of as not found by the name that clients act on, and nothing is spent', async () => {
    const host = await startRelayHost();
    const thread = { type: 'continue', previous_message_id: 'msg_1' };
    const answer = await host.post('/v1/messages', { ...QUESTION, model: 'gpt/m', thread });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      type: 'error',
      error: { type: 'not_found_error', details: { error_code: 'thread_not_found' } },
    });
    expect(host.gpt.requests).toHaveLength(0);
  });

  it('[E11-01] go through to Anthropic, also a turn that goes on without a message', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) => sendJson(response, 200, wholeMessage('On it goes.')));
    const thread = { type: 'continue', previous_message_id: 'msg_1' };
    const body = (model: string) => JSON.stringify({ model, max_tokens: 9, messages: [], thread });
    expect((await host.post('/v1/messages', body('claude/m'))).status).toBe(200);
    expect(host.claude.requests[0]?.bytes.toString()).toBe(body('m'));
    expect((await host.post('/v1/messages', { model: 'claude/m', max_tokens: 9, messages: [] })).status).toBe(400);
  });
});

describe('a stream whose upstream leaves the last blank line out', () => {
  const STREAMS = [
    ['/v1/messages', 'claude', messageFrames('Hello there.')],
    ['/v1/chat/completions', 'gpt', chatFrames('Hello there.')],
    ['/v1/responses', 'gpt', responseFrames('Hello there.')],
  ] as const;
  const body = { ...QUESTION, input: 'Hi', stream: true };

  it.each(STREAMS)(
    '[E11-02] %s of %s goes through to its last byte, and is complete',
    async (path, profile, frames) => {
      const host = await startRelayHost();
      for (const end of ['', '\n', '\r\n']) {
        const text = frames.join('').trimEnd() + end;
        host[profile].handle((_request, response) => play(response, [text]));
        const answer = await host.post(path, { model: `${profile}/m`, ...body });
        expect(await answer.text()).toBe(text);
      }
      const booked = await host.booked(3);
      expect(booked.map(({ outcome }) => outcome)).toEqual(['completed', 'completed', 'completed']);
    },
  );

  it.each([
    ['/v1/messages', 'gpt', chatFrames('Hello there.'), /event: message_stop\n/],
    ['/v1/chat/completions', 'claude', messageFrames('Hello there.'), /data: \[DONE\]\n/],
  ] as const)('[E11-02] %s out of %s ends in its own way', async (path, profile, frames, end) => {
    const host = await startRelayHost();
    host[profile].handle((_request, response) => play(response, [frames.join('').trimEnd()]));
    const text = await (await host.post(path, { model: `${profile}/m`, ...body })).text();
    expect(text).toMatch(end);
    expect(text).not.toContain('error');
  });

  it.each(STREAMS)(
    '[E11-02][BUG-D8] half of the last frame is none: %s of %s is cut',
    async (path, profile, frames) => {
      const host = await startRelayHost();
      const text = frames.join('');
      // A chat answer is whole before its last line; what is cut there is the piece with the reason.
      const place = path === '/v1/chat/completions' ? text.indexOf('"stop"') : text.trimEnd().length - 3;
      host[profile].handle((_request, response) => play(response, [text.slice(0, place)]));
      const answer = await (await host.post(path, { model: `${profile}/m`, ...body })).text();
      expect(answer).toContain('cut before the answer was complete');
      expect((await host.booked(1))[0]).toMatchObject({ outcome: 'failed' });
    },
  );
});

describe('responses of another protocol’s upstream', () => {
  it('[E11-07] have all figures that the protocol demands, and name the answer they go on from', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) => sendJson(response, 200, wholeMessage('Hello.')));
    const client = new OpenAI({ baseURL: `${host.url}/v1`, apiKey: host.key, maxRetries: 0 });
    const first = await client.responses.create({ model: 'claude/m', input: 'Hi' });
    expect(first.usage).toMatchObject({
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    });
    const next = await client.responses.create({ model: 'claude/m', input: 'And?', previous_response_id: first.id });
    expect([first.previous_response_id, next.previous_response_id]).toEqual([null, first.id]);
  });

  it('[E11-06] say by OpenAI’s own code that an earlier answer is not kept', async () => {
    const host = await startRelayHost();
    const client = new OpenAI({ baseURL: `${host.url}/v1`, apiKey: host.key, maxRetries: 0 });
    const asked = client.responses.create({ model: 'claude/m', input: 'And?', previous_response_id: 'resp_gone' });
    await expect(asked).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
  });
});

it('[E10-15] OpenAI’s own word for overload moves a stream to another key before anything was shown', async () => {
  const host = await startRelayHost();
  await host.addKey('gpt', 'sk-another-of-the-pool-55555555555');
  const keys = new Set<string>();
  host.gpt.handle((request, response) => {
    keys.add(request.headers.authorization ?? '');
    const error = { message: 'Try later.', type: 'server_error', code: 'server_is_overloaded' };
    return play(response, keys.size === 1 ? [chatFrames('')[0] ?? '', sse({ error })] : chatFrames('Hello.'));
  });
  const text = await (await host.post('/v1/chat/completions', { ...QUESTION, model: 'gpt/m', stream: true })).text();
  expect(text).toContain('Hello.');
  expect(text).not.toContain('overloaded');
  expect(keys.size).toBe(2);
});

describe('what official clients keep to before they ask again', () => {
  it('[E11-06] is a moment where a connection broke: no key rests, and the next request goes through', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response, number) =>
      number === 1 ? response.destroy() : sendJson(response, 200, wholeMessage('Hello.')),
    );
    const broken = await host.post('/v1/messages', { ...QUESTION, model: 'claude/m' });
    expect([broken.status, broken.headers.get('x-should-retry')]).toEqual([502, 'true']);
    expect(Number(broken.headers.get('retry-after'))).toBeLessThanOrEqual(3);
    expect((await host.post('/v1/messages', { ...QUESTION, model: 'claude/m' })).status).toBe(200);
  });

  it('[E11-06] speaks of an upstream that is down, not of its address, where a page comes with 5xx', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) =>
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html><h1>502 Bad Gateway</h1></html>'),
    );
    const answer = await host.post('/v1/messages', { ...QUESTION, model: 'claude/m' });
    const { error } = (await answer.json()) as { error: { message: string } };
    expect(error.message).toContain('failed while it was answering (502)');
    expect(error.message).not.toContain('html');
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(3);
  });
});

describe('the list of models', () => {
  it('[E11-05] is cut into pages where Anthropic’s client asks for them', async () => {
    const host = await startRelayHost();
    const models = (_request: unknown, response: Parameters<typeof sendJson>[0]) =>
      sendJson(response, 200, { data: ['a', 'b', 'c'].map((id) => ({ id, type: 'model', object: 'model' })) });
    host.claude.handle(models);
    host.gpt.handle(models);
    const client = new Anthropic({ baseURL: host.url, apiKey: host.key, maxRetries: 0 });
    const whole = (await client.models.list()).data.map(({ id }) => id);
    expect(whole).toContain('claude/c');
    const first = await client.models.list({ limit: 2 });
    expect([first.data.length, first.has_more, first.last_id]).toEqual([2, true, whole[1]]);
    const ids: string[] = [];
    for await (const { id } of client.models.list({ limit: 2 })) ids.push(id);
    expect(ids).toEqual(whole);
    const before = await client.models.list({ limit: 2, before_id: whole[4] ?? '' });
    expect(before.data.map(({ id }) => id)).toEqual(whole.slice(2, 4));
    const wrong = client.models.list({ limit: 0 });
    await expect(wrong).rejects.toMatchObject({ status: 400 });
    // OpenAI's list has no pages.
    const all = await fetch(`${host.url}/v1/models`, { headers: { authorization: `Bearer ${host.key}` } });
    expect(((await all.json()) as { data: unknown[] }).data).toHaveLength(whole.length);
  });
});
