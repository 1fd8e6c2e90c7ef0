import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  chatFrames,
  messageFrames,
  play,
  type RawUpstream,
  responseFrames,
  sendJson,
  sse,
  wholeChat,
  wholeMessage,
  wholeResponse,
} from './testing/raw-upstream.ts';
import { type RelayHost, startRelayHost } from './testing/relay-host.ts';

const MESSAGES = '/v1/messages';
const CHAT = '/v1/chat/completions';
const RESPONSES = '/v1/responses';

const ask = (model: string, more: Record<string, unknown> = {}) => ({
  model,
  max_tokens: 4096,
  messages: [{ role: 'user', content: 'Say hello.' }],
  ...more,
});

async function errorOf(response: Response): Promise<{ status: number; type: string; message: string; text: string }> {
  const text = await response.text();
  const body = JSON.parse(text) as { error: { type: string; message: string } };
  return { status: response.status, type: body.error.type, message: body.error.message, text };
}

/** Everything that three endpoints share, with an upstream of each one's own protocol. */
const SAME = [
  {
    name: 'messages',
    path: MESSAGES,
    profile: 'claude' as const,
    body: (model: string) => ask(model),
    whole: () => wholeMessage('Hello there.'),
    frames: () => messageFrames('Hello there, friend.'),
  },
  {
    name: 'chat',
    path: CHAT,
    profile: 'gpt' as const,
    body: (model: string) => ask(model),
    whole: () => wholeChat('Hello there.'),
    frames: () => chatFrames('Hello there, friend.', { prompt_tokens: 11, completion_tokens: 7 }),
  },
  {
    name: 'responses',
    path: RESPONSES,
    profile: 'gpt' as const,
    body: (model: string) => ({ model, input: 'Say hello.' }),
    whole: () => wholeResponse('Hello there.'),
    frames: () => responseFrames('Hello there, friend.'),
  },
];

const upstreamOf = (host: RelayHost, profile: 'claude' | 'gpt'): RawUpstream => host[profile];

