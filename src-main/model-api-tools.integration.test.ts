import { describe, expect, it } from 'vitest';
import type { WireProtocol } from './gateway/translate/translation.ts';
import { sendJson } from './testing/raw-upstream.ts';
import { OWNER_TOKEN, type RelayHost, startRelayHost } from './testing/relay-host.ts';
import { TOOL_CLIENTS, type ToolClientName } from './testing/tool-clients.ts';
import { playTurns, type Told, type Turn, toldIn } from './testing/tool-turns.ts';

// Whole tool loops by official clients: one call, two at once, the answer. What each saw, and what the upstream received.

/** Blanks, escapes, other scripts and numbers that no double holds: whatever is read and written again shows here. */
const TRICKY = '{"path":"a \\"q\\" é 漢 🙂.txt", "size":12345678901234567890,"ratio":1.10}';
const PLAIN = '{"path":"b"}';
const TURNS: Turn[] = [
  { thinking: 'Two of them.', text: 'I look.', calls: [{ id: 'call_1', name: 'read_file', arguments: TRICKY }] },
  {
    calls: [
      { id: 'call_2', name: 'list_files', arguments: PLAIN },
      { id: 'call_3', name: 'read_file', arguments: '{}' },
    ],
  },
  { text: 'All is well.' },
];
const TOOLS = ['read_file', 'list_files'];
/** In the order of the calls, whatever order the tools were done in. */
const RESULTS: Record<string, string> = { call_1: 'first “one” 🙂', call_2: 'second', call_3: 'third' };

const UPSTREAMS: Record<string, { profile: 'claude' | 'gpt'; protocolOf: (url: string) => WireProtocol | null }> = {
  messages: { profile: 'claude', protocolOf: () => 'anthropic-messages' },
  'chat completions': {
    profile: 'gpt',
    protocolOf: (url) => (url === '/v1/chat/completions' ? 'openai-chat' : null),
  },
  'responses alone': {
    profile: 'gpt',
    protocolOf: (url) => (url === '/v1/responses' ? 'openai-responses' : null),
  },
};

const cases = (Object.keys(TOOL_CLIENTS) as ToolClientName[]).flatMap((client) =>
  Object.keys(UPSTREAMS)
    // There the bytes go through, and OpenAI keeps its own answers.
    .filter((upstream) => upstream !== 'responses alone' || client !== 'openai responses with previous_response_id')
    .flatMap((upstream) => [true, false].map((stream) => [client, upstream, stream] as const)),
);

const parsed = (args: unknown): unknown => (typeof args === 'string' ? JSON.parse(args) : args);

describe('tool loops', () => {
  it.each(cases)('[E11-01][E11-07] %s before %s, stream: %s', async (name, upstreamName, stream) => {
    const host = await startRelayHost();
    const upstream = UPSTREAMS[upstreamName];
    if (upstream === undefined) throw new Error('no such upstream');
    const { profile, protocolOf } = upstream;
    host[profile].handle(playTurns(protocolOf, TURNS));
    const ran: string[] = [];
    const loop = await TOOL_CLIENTS[name](host, {
      model: `${profile}/m`,
      stream,
      tools: TOOLS,
      run: ({ id }) => {
        ran.push(id);
        return RESULTS[id] ?? 'nobody called this';
      },
    });

    expect(loop.text).toBe('All is well.');
    expect(ran).toEqual(['call_1', 'call_2', 'call_3']);
    expect(loop.calls.map((calls) => calls.map(({ id, name: tool }) => [id, tool]))).toEqual(
      TURNS.flatMap(({ calls }) => (calls === undefined ? [] : [calls.map((call) => [call.id, call.name])])),
    );
    const first = loop.calls[0]?.[0]?.arguments;
    expect(parsed(first)).toEqual(JSON.parse(TRICKY));
    // Where arguments are text, every digit arrives; an object of the upstream's is written anew, numbers as they were.
    if (typeof first === 'string') {
      if (profile === 'claude' && !stream) expect(first).toContain('"size":12345678901234567890');
      else expect(first).toBe(TRICKY);
    }

    const asked = host[profile].requests.filter(({ url }) => protocolOf(url) !== null);
    expect(asked).toHaveLength(TURNS.length);
    const last = asked.at(-1);
    const protocol = protocolOf(last?.url ?? '');
    if (last === undefined || protocol === null) throw new Error('nobody was asked');
    const told = toldIn(protocol, last.json);
    expect(told.map(withoutArguments)).toEqual([
      { call: 'call_1', name: 'read_file' },
      result('call_1'),
      { call: 'call_2', name: 'list_files' },
      { call: 'call_3', name: 'read_file' },
      result('call_2'),
      result('call_3'),
    ]);
    const args = told.flatMap((one) => ('call' in one ? [one.arguments] : []));
    expect(args.map(parsed)).toEqual([TRICKY, PLAIN, '{}'].map(parsed));
    // A program that keeps text as text sends every digit back, also into an upstream that wants an object.
    if (typeof first === 'string') expect(last.bytes.toString()).toMatch(/12345678901234567890/);
    expect(last.json['tools']).toHaveLength(2);
  });
});

