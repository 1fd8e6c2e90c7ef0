import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeUpstream } from '../../../../e2e/fake-upstream/fake-upstream.ts';
import {
  answer,
  fail,
  finish,
  reasoning,
  type Script,
  stall,
  text,
  toolStart,
} from '../../../../e2e/fake-upstream/script.ts';
import { AbortReason } from '../../../platform/app-failure.ts';
import { SpokenProtocols } from '../../spoken-protocols.ts';
import { contextOf, eventsOf, reasoningOf, rejectionOf, requestOf, terminalOf, textOf } from '../../testing/calls.ts';
import { adapterFor } from '../registry.ts';

const MISSING = answer(404, { detail: 'Not Found' });
const CHAT = '/v1/chat/completions';
const RESPONSES = '/v1/responses';
let fake: FakeUpstream;

beforeEach(async () => {
  fake = await FakeUpstream.start();
});

afterEach(() => fake.close());

const paths = () => fake.requests.map(({ path }) => path);
const starter = (spoken = new SpokenProtocols()) => {
  const adapter = adapterFor('openai-chat');
  return (request: Parameters<typeof requestOf>[0] = {}, signal = new AbortController().signal) =>
    adapter.start(requestOf(request), { ...contextOf('openai-chat', fake.url, { signal }), spoken });
};

describe('[E11-07] a chat before an upstream that has responses alone', () => {
  test('has its thinking, its text, its calls and its figures, and asks there at once from then on', async () => {
    const start = starter();
    const said = [
      reasoning('hm'),
      text('Hello '),
      text('there.'),
      toolStart('ls', { id: 'c1', arguments: '{"path":"."}' }),
      finish({ usage: { input: 9, output: 4, cacheRead: 3, reasoning: 2 } }),
    ];
    fake.next(MISSING, said, said);
    for (let round = 0; round < 2; round++) {
      const events = await eventsOf(await start());
      expect([reasoningOf(events), textOf(events)]).toEqual(['hm', 'Hello there.']);
      expect(events.filter(({ type }) => type === 'reasoning-end')).toHaveLength(1);
      expect(events).toContainEqual(expect.objectContaining({ type: 'tool-start', callId: 'c1', name: 'ls' }));
      expect(terminalOf(events)).toMatchObject({
        type: 'completed',
        usage: { input_tokens: 9, output_tokens: 4, cache_read_tokens: 3, reasoning_tokens: 2 },
      });
    }
    expect(paths()).toEqual([CHAT, RESPONSES, RESPONSES]);
  });

  test('sends the same conversation, in the words of responses, and has nothing kept', async () => {
    fake.next(MISSING, [text('ok')]);
    const call = { id: 'c1', type: 'function' as const, function: { name: 'ls', arguments: '{"path":"."}' } };
    await eventsOf(
      await starter()({
        model: 'gpt-5',
        instructions: 'Be brief.',
        parameters: { reasoningEffort: 'low', maxOutputTokens: 500 },
        history: [
          { role: 'user', content: 'q', parts: null },
          { role: 'assistant', content: '', toolCalls: [call] },
          { role: 'tool', content: 'a.txt', toolCallId: 'c1', toolName: 'ls' },
          { role: 'assistant', content: 'one file', toolCalls: null },
        ],
        input: {
          content: '[Image: /tmp/a.png]\nWhat?',
          parts: [
            { type: 'image', name: 'a.png', path: '/tmp/a.png', mediaType: 'image/png', dataBase64: 'AAAA' },
            { type: 'text', text: 'What?' },
          ],
        },
      }),
    );
    expect(fake.requests[1]?.body).toEqual({
      model: 'gpt-5',
      instructions: 'Be brief.',
      input: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'q' }] },
        { type: 'function_call', call_id: 'c1', name: 'ls', arguments: '{"path":"."}' },
        { type: 'function_call_output', call_id: 'c1', output: 'a.txt' },
        { type: 'message', role: 'assistant', content: 'one file' },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' },
            { type: 'input_text', text: 'What?' },
          ],
        },
      ],
      max_output_tokens: 500,
      reasoning: { effort: 'low', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      store: false,
      stream: true,
    });
  });

  test('names no model where the profile has none', async () => {
    fake.next(MISSING, [text('ok')]);
    await eventsOf(await starter()({ model: null }));
    expect(fake.requests[1]?.body).not.toHaveProperty('model');
  });

  test('takes an answer that is not streamed, and a failed one as a failure', async () => {
    const start = starter();
    const item = { type: 'message', content: [{ type: 'output_text', text: 'Whole.' }] };
    const whole = { status: 'completed', output: [item], usage: { input_tokens: 2, output_tokens: 1 } };
    const broken = { status: 'failed', output: [], error: { code: 'server_error', message: 'It broke.' } };
    fake.next(MISSING, answer(200, whole), answer(200, broken), answer(200, { id: 'x' }));
    const events = await eventsOf(await start());
    expect(textOf(events)).toBe('Whole.');
    expect(terminalOf(events)).toMatchObject({ type: 'completed', usage: { input_tokens: 2 } });
    expect(terminalOf(await eventsOf(await start()))).toMatchObject({
      type: 'failed',
      error: { code: 'upstream_error' },
    });
    expect(await rejectionOf(start())).toMatchObject({ code: 'upstream_bad_response' });
  });

  test('[BUG-D8] an error and a cut in the middle are failures', async () => {
    const start = starter();
    const cut: Script = { steps: [text('Half'), { do: 'cut' }, stall()] };
    fake.next(MISSING, [text('Half'), fail('It broke.', 'server_error')], cut);
    const failed = await eventsOf(await start());
    expect(terminalOf(failed)).toMatchObject({ type: 'failed', error: { code: 'upstream_error' } });
    expect(textOf(failed)).toBe('Half');
    expect(terminalOf(await eventsOf(await start()))).toMatchObject({
      type: 'failed',
      error: { code: 'upstream_lost' },
    });
  });

  test('is left in the middle, and its upstream stops', async () => {
    fake.next(MISSING, { steps: [text('Half'), stall()] });
    const leaving = new AbortController();
    const run = await starter()({}, leaving.signal);
    const reading = eventsOf(run);
    leaving.abort(new AbortReason('user'));
    expect(terminalOf(await reading).type).toBe('cancelled');
    await expect.poll(() => fake.openAnswers).toBe(0);
    expect(fake.recorder.aborts).toHaveLength(1);
  });

  test('a refusal that is not about the address is told at once', async () => {
    fake.next(answer(404, { error: { message: 'The model `m` does not exist', code: 'model_not_found' } }));
    expect(await rejectionOf(starter()())).toMatchObject({ code: 'upstream_rejected' });
    expect(paths()).toEqual([CHAT]);
  });
});
