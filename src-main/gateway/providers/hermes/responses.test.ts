import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RESPONSES } from '../../../../e2e/fake-upstream/capabilities.ts';
import { FakeUpstream } from '../../../../e2e/fake-upstream/fake-upstream.ts';
import {
  answer,
  finish,
  raw,
  reasoning,
  type Script,
  type Step,
  text,
  toolEnd,
  toolStart,
} from '../../../../e2e/fake-upstream/script.ts';
import { contextOf, eventsOf, reasoningOf, requestOf, terminalOf, textOf } from '../../testing/calls.ts';
import type { UpstreamRequest } from '../../upstream-adapter.ts';
import type { UpstreamEvent } from '../../upstream-event.ts';
import { adapterFor } from '../registry.ts';
import { ResponseDecoder } from './decode-response.ts';
import { readCapabilities } from './read-capabilities.ts';

let fake: FakeUpstream;

beforeEach(async () => {
  fake = await FakeUpstream.start();
});

afterEach(() => fake.close());

const said = async (script: Script | Step[], request: Partial<UpstreamRequest> = {}) => {
  fake.next(script);
  const context = contextOf('hermes', fake.url, { capabilities: readCapabilities(RESPONSES) });
  return eventsOf(await adapterFor('hermes').start(requestOf(request), context));
};

/** Events as the wire has them, through the decoder alone. */
const decoded = (...events: object[]): UpstreamEvent[] => {
  const decoder = new ResponseDecoder({ upstream: 'test', secret: null, nowMs: 0 });
  return events.flatMap((event) => decoder.decode({ event: null, id: null, data: JSON.stringify(event) }));
};

describe('[decision 14] the responses surface', () => {
  test('[E9-05] sends our history, keeps nothing there, and goes to no other address', async () => {
    await said([text('ok')], {
      runId: 'our-run',
      instructions: 'Be brief.',
      parameters: { reasoningEffort: 'low' },
      history: [
        { role: 'user', content: 'q1', parts: null },
        { role: 'tool', content: 'a.txt', toolCallId: 'c', toolName: 'ls' },
        { role: 'assistant', content: 'a1', toolCalls: null },
      ],
    });
    expect(fake.requests.map((sent) => `${sent.method} ${sent.path}`)).toEqual(['POST /v1/responses']);
    expect(fake.requests[0]?.body).toEqual({
      input: 'hello',
      conversation_history: [
        { role: 'user', content: 'q1' },
        { role: 'user', content: '[Tool result: ls]\na.txt' },
        { role: 'assistant', content: 'a1' },
      ],
      instructions: 'Be brief.',
      model: 'test-model',
      reasoning: { effort: 'low' },
      store: false,
      stream: true,
    });
    expect(fake.requests[0]?.headers['idempotency-key']).toBe('our-run');
  });

  test('[E2-08] tools have ids, arguments and outputs', async () => {
    const events = await said([
      reasoning('hm'),
      text('Looking.'),
      toolStart('bash', { id: 'c1', arguments: '{"cmd":"ls"}' }),
      toolStart('bash', { id: 'c2', arguments: '{"cmd":"pwd"}' }),
      toolEnd('bash', { id: 'c2', output: '/tmp' }),
      toolEnd('bash', { id: 'c1', output: 'no', isError: true }),
      text('Done.'),
      finish({ usage: { input: 5, output: 7, cacheRead: 2, reasoning: 1 } }),
    ]);
    expect(events.filter((event) => event.type.startsWith('tool'))).toEqual([
      { type: 'tool-start', callId: 'c1', name: 'bash', preview: 'ls', arguments: '{"cmd":"ls"}' },
      { type: 'tool-start', callId: 'c2', name: 'bash', preview: 'pwd', arguments: '{"cmd":"pwd"}' },
      { type: 'tool-end', callId: 'c2', name: 'bash', durationSeconds: null, isError: false, output: '/tmp' },
      { type: 'tool-end', callId: 'c1', name: 'bash', durationSeconds: null, isError: true, output: 'no' },
    ]);
    expect(reasoningOf(events)).toBe('hm');
    expect(events.findIndex((event) => event.type === 'reasoning-end')).toBeLessThan(
      events.findIndex((event) => event.type === 'text'),
    );
    expect(textOf(events)).toBe('Looking.Done.');
    expect(terminalOf(events)).toMatchObject({
      type: 'completed',
      output: 'Looking.\n\nDone.',
      usage: { input_tokens: 5, output_tokens: 7, total_tokens: 12, cache_read_tokens: 2, reasoning_tokens: 1 },
    });
  });

  test('an early end says why', async () => {
    const events = await said([text('a'), finish({ reason: 'max_output_tokens' })]);
    expect(terminalOf(events)).toMatchObject({ type: 'completed', finishReason: 'length' });
  });

  test('a word of another protocol after the end changes nothing', async () => {
    const events = await said([raw('data: [DONE]\n\n'), text('a')]);
    expect(textOf(events)).toBe('a');
    expect(terminalOf(events).type).toBe('completed');
  });

  test('an answer that came whole is the same answer', async () => {
    const body = {
      id: 'r',
      status: 'completed',
      output: [
        { id: 'i0', type: 'reasoning', content: [{ type: 'reasoning_text', text: 'hm' }] },
        { id: 'i1', type: 'function_call', name: 'ls', call_id: 'c', arguments: '{"path":"."}' },
        { id: 'i2', type: 'function_call_output', call_id: 'c', output: [{ type: 'input_text', text: 'x' }] },
        { id: 'i3', type: 'message', content: [{ type: 'output_text', text: 'Done.' }] },
      ],
      usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
    };
    const events = await said(answer(200, body));
    expect(events.map((event) => event.type)).toEqual([
      'reasoning',
      'reasoning-end',
      'tool-start',
      'tool-end',
      'text',
      'completed',
    ]);
    expect(textOf(events)).toBe('Done.');
  });

  test('a failed response that came whole is a failure', async () => {
    const events = await said(answer(200, { status: 'failed', output: [], error: { message: 'It broke.' } }));
    expect(terminalOf(events)).toMatchObject({ type: 'failed', error: { code: 'upstream_error' } });
  });
});

