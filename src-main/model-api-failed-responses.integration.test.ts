import { createOpenAI } from '@ai-sdk/openai';
import { streamText } from 'ai';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { messageFrames, play, responseFrames, sse } from './testing/raw-upstream.ts';
import { type RelayHost, startRelayHost } from './testing/relay-host.ts';

// A responses stream that breaks: OpenAI’s SDKs throw at `error`, Codex reads only `response.failed`, Vercel’s `ai` either.

interface Told {
  type: string;
  sequence_number: number;
  code?: string;
  message?: string;
  response?: { id: string; status: string; error: { code: string; message: string } | null; output: unknown[] };
}

const BODY = { input: 'Say hello.', stream: true };

async function eventsOf(response: Response): Promise<Told[]> {
  return [...(await response.text()).matchAll(/^data: (\{.*)$/gm)].map(([, data = '']) => JSON.parse(data) as Told);
}

/** Both halves of a failure, numbered on, about the response that the stream began. */
function expectFailedOnce(events: Told[], id: string, words: RegExp): void {
  const [error, failed] = events.slice(-2);
  expect(error).toMatchObject({ type: 'error', message: expect.stringMatching(words) as unknown });
  expect(failed).toMatchObject({
    type: 'response.failed',
    response: { id, status: 'failed', error: { code: error?.code, message: error?.message } },
  });
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_event, index) => index));
  expect(events.filter(({ type }) => type === 'error')).toHaveLength(1);
  expect(events.map(({ type }) => type)).not.toContain('response.completed');
}

const cutOpenAi = (host: RelayHost) =>
  host.gpt.handle((_request, response) => play(response, responseFrames('Hello there, friend.').slice(0, 6)));
const cutAnthropic = (host: RelayHost) =>
  host.claude.handle((_request, response) => play(response, messageFrames('Hello there, friend.').slice(0, 5)));

describe.each([
  ['OpenAI’s own protocol', 'gpt/m', cutOpenAi, 'resp_1'],
  ['Anthropic’s', 'claude/m', cutAnthropic, 'resp_msg_1'],
] as const)('a stream of responses that is cut, out of %s', (_name, model, cut, id) => {
  it('[E11-02][BUG-D8] is told as an error, and its response as failed', async () => {
    const host = await startRelayHost();
    cut(host);
    const events = await eventsOf(await host.post('/v1/responses', { model, ...BODY }));
    expectFailedOnce(events, id, /cut before the answer was complete/);
  });

  it('[E11-07][BUG-D8] raises in openai, with our words, also where only its events are read', async () => {
    const host = await startRelayHost();
    cut(host);
    const client = new OpenAI({ baseURL: `${host.url}/v1`, apiKey: host.key, maxRetries: 0 });
    const read = async () => {
      const stream = await client.responses.create({ model, input: 'Say hello.', stream: true });
      for await (const _event of stream);
    };
    await expect(read()).rejects.toThrow(/cut before the answer/);
    const final = client.responses.stream({ model, input: 'Say hello.' }).finalResponse();
    await expect(final).rejects.toThrow(/cut before the answer/);
  });

  it('[E11-07][BUG-D8] ends with an error in ai, told once', async () => {
    const host = await startRelayHost();
    cut(host);
    const provider = createOpenAI({ baseURL: `${host.url}/v1`, apiKey: host.key });
    const errors: unknown[] = [];
    const streamed = streamText({
      model: provider.responses(model),
      prompt: 'Say hello.',
      maxRetries: 0,
      onError: ({ error }) => {
        errors.push(error);
      },
    });
    let text = '';
    for await (const part of streamed.textStream) text += part;
    expect(text).toMatch(/^Hello /);
    expect(errors.map(String)).toEqual([expect.stringMatching(/cut before the answer/)]);
    expect(await streamed.finishReason).toBe('error');
  });
});

it('[E11-02][BUG-D8] an error of Anthropic’s within a stream fails the response that a program was told of', async () => {
  const host = await startRelayHost();
  host.claude.handle((_request, response) =>
    play(response, [
      ...messageFrames('Hello there, friend.').slice(0, 5),
      sse({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'error'),
    ]),
  );
  const events = await eventsOf(await host.post('/v1/responses', { model: 'claude/m', ...BODY }));
  expectFailedOnce(events, 'resp_msg_1', /Overloaded/);
});

it('[E11-02] both halves of OpenAI’s own failure go through, though they come apart', async () => {
  const host = await startRelayHost();
  const begun = responseFrames('Hello there, friend.').slice(0, 5);
  const error = { type: 'server_error', code: 'server_error', message: 'It broke.', param: null };
  const own = [
    ...begun,
    sse({ type: 'error', error, sequence_number: 5 }, 'error'),
    sse(
      { type: 'response.failed', sequence_number: 6, response: { id: 'resp_1', status: 'failed', error } },
      'response.failed',
    ),
  ];
  host.gpt.handle((_request, response) => play(response, own));
  const answer = await host.post('/v1/responses', { model: 'gpt/m', ...BODY });
  expect(await answer.text()).toBe(own.join(''));
  expect((await host.booked(1))[0]).toMatchObject({ outcome: 'failed' });
});

it('[E11-02] an upstream that says its error and nothing more keeps nobody waiting', async () => {
  const host = await startRelayHost();
  const own = [
    ...responseFrames('Hello there, friend.').slice(0, 5),
    sse({ type: 'error', code: 'server_error', message: 'It broke.', param: null, sequence_number: 5 }, 'error'),
  ];
  host.gpt.handle((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(own.join(''));
  });
  const answer = await host.post('/v1/responses', { model: 'gpt/m', ...BODY });
  expect(await answer.text()).toBe(own.join(''));
});
