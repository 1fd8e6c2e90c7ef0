import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeUpstream } from '../../../../e2e/fake-upstream/fake-upstream.ts';
import { answer, endStream, frame, raw, stall, text, wait } from '../../../../e2e/fake-upstream/script.ts';
import { contextOf, eventsOf, rejectionOf, requestOf, SECRET, terminalOf, textOf } from '../../testing/calls.ts';
import type { UpstreamEvent } from '../../upstream-event.ts';
import { adapterFor } from '../registry.ts';
import { buildOpenAiRequest } from './build-request.ts';
import { OpenAiDecoder } from './decode-frame.ts';

const decoder = () => new OpenAiDecoder({ upstream: 'test', secret: SECRET, nowMs: 0 });
const data = (value: unknown) => ({
  event: null,
  id: null,
  data: typeof value === 'string' ? value : JSON.stringify(value),
});
const delta = (fields: object, finishReason: string | null = null) =>
  data({ choices: [{ index: 0, delta: fields, finish_reason: finishReason }] });

test('the request carries system, history, tools and their results in the protocol’s shape', () => {
  const call = { id: 'c1', type: 'function' as const, function: { name: 'ls', arguments: '{"path":"."}' } };
  const body = buildOpenAiRequest(
    requestOf({
      instructions: 'Be brief.',
      parameters: { reasoningEffort: 'low' },
      history: [
        { role: 'user', content: 'q', parts: null },
        { role: 'assistant', content: '', toolCalls: [call] },
        { role: 'tool', content: 'a.txt', toolCallId: 'c1', toolName: 'ls' },
        { role: 'assistant', content: 'one file', toolCalls: null },
      ],
    }),
  );
  expect(body).toEqual({
    model: 'test-model',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'q' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'a.txt' },
      { role: 'assistant', content: 'one file' },
      { role: 'user', content: 'hello' },
    ],
    stream: true,
    stream_options: { include_usage: true },
    reasoning_effort: 'low',
  });
  expect(buildOpenAiRequest(requestOf({ model: null }))).not.toHaveProperty('model');
});

describe('frames', () => {
  test('usage after the finish still counts', () => {
    const decode = decoder();
    decode.decode(delta({ content: 'a' }));
    expect(decode.decode(delta({}, 'length'))).toEqual([]);
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 4,
      total_tokens: 14,
      prompt_tokens_details: { cached_tokens: 6 },
      completion_tokens_details: { reasoning_tokens: 3 },
    };
    const normalised = {
      input_tokens: 10,
      output_tokens: 4,
      total_tokens: 14,
      cache_read_tokens: 6,
      cache_write_tokens: null,
      reasoning_tokens: 3,
    };
    expect(decode.decode(data({ choices: [], usage }))).toEqual([{ type: 'usage', usage: normalised }]);
    expect(decode.decode(data('[DONE]'))).toEqual([
      { type: 'completed', output: null, finishReason: 'length', usage: normalised },
    ]);
  });

  test('usage on every chunk loses no tool arguments', () => {
    const decode = decoder();
    const usage = { prompt_tokens: 1, completion_tokens: 1 };
    const chunk = (call: object) => data({ usage, choices: [{ index: 0, delta: { tool_calls: [call] } }] });
    decode.decode(chunk({ index: 0, id: 'x', function: { name: 'run', arguments: '{"cmd":' } }));
    decode.decode(chunk({ index: 0, function: { arguments: '"ls -la"}' } }));
    expect(decode.decode(delta({}, 'tool_calls'))).toEqual([
      { type: 'tool-start', callId: 'x', name: 'run', preview: 'ls -la', arguments: '{"cmd":"ls -la"}' },
    ]);
  });

  test('[BUG-D8] an empty reason is none: a stream that stops behind it was cut', () => {
    const decode = decoder();
    expect(decode.decode(delta({ content: 'Half an' }, ''))).toEqual([{ type: 'text', text: 'Half an' }]);
    expect(decode.end()).toMatchObject([{ type: 'failed', error: { code: 'upstream_lost' } }]);
  });

  test('[E2-09] growing arguments are told at doublings only', () => {
    const decode = decoder();
    let told: UpstreamEvent[] = decode.decode(
      delta({ tool_calls: [{ index: 0, id: 'x', function: { name: 'run' } }] }),
    );
    for (let part = 0; part < 10_000; part++) {
      told = told.concat(decode.decode(delta({ tool_calls: [{ index: 0, function: { arguments: 'abcd' } }] })));
    }
    expect(told.length).toBeLessThan(12);
  });

  test('calls without ids get one, so that their arguments find them', () => {
    const decode = decoder();
    const events = decode.decode(
      delta(
        { tool_calls: [{ function: { name: 'a', arguments: '{}' } }, { function: { name: 'b', arguments: '{}' } }] },
        'tool_calls',
      ),
    );
    expect(events.map((event) => event.type === 'tool-start' && [event.callId, event.name, event.arguments])).toEqual([
      ['call_0', 'a', null],
      ['call_1', 'b', null],
      ['call_0', 'a', '{}'],
      ['call_1', 'b', '{}'],
    ]);
  });

  test.each([
    ['reasoning_content', { reasoning_content: 'hm' }],
    ['reasoning', { reasoning: 'hm' }],
    ['a list of parts', { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] }],
  ])('[E2-06] thinking as %s ends with the first text', (_name, fields) => {
    const decode = decoder();
    expect(decode.decode(delta(fields))).toEqual([{ type: 'reasoning', text: 'hm' }]);
    expect(decode.decode(delta({ content: 'A' }))).toEqual([
      { type: 'reasoning-end', text: '' },
      { type: 'text', text: 'A' },
    ]);
    expect(decode.decode(delta({ content: 'B' }))).toEqual([{ type: 'text', text: 'B' }]);
  });

  test('other choices are not mixed into the answer', () => {
    const decode = decoder();
    expect(decode.decode(data({ choices: [{ index: 1, delta: { content: 'other' } }] }))).toEqual([]);
  });

  test('a finish reason is enough where the server forgets [DONE]', () => {
    const decode = decoder();
    decode.decode(delta({ content: 'a' }, 'stop'));
    expect(decode.end()).toMatchObject([{ type: 'completed', finishReason: 'stop' }]);
  });

  test('Hermes’ tool progress beside the protocol', () => {
    const progress = (status: string) => ({
      event: 'hermes.tool.progress',
      id: null,
      data: JSON.stringify({ tool: 'bash', label: 'ls', toolCallId: 't', status }),
    });
    const decode = decoder();
    expect(decode.decode(progress('running'))).toEqual([
      { type: 'tool-start', callId: 't', name: 'bash', preview: 'ls', arguments: null },
    ]);
    expect(decode.decode(progress('completed'))).toMatchObject([{ type: 'tool-end', callId: 't', name: 'bash' }]);
  });

  test('[BUG-D8] a finish reason of error is a failure', () => {
    expect(decoder().decode(delta({}, 'error'))).toMatchObject([{ type: 'failed', error: { code: 'upstream_error' } }]);
  });
});