describe('[decision 14] events of a response', () => {
  const call = { id: 'i1', type: 'function_call', name: 'ls', call_id: 'c1' };

  test('arguments that grow are told once they are known', () => {
    const events = decoded(
      { type: 'response.output_item.added', item: { ...call, arguments: '' } },
      { type: 'response.function_call_arguments.delta', item_id: 'i1', delta: '{"path"' },
      { type: 'response.function_call_arguments.delta', item_id: 'i1', delta: ':"."}' },
      { type: 'response.output_item.done', item: { ...call, arguments: '' } },
    );
    expect(events).toMatchObject([
      { type: 'tool-start', callId: 'c1', arguments: null },
      { type: 'tool-start', callId: 'c1', arguments: '{"path":"."}', preview: '.' },
    ]);
  });

  test('an output that comes with the item’s beginning and again with its end is told once', () => {
    const item = { type: 'function_call_output', call_id: 'c1', output: 'x' };
    const events = decoded(
      { type: 'response.output_item.added', item: { ...call, arguments: '{}' } },
      { type: 'response.output_item.added', item },
      { type: 'response.output_item.done', item },
    );
    expect(events.map((event) => event.type)).toEqual(['tool-start', 'tool-end']);
  });

  test('text that only the message’s end has is added, and not repeated', () => {
    const events = decoded(
      { type: 'response.output_item.added', item: { id: 'm', type: 'message' } },
      { type: 'response.output_text.delta', delta: 'Hel' },
      { type: 'response.output_text.done', text: 'Hello' },
    );
    expect(textOf(events)).toBe('Hello');
  });

  test('the pieces of a summary are paragraphs of one thought, streamed and whole', () => {
    const added = (index: number) => ({ type: 'response.reasoning_summary_part.added', summary_index: index });
    const delta = (text: string) => ({ type: 'response.reasoning_summary_text.delta', delta: text });
    const item = {
      type: 'reasoning',
      summary: [
        { type: 'summary_text', text: 'First.' },
        { type: 'summary_text', text: 'Then.' },
      ],
    };
    const streamed = decoded(added(0), delta('First.'), added(1), delta('Then.'), {
      type: 'response.output_item.done',
      item,
    });
    const whole = new ResponseDecoder({ upstream: 'test', secret: null, nowMs: 0 }).decodeWhole({ output: [item] });
    for (const events of [streamed, whole]) {
      expect(reasoningOf(events)).toBe('First.\n\nThen.');
      expect(events.filter(({ type }) => type === 'reasoning-end')).toHaveLength(1);
    }
  });

  test('text that only the last word has is the answer', () => {
    const output = [{ type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }];
    const events = decoded({ type: 'response.completed', response: { status: 'completed', output } });
    expect(textOf(events)).toBe('Hi');
  });

  test('[BUG-B8] a cancelled response without figures has none', () => {
    expect(decoded({ type: 'response.cancelled', response: { status: 'cancelled' } })).toEqual([
      { type: 'cancelled', usage: null },
    ]);
  });

  test('[BUG-D8] an error event is a failure', () => {
    expect(decoded({ type: 'error', code: 'rate_limit_exceeded', message: 'slow down' })).toMatchObject([
      { type: 'failed', error: { code: 'upstream_rate_limited' } },
    ]);
  });
});