/** What a tool gives back that is more than words. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('results that are more than a text', () => {
  const turn = {
    messages: [
      { role: 'user', content: 'Look.' },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'call_1', name: 'look', input: {} },
          { type: 'tool_use', id: 'call_2', name: 'look', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'call_1',
            content: [
              { type: 'text', text: 'a picture' },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
            ],
          },
          { type: 'tool_result', tool_use_id: 'call_2', is_error: true, content: 'no such file' },
        ],
      },
    ],
  };

  it('[E11-01] a picture and a failure of parallel calls reach chat completions, results first and in order', async () => {
    const host = await startRelayHost();
    host.gpt.handle(playTurns(() => 'openai-chat', [{ text: 'Seen.' }]));
    const tools = [{ name: 'look', input_schema: { type: 'object' } }];
    const asked = { model: 'gpt/m', max_tokens: 100, tools, ...turn };
    const { status } = await host.post('/v1/messages', asked);
    expect(status).toBe(200);
    const messages = host.gpt.requests.at(-1)?.json['messages'] as Record<string, unknown>[];
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool', 'user']);
    expect(messages[2]).toMatchObject({ tool_call_id: 'call_1', content: 'a picture' });
    expect(messages[3]).toMatchObject({ tool_call_id: 'call_2', content: 'Error: no such file' });
    expect(messages[4]).toMatchObject({
      content: [
        { text: expect.stringContaining('call_1') as unknown },
        { image_url: { url: `data:image/png;base64,${PIXEL}` } },
      ],
    });
  });

  it('[E11-07] a picture in a result of a responses client reaches Anthropic within its result', async () => {
    const host = await startRelayHost();
    host.claude.handle(playTurns(() => 'anthropic-messages', [{ text: 'Seen.' }]));
    const { status } = await host.post('/v1/responses', {
      model: 'claude/m',
      tools: [{ type: 'function', name: 'look', parameters: { type: 'object' }, strict: false }],
      input: [
        { role: 'user', content: 'Look.' },
        { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{}' },
        {
          type: 'function_call_output',
          call_id: 'call_1',
          output: [
            { type: 'input_text', text: 'a picture' },
            { type: 'input_image', image_url: `data:image/png;base64,${PIXEL}` },
          ],
        },
      ],
    });
    expect(status).toBe(200);
    expect(toldIn('anthropic-messages', host.claude.requests.at(-1)?.json ?? {})).toEqual([
      { call: 'call_1', name: 'look', arguments: '{}' },
      { result: 'call_1', text: 'a picture', images: 1, isError: false },
    ]);
  });

  it.each([
    ['/v1/messages', 'gpt', { type: 'any', disable_parallel_tool_use: true }, 'required', false],
    [
      '/v1/messages',
      'gpt',
      { type: 'tool', name: 'look' },
      { type: 'function', function: { name: 'look' } },
      undefined,
    ],
    ['/v1/messages', 'gpt', { type: 'none' }, 'none', undefined],
    ['/v1/chat/completions', 'claude', 'required', { type: 'any' }, undefined],
    ['/v1/chat/completions', 'claude', 'none', { type: 'none' }, undefined],
    [
      '/v1/chat/completions',
      'claude',
      { type: 'function', function: { name: 'look' } },
      { type: 'tool', name: 'look' },
      undefined,
    ],
    ['/v1/responses', 'claude', { type: 'function', name: 'look' }, { type: 'tool', name: 'look' }, undefined],
  ] as const)(
    '[E11-01][E11-07] %s before %s: the choice %j arrives as %j',
    async (path, profile, given, wanted, parallel) => {
      const host = await startRelayHost();
      host[profile].handle(
        playTurns(() => (profile === 'gpt' ? 'openai-chat' : 'anthropic-messages'), [{ text: 'Yes.' }]),
      );
      const parameters = { type: 'object', properties: {} };
      const bodies = {
        '/v1/messages': {
          max_tokens: 100,
          messages: [{ role: 'user', content: 'x' }],
          tools: [{ name: 'look', input_schema: parameters }],
        },
        '/v1/chat/completions': {
          messages: [{ role: 'user', content: 'x' }],
          tools: [{ type: 'function', function: { name: 'look', parameters } }],
        },
        '/v1/responses': { input: 'x', tools: [{ type: 'function', name: 'look', parameters, strict: false }] },
      };
      const answer = await host.post(path, { model: `${profile}/m`, ...bodies[path], tool_choice: given });
      expect(answer.status).toBe(200);
      const sent = host[profile].requests.at(-1)?.json ?? {};
      expect(sent['tool_choice']).toEqual(wanted);
      expect(sent['parallel_tool_calls']).toBe(parallel);
    },
  );
});

describe('a conversation that goes on elsewhere', () => {
  const ask = async (host: RelayHost, model: string, messages: unknown[]) => {
    const answer = await host.post('/v1/messages', { model, max_tokens: 4096, messages });
    return (await answer.json()) as { content: Record<string, unknown>[] };
  };

  it('[E11-01] at Anthropic itself nothing of ours arrives, and its own signature comes back from OpenAI untouched', async () => {
    const host = await startRelayHost();
    const say = { thinking: 'Hm.', text: 'Yes.' };
    host.gpt.handle(playTurns(() => 'openai-chat', [say, say]));
    host.claude.handle(playTurns(() => 'anthropic-messages', [say, say]));
    const messages: unknown[] = [{ role: 'user', content: 'One?' }];
    for (const model of ['gpt/m', 'claude/m', 'gpt/m', 'claude/m']) {
      const { content } = await ask(host, model, messages);
      expect(content.map(({ type }) => type)).toEqual(['thinking', 'text']);
      messages.push({ role: 'assistant', content }, { role: 'user', content: 'And?' });
    }
    const [second, fourth] = host.claude.requests;
    expect(second?.bytes.toString()).not.toContain('sluice-1-');
    expect(second?.json['messages']).toEqual([
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: [{ type: 'text', text: 'Yes.', citations: null }] },
      { role: 'user', content: 'And?' },
    ]);
    expect(fourth?.bytes.toString()).not.toContain('sluice-1-');
    const kept = fourth?.json['messages'] as { content: unknown }[];
    // What Anthropic signed in the second turn.
    expect(kept[3]?.content).toEqual([
      { type: 'thinking', thinking: 'Hm.', signature: 'EqQBCkYIBxgCKkBsigned==' },
      { type: 'text', text: 'Yes.' },
    ]);
    for (const request of host.gpt.requests) expect(request.bytes.toString()).not.toMatch(/signature|sluice-1-/);
  });

  it('[E11-07] a responses client takes Anthropic’s thinking to OpenAI and back: each gets its own only', async () => {
    const host = await startRelayHost();
    const say = { thinking: 'Hm.', text: 'Yes.' };
    host.gpt.handle(playTurns(() => 'openai-responses', [say]));
    host.claude.handle(playTurns(() => 'anthropic-messages', [say, say]));
    const input: unknown[] = [{ role: 'user', content: 'One?' }];
    for (const model of ['claude/m', 'gpt/m', 'claude/m']) {
      const answer = await host.post('/v1/responses', {
        model,
        input,
        store: false,
        include: ['reasoning.encrypted_content'],
        reasoning: { effort: 'low' },
      });
      const { output } = (await answer.json()) as { output: unknown[] };
      input.push(...output, { role: 'user', content: 'And?' });
    }
    expect(host.gpt.requests[0]?.bytes.toString()).not.toContain('sluice-1-');
    expect((host.gpt.requests[0]?.json['input'] as unknown[]).map((item) => (item as { type?: string }).type)).toEqual([
      undefined,
      'message',
      undefined,
    ]);
    const back = host.claude.requests[1]?.json['messages'] as { content: unknown }[];
    expect(back[1]?.content).toEqual([
      { type: 'thinking', thinking: 'Hm.', signature: 'EqQBCkYIBxgCKkBsigned==' },
      { type: 'text', text: 'Yes.' },
    ]);
    expect(host.claude.requests[1]?.bytes.toString()).not.toContain('gAAAAABsealed');
  });
});

it('[E11-07] thinking that another key was given is left out where OpenAI cannot read it, and only then', async () => {
  const host = await startRelayHost();
  const answer = playTurns(() => 'openai-responses', [{ text: 'Yes.' }, { text: 'Yes.' }]);
  host.gpt.handle((request, response, number) =>
    number > 1 && request.bytes.includes('gAAAA-of-another')
      ? sendJson(response, 400, {
          error: { message: 'The encrypted content could not be verified.', code: 'invalid_encrypted_content' },
        })
      : answer(request, response, number),
  );
  const body =
    '{"model":"m","store":false,"input":[{"role":"user","content":"a"}, {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAAA-of-another"} ,{"role":"user","content":"b"}],"seed":12345678901234567890}';
  const post = () => host.post('/v1/responses', body.replace('"m"', '"gpt/m"'));
  expect((await post()).status).toBe(200);
  expect(host.gpt.requests.map(({ bytes }) => bytes.toString())).toEqual([body]);
  expect((await post()).status).toBe(200);
  const [, refused, last] = host.gpt.requests;
  expect(refused?.bytes.toString()).toBe(body);
  expect(last?.bytes.toString()).toBe(
    '{"model":"m","store":false,"input":[{"role":"user","content":"a"}, {"role":"user","content":"b"}],"seed":12345678901234567890}',
  );
});

describe('what an answer leaves for later requests', () => {
  it('[E11-07] items and answers can be referred to by their own program, not by another, nor where nothing was to be kept', async () => {
    const host = await startRelayHost();
    host.claude.handle(playTurns(() => 'anthropic-messages', [{ text: 'One.' }, { text: 'Two.' }, { text: 'Three.' }]));
    const post = async (body: object, headers = {}) => {
      const answer = await host.post('/v1/responses', { model: 'claude/m', ...body }, { headers });
      return { status: answer.status, json: (await answer.json()) as { id: string; output: { id: string }[] } };
    };
    const first = await post({ input: 'Say one.' });
    const [item] = first.json.output;
    const reference = { type: 'item_reference', id: item?.id };
    const second = await post({
      input: [{ role: 'user', content: 'Say one.' }, reference, { role: 'user', content: 'Two?' }],
    });
    expect(second.status).toBe(200);
    const third = await post({ previous_response_id: second.json.id, input: 'Three?', store: false });
    expect(third.status).toBe(200);
    const texts = (host.claude.requests.at(-1)?.json['messages'] as { content: { text: string }[] }[]).map(
      ({ content }) => content.map(({ text }) => text).join(''),
    );
    expect(texts).toEqual(['Say one.', 'One.', 'Two?', 'Two.', 'Three?']);
    // Nothing was to be kept of the third, and another program has none of it.
    expect((await post({ previous_response_id: third.json.id, input: 'x' })).status).toBe(400);
    expect((await post({ input: [reference] }, { 'x-api-key': OWNER_TOKEN })).status).toBe(400);
    expect(host.claude.requests).toHaveLength(3);
  });

  it('[E11-07] what could not be carried is named in a header, and nothing is where all was', async () => {
    const host = await startRelayHost();
    host.claude.handle(playTurns(() => 'anthropic-messages', [{ text: 'a' }, { text: 'b' }]));
    const messages = [{ role: 'user', content: 'x' }];
    const some = await host.post('/v1/chat/completions', { model: 'claude/m', messages, seed: 7, 'zörk\n': 1 });
    expect(some.headers.get('x-sluice-left-out')).toBe('z?rk?, seed');
    const none = await host.post('/v1/chat/completions', { model: 'claude/m', messages, stream: true });
    expect(none.headers.has('x-sluice-left-out')).toBe(false);
    await none.text();
  });
});

function result(id: string): Told {
  return { result: id, text: RESULTS[id] ?? '', images: 0, isError: false };
}

function withoutArguments(told: Told): object {
  if ('result' in told) return told;
  const { arguments: _args, ...rest } = told;
  return rest;
}