describe('whole answers', () => {
  let fake: FakeUpstream;
  beforeEach(async () => {
    fake = await FakeUpstream.start();
  });
  afterEach(() => fake.close());
  const start = () => adapterFor('openai-chat').start(requestOf(), contextOf('openai-chat', fake.url));

  test('[BUG-D19] a proper completion without a stream is an answer', async () => {
    const message = {
      role: 'assistant',
      content: 'Hi.',
      reasoning_content: 'hm',
      tool_calls: [{ id: 't', function: { name: 'x', arguments: '{}' } }],
    };
    fake.next(
      answer(200, {
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage: { prompt_tokens: 1, completion_tokens: 2 },
      }),
    );
    const events = await eventsOf(await start());
    expect(textOf(events)).toBe('Hi.');
    expect(events.map((event) => event.type)).toEqual([
      'usage',
      'reasoning',
      'reasoning-end',
      'text',
      'tool-start',
      'tool-start',
      'completed',
    ]);
    expect(terminalOf(events)).toMatchObject({ finishReason: 'stop', usage: { total_tokens: 3 } });
  });

  test('a stream that its server calls plain text is a stream', async () => {
    fake.next({ steps: [text('Hi.')], contentType: 'text/plain; charset=utf-8' });
    expect(textOf(await eventsOf(await start()))).toBe('Hi.');
  });

  test('[BUG-D19] JSON without choices is none', async () => {
    fake.next(answer(200, { ok: true }));
    expect(await rejectionOf(start())).toMatchObject({ code: 'upstream_bad_response' });
  });

  test('an error envelope inside the stream ends it, whatever follows', async () => {
    fake.next([text('a'), frame({ error: { code: 'context_length_exceeded', message: 'too long' } }), text('b')]);
    const events = await eventsOf(await start());
    expect(textOf(events)).toBe('a');
    expect(terminalOf(events)).toMatchObject({ type: 'failed', error: { code: 'context_window_too_small' } });
  });

  test('a server that takes a moment to end after [DONE] is not cut off', async () => {
    fake.next([text('a'), raw('data: [DONE]\n\n'), wait(20), endStream()]);
    await eventsOf(await start());
    await vi.waitFor(() => expect(fake.openAnswers).toBe(0));
    expect(fake.recorder.aborts).toHaveLength(0);
  });

  test('a server that never ends after [DONE] is', async () => {
    fake.next([text('a'), raw('data: [DONE]\n\n'), stall()]);
    await eventsOf(await start());
    await vi.waitFor(() => expect(fake.recorder.aborts).toHaveLength(1));
  });

  test('nothing comes after [DONE]', async () => {
    fake.next([text('a'), raw('data: [DONE]\n\n'), text('b')]);
    expect(textOf(await eventsOf(await start()))).toBe('a');
  });
});