describe.each(SAME)('$name to an upstream of the same protocol', ({ path, profile, body, whole, frames }) => {
  it('[E11-01][E11-07] passes a whole answer through in its own bytes and books what was reported', async () => {
    const host = await startRelayHost();
    const text = `${JSON.stringify(whole(), null, 1)}\n`;
    upstreamOf(host, profile).handle((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'request-id': 'req_1', 'x-ratelimit-left': '9' });
      response.end(text);
    });
    const answer = await host.post(path, body(`${profile}/big-model`), { headers: { 'x-own': 'kept' } });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe(text);
    expect(answer.headers.get('request-id')).toBe('req_1');
    expect(answer.headers.get('x-ratelimit-left')).toBe('9');
    const [seen] = upstreamOf(host, profile).requests;
    expect(seen?.url).toBe(path);
    expect(seen?.json['model']).toBe('big-model');
    expect(seen?.headers['x-own']).toBe('kept');
    const [call] = await host.booked(1);
    expect(call).toMatchObject({
      purpose: 'api',
      outcome: 'completed',
      model: 'big-model',
      profile,
      inputTokens: 11,
      outputTokens: 7,
      source: 'provider',
      sessionId: null,
    });
  });

  it('[E11-02][BUG-D8] passes a stream through in its own bytes, frame by frame', async () => {
    const host = await startRelayHost();
    const all = frames();
    upstreamOf(host, profile).handle((_request, response) => play(response, all));
    const answer = await host.post(path, { ...body(`${profile}/big-model`), stream: true });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(await answer.text()).toBe(all.join(''));
    const [call] = await host.booked(1);
    expect(call).toMatchObject({ outcome: 'completed', inputTokens: 11, outputTokens: 7, source: 'provider' });
  });

  it('[BUG-D8] tells a cut stream as an error and makes up no end', async () => {
    const host = await startRelayHost();
    const all = frames();
    upstreamOf(host, profile).handle(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const frame of all.slice(0, 5)) response.write(frame);
      // Half of a frame, and half of a character in it.
      response.write(Buffer.concat([Buffer.from('data: {"half":"'), Buffer.from([0xe2, 0x82])]));
      await new Promise((resolve) => setTimeout(resolve, 20));
      response.destroy();
    });
    const answer = await host.post(path, { ...body(`${profile}/big-model`), stream: true });
    const text = await answer.text();
    expect(text.startsWith(all.slice(0, 5).join(''))).toBe(true);
    const rest = text.slice(all.slice(0, 5).join('').length);
    const told = /^(event: error\n)?data: \{.*was cut before the answer was complete.*\}\n\n/;
    expect(rest).toMatch(told);
    expect(rest.replace(told, '')).toMatch(path === RESPONSES ? /^event: response\.failed\ndata: .*\n\n$/ : /^$/);
    expect(text).not.toMatch(/\[DONE\]|message_stop|response\.completed/);
    const [call] = await host.booked(1);
    expect(call).toMatchObject({ outcome: 'failed', source: 'estimate' });
    expect(call?.outputTokens).toBeGreaterThan(0);
  });

  it.each([false, true])('a program that leaves stops the upstream, stream: %s', async (stream) => {
    const host = await startRelayHost();
    const upstream = upstreamOf(host, profile);
    upstream.handle(() => undefined);
    const abort = new AbortController();
    const asked = host.post(path, { ...body(`${profile}/big-model`), stream }, { signal: abort.signal });
    await upstream.reached(1);
    const leftAtMs = performance.now();
    abort.abort();
    await expect(asked).rejects.toThrow();
    expect((await upstream.requests[0]?.left) ?? Number.NaN).toBeLessThan(leftAtMs + 2000);
    const [call] = await host.booked(1);
    expect(call).toMatchObject({ outcome: 'stopped', billable: true });
  });

  it('a program that leaves in the middle of a stream stops the upstream and is booked as stopped', async () => {
    const host = await startRelayHost();
    const upstream = upstreamOf(host, profile);
    upstream.handle((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const frame of frames().slice(0, 5)) response.write(frame);
    });
    const abort = new AbortController();
    const answer = await host.post(path, { ...body(`${profile}/m`), stream: true }, { signal: abort.signal });
    const reader = answer.body?.getReader();
    await reader?.read();
    abort.abort();
    await upstream.requests[0]?.left;
    const [call] = await host.booked(1);
    expect(call).toMatchObject({ outcome: 'stopped', outputSource: 'estimate' });
    expect(call?.outputTokens).toBeGreaterThan(0);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['deflate', deflateSync],
    ['deflate without its head', deflateRawSync],
  ])('unpacks an answer that came packed with %s though nobody asked', async (name, pack) => {
    const [encoding] = name.split(' ');
    const host = await startRelayHost();
    const upstream = upstreamOf(host, profile);
    upstream.handle((request, response) => {
      expect(request.headers['accept-encoding']).toBe('identity');
      const isStream = request.json['stream'] === true;
      const packed = pack(Buffer.from(isStream ? frames().join('') : JSON.stringify(whole())));
      const type = isStream ? 'text/event-stream' : 'application/json';
      response.writeHead(200, { 'content-type': type, 'content-encoding': encoding });
      response.end(packed);
    });
    const answer = await host.post(path, body(`${profile}/m`));
    expect(answer.headers.get('content-encoding')).toBeNull();
    expect(await answer.json()).toEqual(whole());
    const streamed = await host.post(path, { ...body(`${profile}/m`), stream: true });
    expect(await streamed.text()).toBe(frames().join(''));
  });

  it('[E11-06] half a character at the end is an answer that was cut, and nothing of it is passed on', async () => {
    const host = await startRelayHost();
    const half = Buffer.from('é').subarray(0, 1);
    upstreamOf(host, profile).handle((request, response) => {
      if (request.json['stream'] === true) {
        const begun = frames().slice(0, -4);
        return play(response, [...begun, Buffer.concat([Buffer.from('data: {"type":"x","text":"'), half])]);
      }
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(Buffer.concat([Buffer.from('{"id":"x","text":"'), half]));
    });
    const cut = await errorOf(await host.post(path, body(`${profile}/m`)));
    expect(cut.status).toBe(502);
    const streamed = await host.post(path, { ...body(`${profile}/m`), stream: true });
    const bytes = Buffer.from(await streamed.arrayBuffer());
    expect(bytes.toString()).not.toContain('\uFFFD');
    expect(bytes.toString()).toContain('cut before the answer was complete');
    expect(bytes.toString()).not.toContain('"type":"x"');
    expect((await host.booked(2)).map(({ outcome }) => outcome)).toEqual(['failed', 'refused']);
  });

  it('[BUG-D19] a success status around an error is an error, and so is a web page', async () => {
    const host = await startRelayHost();
    const upstream = upstreamOf(host, profile);
    upstream.handle((_request, response) =>
      sendJson(response, 200, { error: { message: 'model exploded', type: 'api_error' } }),
    );
    const first = await errorOf(await host.post(path, body(`${profile}/m`)));
    expect(first.status).toBe(502);
    expect(first.message).toContain('model exploded');
    upstream.handle((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><h1>Sign in</h1>');
    });
    const second = await errorOf(await host.post(path, body(`${profile}/m`)));
    expect(second.status).toBe(502);
    expect(second.message).toContain('web page');
    expect(second.text).not.toContain('<h1>');
  });

  it('[E11-06][BUG-D11] a refused pool key is never a 401 to the program, and is called what it is', async () => {
    const host = await startRelayHost();
    upstreamOf(host, profile).handle((_request, response) =>
      sendJson(response, 401, { error: { message: `bad key ${host.secrets[profile]}`, type: 'authentication_error' } }),
    );
    const answer = await host.post(path, body(`${profile}/m`));
    const headers = answer.headers;
    const failed = await errorOf(answer);
    expect(failed.status).toBe(502);
    expect(failed.type).toBe('authentication_error');
    expect(failed.message).toMatch(/did not accept the key.*Replace the key/);
    expect(failed.text).not.toContain(host.secrets[profile].slice(0, 12));
    expect(headers.get('x-should-retry')).toBe('false');
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('[E11-06] what the provider refuses of the request is told in its own bytes', async () => {
    const host = await startRelayHost();
    const own = {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'temperature: too hot', param: 'temperature' },
    };
    upstreamOf(host, profile).handle((_request, response) => sendJson(response, 400, own, { 'request-id': 'req_9' }));
    const answer = await host.post(path, body(`${profile}/m`));
    expect(answer.status).toBe(400);
    expect(answer.headers.get('request-id')).toBe('req_9');
    expect(await answer.text()).toBe(JSON.stringify(own));
    expect(upstreamOf(host, profile).requests).toHaveLength(1);
  });

  it('moves to another key before anything was shown, and the program sees one answer', async () => {
    const host = await startRelayHost();
    await host.addKey(profile, 'sk-another-key-of-the-pool-1111');
    const upstream = upstreamOf(host, profile);
    const overloaded =
      path === MESSAGES
        ? sse({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'error')
        : path === CHAT
          ? sse({ error: { type: 'overloaded_error', message: 'Overloaded' } })
          : sse({ type: 'error', code: 'overloaded', message: 'Overloaded' }, 'error');
    upstream.handle((_request, response, number) =>
      play(response, number === 1 ? [...frames().slice(0, path === CHAT ? 1 : 2), overloaded] : frames()),
    );
    const answer = await host.post(path, { ...body(`${profile}/m`), stream: true });
    expect(await answer.text()).toBe(frames().join(''));
    expect(upstream.requests).toHaveLength(2);
    const keys = upstream.requests.map(({ headers }) => headers['x-api-key'] ?? headers.authorization);
    expect(new Set(keys).size).toBe(2);
    const calls = await host.booked(2);
    expect(calls.map((call) => call.outcome).sort()).toEqual(['completed', 'refused']);
  });

  it('[BUG-D8] an error of the upstream within a shown stream is passed on in its own words, and nothing follows', async () => {
    const host = await startRelayHost();
    await host.addKey(profile, 'sk-another-key-of-the-pool-1111');
    const failure =
      path === RESPONSES
        ? sse({ type: 'error', code: 'server_error', message: 'it broke', param: null, sequence_number: 9 }, 'error')
        : path === MESSAGES
          ? sse({ type: 'error', error: { type: 'api_error', message: 'it broke' } }, 'error')
          : sse({ error: { message: 'it broke', type: 'server_error' } });
    const shown = [...frames().slice(0, 5), failure];
    upstreamOf(host, profile).handle((_request, response) => play(response, shown));
    const answer = await host.post(path, { ...body(`${profile}/m`), stream: true });
    expect(await answer.text()).toBe(shown.join(''));
    expect(upstreamOf(host, profile).requests).toHaveLength(1);
    expect((await host.booked(1))[0]).toMatchObject({ outcome: 'failed' });
  });

  it('takes the pool’s key out of an answer that echoes it', async () => {
    const host = await startRelayHost();
    upstreamOf(host, profile).handle((request, response) => {
      const key = String(request.headers['x-api-key'] ?? request.headers.authorization).replace('Bearer ', '');
      const text = JSON.stringify(whole()).replace('Hello there.', `Your key is ${key}.`);
      response.writeHead(200, { 'content-type': 'application/json', 'x-echo': key });
      response.end(text);
    });
    const answer = await host.post(path, body(`${profile}/m`));
    const text = await answer.text();
    expect(text).toContain('Your key is [secret].');
    expect([...answer.headers.values()].join(' ')).not.toContain('of-the-pool');
  });

  it('sends no secret of ours and nothing of one connection on', async () => {
    const host = await startRelayHost();
    upstreamOf(host, profile).handle((_request, response) => sendJson(response, 200, whole(), { 'set-cookie': 'a=b' }));
    const answer = await host.post(path, body(`${profile}/m`), {
      headers: { cookie: 'sid=1', 'proxy-authorization': 'Basic x', 'x-trace': 't1', 'anthropic-beta': 'a-1,b-2' },
    });
    await answer.text();
    const { headers } = upstreamOf(host, profile).requests[0] ?? { headers: {} };
    expect(JSON.stringify(headers)).not.toContain(host.key);
    expect(headers).not.toHaveProperty('cookie');
    expect(headers).not.toHaveProperty('proxy-authorization');
    expect(headers).toMatchObject({ 'x-trace': 't1', 'anthropic-beta': 'a-1,b-2' });
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it.each([
    ['nothing', '', 400],
    ['no JSON', '{"model":', 400],
    ['a list', '[]', 400],
    ['no messages', '{"model":"m"}', 400],
    ['empty messages', '{"model":"m","messages":[],"input":[]}', 400],
    [
      'an invalid role',
      '{"model":"m","messages":[{"role":"king","content":"x"}],"input":[{"role":"king","content":"x"}]}',
      400,
    ],
    ['a model that is none', '{"model":7,"messages":[{"role":"user","content":"x"}],"input":"x"}', 400],
  ])('[E11-01] a request with %s is refused in the protocol’s shape and asks nobody', async (_what, text, status) => {
    const host = await startRelayHost();
    const failed = await errorOf(await host.post(path, text));
    expect(failed).toMatchObject({ status, type: 'invalid_request_error' });
    expect(host.claude.requests.length + host.gpt.requests.length).toBe(0);
    expect(await host.booked(0)).toEqual([]);
  });

  it('[E11-01] 60 MB are refused with 413 in the protocol’s shape, a wrong content type with 415', async () => {
    const host = await startRelayHost();
    const large = Buffer.alloc(60 * 1024 * 1024, 0x20);
    const failed = await errorOf(await host.post(path, large));
    expect(failed.status).toBe(413);
    expect(failed.message).toContain('50 MB');
    // Nobody says beforehand how much comes: it is counted.
    const pieces = new ReadableStream<Uint8Array>({
      start(pipe) {
        for (let each = 0; each < 60; each++) pipe.enqueue(new Uint8Array(1024 * 1024).fill(0x20));
        pipe.close();
      },
    });
    const unsaid = await fetch(`${host.url}${path}`, {
      method: 'POST',
      headers: { 'x-api-key': host.key, 'content-type': 'application/json' },
      ...{ body: pieces, duplex: 'half' as const },
    });
    expect((await errorOf(unsaid)).status).toBe(413);
    const plain = await errorOf(await host.post(path, '{}', { headers: { 'content-type': 'text/plain' } }));
    expect(plain.status).toBe(415);
    const nobody = await errorOf(await host.post(path, '{}', { headers: { 'x-api-key': 'sluice_wrong' } }));
    expect(nobody).toMatchObject({ status: 401 });
    expect(nobody.text).not.toContain('sluice_wrong');
  });
});
