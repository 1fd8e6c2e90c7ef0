import { createHash } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { CredentialRecord } from '#contract/records';
import {
  chatFrames,
  messageFrames,
  play,
  type RawUpstream,
  sendJson,
  sse,
  wholeChat,
  wholeMessage,
} from './testing/raw-upstream.ts';
import { OWNER_TOKEN, type RelayHost, startRelayHost } from './testing/relay-host.ts';

const MESSAGES = '/v1/messages';
const CHAT = '/v1/chat/completions';

const ask = (model: string, more: Record<string, unknown> = {}) => ({
  model,
  max_tokens: 4096,
  messages: [{ role: 'user', content: 'Say hello.' }],
  ...more,
});

const answering = (host: RelayHost) =>
  host.claude.handle((_request, response) => sendJson(response, 200, wholeMessage('Hi.')));
/** What was asked of models, without the questions for their list. */
const posted = (upstream: RawUpstream) => upstream.requests.filter(({ method }) => method === 'POST');
const sha = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

describe('a request on its way', () => {
  it('[E11-01] reaches the upstream in its own bytes but for the model’s value', async () => {
    const host = await startRelayHost();
    answering(host);
    const body = (model: string) =>
      `{ "max_tokens":9007199254740993,\n\t"x-unknown": {"deep":[1e400, 0.10, "\\u00e9 é 漢"], "model":"inner"}, "model" : ${model},` +
      ` "messages": [{"role":"user","content":"\\"model\\": \\\\"}], "max_tokens": 12345678901234567890 }\n`;
    const answer = await host.post(MESSAGES, body('"claude/claude-opus-5"'));
    expect(answer.status).toBe(200);
    expect(sha(host.claude.requests[0]?.bytes ?? '')).toBe(sha(body('"claude-opus-5"')));
  });

  it('[E11-01] with a model that needs no change the very same bytes leave', async () => {
    const host = await startRelayHost();
    await host.ask('settings.set', { values: { messagesProfile: 'claude' } });
    answering(host);
    const body = `{"model":"m","messages":[{"role":"user","content":"x"}],"n":1.0}`;
    await host.post(MESSAGES, body);
    expect(host.claude.requests[0]?.bytes.toString()).toBe(body);
  });

  it('[E11-01] one of 49 MB goes through whole', async () => {
    const host = await startRelayHost();
    answering(host);
    const data = 'A'.repeat(49 * 1024 * 1024);
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data } };
    const body = JSON.stringify(ask('claude/m', { messages: [{ role: 'user', content: [image] }] }));
    const answer = await host.post(MESSAGES, body);
    expect(answer.status).toBe(200);
    expect(sha(host.claude.requests[0]?.bytes ?? '')).toBe(sha(body.replace('claude/m', 'm')));
  });

  it('[E11-01] what is small while it is packed and large behind it is refused, asked or answered', async () => {
    const host = await startRelayHost();
    const zeros = gzipSync(Buffer.alloc(70 * 1024 * 1024, 0x20));
    const packed = { headers: { 'content-encoding': 'gzip' } };
    expect((await host.post(MESSAGES, zeros, packed)).status).toBe(413);
    expect(host.claude.requests).toHaveLength(0);
    host.claude.handle((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(zeros);
    });
    const answer = await host.post(MESSAGES, ask('claude/m'));
    expect([answer.status, await answer.text()]).toEqual([502, expect.stringContaining('too large')]);
  });

  it('carries its query, its version and its betas; a version is added where it names none', async () => {
    const host = await startRelayHost();
    answering(host);
    await host.post(`${MESSAGES}?beta=true`, ask('claude/m'), {
      headers: { 'anthropic-version': '2024-01-01', 'anthropic-beta': 'x-1' },
    });
    await host.post(MESSAGES, ask('claude/m'));
    const [first, second] = host.claude.requests;
    expect(first?.url).toBe('/v1/messages?beta=true');
    expect(first?.headers).toMatchObject({ 'anthropic-version': '2024-01-01', 'anthropic-beta': 'x-1' });
    expect(first?.headers['x-api-key']).toBe(host.secrets.claude);
    expect(second?.headers['anthropic-version']).toBe('2023-06-01');
  });

  it('[decision 18] finds its model by alias, by profile and by the endpoint’s own profile', async () => {
    const host = await startRelayHost();
    host.gpt.handle((_request, response) => sendJson(response, 200, wholeChat('Hi.')));
    await host.ask('settings.set', { values: { completionsProfile: 'gpt', modelAliases: { quick: 'gpt/mini-5' } } });
    for (const model of ['quick', 'gpt/a/b', 'vendor/model', 'gpt/']) await host.post(CHAT, ask(model));
    const { messages } = ask('');
    await host.post(CHAT, { messages });
    expect(host.gpt.requests.map(({ json }) => json['model'])).toEqual(['mini-5', 'a/b', 'vendor/model', 'own', 'own']);
  });

  it('[E11-01] a name that ends in “-thinking” switches thinking on, and keeps what was asked', async () => {
    const host = await startRelayHost();
    answering(host);
    host.gpt.handle((_request, response) => sendJson(response, 200, wholeChat('Hi.')));
    await host.post(MESSAGES, ask('claude/opus-thinking', { max_tokens: 64_000 }));
    await host.post(MESSAGES, ask('claude/opus-thinking', { thinking: { type: 'adaptive' } }));
    await host.post(MESSAGES, ask('claude/opus-thinking', { thinking: { type: 'disabled' } }));
    const small = await host.post(MESSAGES, ask('claude/opus-thinking', { max_tokens: 100 }));
    expect(small.status).toBe(400);
    expect(await small.text()).toContain('max_tokens');
    await host.post(CHAT, ask('gpt/o9-thinking'));
    expect(posted(host.claude).map(({ json }) => [json['model'], json['thinking']])).toEqual([
      ['opus', { type: 'enabled', budget_tokens: 20_000 }],
      ['opus', { type: 'adaptive' }],
      ['opus', { type: 'enabled', budget_tokens: 2048 }],
    ]);
    expect(posted(host.gpt)[0]?.json).toMatchObject({ model: 'o9', reasoning_effort: 'high' });
  });

  it('[E11-01] a model that was named “…-thinking” is not sent what it refuses while it thinks, and the program is told', async () => {
    const host = await startRelayHost();
    answering(host);
    host.gpt.handle((_request, response) => sendJson(response, 200, wholeChat('Hi.')));
    const sampled = { temperature: 0.2, top_p: 1, top_k: 5, max_tokens: 64_000, other: '9007199254740993' };
    const told = async (path: string, body: unknown) => (await host.post(path, body)).headers.get('x-sluice-left-out');
    expect(await told(MESSAGES, ask('claude/opus-thinking', sampled))).toBe('temperature, top_k');
    expect(await told(MESSAGES, ask('claude/opus-thinking', { tool_choice: { type: 'any' } }))).toBe('thinking');
    expect(await told(MESSAGES, ask('claude/opus', sampled))).toBeNull();
    expect(await told(CHAT, ask('gpt/gpt-5.2-thinking', { temperature: 0.2 }))).toBe('temperature');
    expect(await told(CHAT, ask('gpt/gpt-4o-thinking', { temperature: 0.2 }))).toBe('thinking');
    expect(await told(CHAT, ask('gpt/glm-6-thinking', { temperature: 0.2 }))).toBeNull();
    const shown = (json: Record<string, unknown>) =>
      ['thinking', 'reasoning_effort', 'temperature', 'top_p', 'top_k', 'other'].map((name) => json[name]);
    expect(posted(host.claude).map(({ json }) => shown(json))).toEqual([
      [{ type: 'enabled', budget_tokens: 20_000 }, undefined, undefined, undefined, undefined, sampled.other],
      [undefined, undefined, undefined, undefined, undefined, undefined],
      [undefined, undefined, 0.2, 1, 5, sampled.other],
    ]);
    expect(posted(host.gpt).map(({ json }) => shown(json).slice(1, 3))).toEqual([
      ['high', undefined],
      [undefined, 0.2],
      ['high', 0.2],
    ]);
  });

  it('[E11-01] a tool loop whose program gives no thinking back goes on with a model that was named “…-thinking”', async () => {
    const host = await startRelayHost();
    answering(host);
    const call = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} };
    const loop = (...before: unknown[]) => ({
      messages: [
        { role: 'user', content: 'How is it?' },
        { role: 'assistant', content: [...before, call] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: '20 °C' }] },
      ],
    });
    const answer = await host.post(MESSAGES, ask('claude/claude-haiku-4-5-thinking', loop()));
    expect(answer.headers.get('x-sluice-left-out')).toBe('thinking');
    await host.post(
      MESSAGES,
      ask('claude/claude-haiku-4-5-thinking', loop({ type: 'thinking', thinking: 'Hm.', signature: 's' })),
    );
    await host.post(MESSAGES, ask('claude/claude-opus-4-8-thinking', loop()));
    const kinds = posted(host.claude).map(({ json }) => (json['thinking'] as { type?: string } | undefined)?.type);
    expect(kinds).toEqual([undefined, 'enabled', 'adaptive']);
  });

  it('[E11-01] a name that ends in “-thinking” lets a model decide that takes no budget any more', async () => {
    const host = await startRelayHost();
    answering(host);
    await host.post(MESSAGES, ask('claude/claude-opus-4-8-thinking', { max_tokens: 100 }));
    await host.post(MESSAGES, ask('claude/claude-haiku-4-5-thinking', { max_tokens: 30_000 }));
    expect(posted(host.claude).map(({ json }) => [json['model'], json['thinking']])).toEqual([
      ['claude-opus-4-8', { type: 'adaptive', display: 'summarized' }],
      ['claude-haiku-4-5', { type: 'enabled', budget_tokens: 20_000 }],
    ]);
  });

  it('[E11-01] a model that is called “…-thinking” is that model from the first request on', async () => {
    const host = await startRelayHost();
    host.gpt.handle((request, response) =>
      request.url === '/v1/models'
        ? sendJson(response, 200, { data: [{ id: 'kimi-k2' }, { id: 'kimi-k2-thinking' }] })
        : sendJson(response, 200, wholeChat('Hi.')),
    );
    await host.post(CHAT, ask('gpt/kimi-k2-thinking'));
    await host.post(CHAT, ask('gpt/other-thinking'));
    const asked = posted(host.gpt).map(({ json }) => json);
    expect(asked.map((json) => [json['model'], json['reasoning_effort']])).toEqual([
      ['kimi-k2-thinking', undefined],
      ['other', 'high'],
    ]);
  });

  it('[E11-01] a profile’s own model that is called “…-thinking” needs no list to be known', async () => {
    const host = await startRelayHost();
    const url = host.gpt.url;
    await host.ask('profiles.create', { name: 'own', kind: 'openai-chat', baseUrl: url, defaultModel: 'qwq-thinking' });
    host.gpt.handle((request, response) =>
      request.method === 'GET' ? response.writeHead(404).end() : sendJson(response, 200, wholeChat('Hi.')),
    );
    await host.post(CHAT, ask('own/qwq-thinking'));
    const asked = posted(host.gpt).map(({ json }) => json);
    expect(asked).toMatchObject([{ model: 'qwq-thinking' }]);
    expect(asked[0]).not.toHaveProperty('reasoning_effort');
  });

  it('web search as the only tool goes to an upstream that has it, and is refused as unsupported elsewhere', async () => {
    const host = await startRelayHost();
    answering(host);
    const tools = [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }];
    expect((await host.post(MESSAGES, ask('claude/m', { tools }))).status).toBe(200);
    expect(host.claude.requests[0]?.json['tools']).toEqual(tools);
    const refused = await host.post(MESSAGES, ask('gpt/m', { tools }));
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining('web search') as unknown },
    });
    expect(host.gpt.requests).toHaveLength(0);
  });
});

describe('who may ask', () => {
  it('[E11-01] a request that shows two keys is known by the one that opens something; two wrong ones open nothing', async () => {
    const host = await startRelayHost();
    answering(host);
    const showing = async (bearer: string, key: string) =>
      (await host.post(MESSAGES, ask('claude/m'), { headers: { authorization: `Bearer ${bearer}`, 'x-api-key': key } }))
        .status;
    expect(await showing('left-of-another-service', host.key)).toBe(200);
    expect(await showing(host.key, 'sk-ant-of-another-service')).toBe(200);
    expect(await showing('sk-one', 'sk-two')).toBe(401);
    const [first] = host.claude.requests;
    expect([first?.headers['x-api-key'], first?.headers.authorization]).toEqual([host.secrets.claude, undefined]);
  });

  it('[E11-01] a program’s key as x-api-key or as Bearer, or the owner’s token; not a key for other things', async () => {
    const host = await startRelayHost();
    answering(host);
    const plain = (headers: Record<string, string>) =>
      fetch(`${host.url}${MESSAGES}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(ask('claude/m')),
      });
    expect((await plain({ 'x-api-key': host.key })).status).toBe(200);
    expect((await plain({ authorization: `Bearer ${host.key}` })).status).toBe(200);
    expect((await plain({ authorization: `Bearer ${OWNER_TOKEN}` })).status).toBe(200);
    const other = await host.ask<{ key: string }>('localApi.createClient', { name: 'reader', scopes: ['runs:read'] });
    const refused = await plain({ 'x-api-key': other.key });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ type: 'error', error: { type: 'permission_error' } });
    const nobody = await plain({});
    expect(nobody.status).toBe(401);
    expect(await nobody.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
    expect((await plain({ 'x-api-key': host.key, origin: 'http://evil.example' })).status).toBe(403);
    expect(host.claude.requests).toHaveLength(3);
  });

  it('a key that is revoked ends its streams', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(messageFrames('Hello there.').slice(0, 4).join(''));
    });
    const { client, key } = await host.ask<{ client: { id: string }; key: string }>('localApi.createClient', {
      name: 'b',
    });
    const answer = await host.post(MESSAGES, ask('claude/m', { stream: true }), { headers: { 'x-api-key': key } });
    await answer.body?.getReader().read();
    await host.ask('localApi.revokeClient', { clientId: client.id });
    await host.claude.requests[0]?.left;
    expect((await host.booked(1))[0]?.outcome).toBe('stopped');
  });
});

describe('when keys are used up', () => {
  it('[E11-06] answers 503 with a time and reasons in words, and asks nobody while all keys rest', async () => {
    const host = await startRelayHost();
    await host.ask('settings.set', { values: { credentialRestWaitMs: 3000 } });
    host.claude.handle((_request, response) =>
      sendJson(
        response,
        429,
        { type: 'error', error: { type: 'rate_limit_error', message: 'slow down' } },
        { 'retry-after': '900' },
      ),
    );
    const first = await host.post(MESSAGES, ask('claude/m'));
    expect(first.status).toBe(503);
    expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(800);
    expect(first.headers.get('x-should-retry')).toBe('true');
    expect(await first.json()).toMatchObject({
      error: { type: 'rate_limit_error', message: expect.stringContaining('slow down') as unknown },
    });
    const second = await host.post(MESSAGES, ask('claude/m'));
    expect(second.status).toBe(503);
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(60);
    expect(await second.json()).toMatchObject({
      error: { message: expect.stringMatching(/All keys.*resting.*slow down/) as unknown },
    });
    expect(host.claude.requests).toHaveLength(1);
    const [call] = await host.booked(1);
    expect(call).toMatchObject({ outcome: 'refused', billable: false });
  });

  it('[E11-06] an overloaded upstream is asked again, and the program sees only the answer', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response, number) =>
      number === 1
        ? sendJson(response, 529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
        : sendJson(response, 200, wholeMessage('Hi.')),
    );
    expect(await (await host.post(MESSAGES, ask('claude/m'))).json()).toEqual(wholeMessage('Hi.'));
    expect(host.claude.requests).toHaveLength(2);
  });

  it('[E11-06][BUG-D9] a number within an error’s words decides nothing', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) =>
      sendJson(response, 400, {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'tool 429 returned 401' },
      }),
    );
    const failed = await host.post(MESSAGES, ask('claude/m'));
    expect(failed.status).toBe(400);
    const [key] = await host
      .ask<{ cooldowns: unknown[]; failureCount: number }[]>('credentials.list', {})
      .then((list) =>
        Array.isArray(list)
          ? list
          : (list as unknown as { credentials: { cooldowns: unknown[]; failureCount: number }[] }).credentials,
      );
    expect(key?.failureCount).toBe(0);
  });

  it('[E11-06] a profile without a key, one that is unknown and one without a model are told apart', async () => {
    const host = await startRelayHost();
    await host.ask('profiles.create', { name: 'bare', kind: 'anthropic', baseUrl: host.claude.url });
    const nameless = await host.post(MESSAGES, { messages: ask('').messages, model: 'bare/' });
    expect([nameless.status, await nameless.text()]).toEqual([400, expect.stringContaining('names no model')]);
    const keyless = await host.post(MESSAGES, ask('bare/m'));
    expect([keyless.status, await keyless.text()]).toEqual([
      502,
      expect.stringMatching(/authentication_error.*no key yet/),
    ]);
    await host.ask('settings.set', { values: { messagesProfile: 'gone' } });
    const unknown = await host.post(MESSAGES, ask('m'));
    expect([unknown.status, await unknown.text()]).toEqual([404, expect.stringMatching(/not_found_error.*gone/)]);
  });
});

describe('a stream that goes wrong', () => {
  it('[E11-02] silence beyond the deadline is told as an error of the protocol', async () => {
    const host = await startRelayHost();
    await host.ask('settings.set', { values: { idleTimeoutMs: 1000 } });
    for (const [path, upstream, frames, shape] of [
      [
        MESSAGES,
        host.claude,
        messageFrames('Hello there.'),
        /\n\nevent: error\ndata: \{"type":"error","error":\{"type":"timeout_error".*said nothing for 1 s.*\}\n\n$/,
      ],
      [CHAT, host.gpt, chatFrames('Hello there.'), /\n\ndata: \{"error":\{"message":".*said nothing for 1 s.*\}\n\n$/],
    ] as const) {
      upstream.handle((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(frames.slice(0, 4).join(''));
      });
      const answer = await host.post(path, ask(path === MESSAGES ? 'claude/m' : 'gpt/m', { stream: true }));
      const text = await answer.text();
      expect(text).toMatch(shape);
      expect(text).not.toMatch(/message_stop|\[DONE\]/);
    }
  });

  it('[E11-02] OpenAI’s stream that ends in order without its last word is passed on as it came', async () => {
    const host = await startRelayHost();
    const frames = chatFrames('Hello there.').slice(0, -1);
    host.gpt.handle((_request, response) => play(response, frames));
    const answer = await host.post(CHAT, ask('gpt/m', { stream: true }));
    expect(await answer.text()).toBe(frames.join(''));
    expect((await host.booked(1))[0]).toMatchObject({ outcome: 'completed', source: 'estimate' });
  });

  it('[E11-02] a frame that nobody can read is followed by an error', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) =>
      play(response, [...messageFrames('Hello there.').slice(0, 4), 'event: content_block_delta\ndata: {"type":\n\n']),
    );
    const text = await (await host.post(MESSAGES, ask('claude/m', { stream: true }))).text();
    expect(text).toMatch(/event: error\ndata: .*no valid JSON.*\n\n$/);
  });

  it('a program that reads slowly holds the upstream up, and gets every byte', async () => {
    const host = await startRelayHost();
    const frame = sse(
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'x'.repeat(60_000) } },
      'content_block_delta',
    );
    let written = 0;
    const total = 400;
    host.claude.handle(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(messageFrames('Hi.').slice(0, 3).join(''));
      for (; written < total; written++) {
        if (!response.write(frame)) await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end(messageFrames('Hi.').slice(-3).join(''));
    });
    const answer = await host.post(MESSAGES, ask('claude/m', { stream: true }));
    const reader = answer.body?.getReader();
    await reader?.read();
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // 24 MB are on their way; what nobody took yet waits at the upstream.
    expect(written).toBeLessThan(total);
    let bytes = 0;
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) bytes += next.value.length;
    expect(bytes).toBeGreaterThan((total - 20) * 60_000);
    expect((await host.booked(1))[0]?.outcome).toBe('completed');
  });
});

describe('the same request twice', () => {
  it('is answered once under one Idempotency-Key, whole or streamed, also after a restart', async () => {
    const host = await startRelayHost();
    host.claude.handle((request, response, number) =>
      request.json['stream'] === true
        ? play(response, messageFrames(`Answer ${number}.`))
        : sendJson(response, 200, wholeMessage(`Answer ${number}.`)),
    );
    for (const stream of [false, true]) {
      const headers = { 'idempotency-key': `key-${stream}` };
      const first = await (await host.post(MESSAGES, ask('claude/m', { stream }), { headers })).text();
      const again = await host.post(MESSAGES, ask('claude/m', { stream }), { headers });
      expect(await again.text()).toBe(first);
      expect(again.headers.get('idempotent-replayed')).toBe('true');
    }
    expect(host.claude.requests).toHaveLength(2);
    const next = await host.restart();
    const later = await fetch(`${next.url}${MESSAGES}`, {
      method: 'POST',
      headers: { 'x-api-key': host.key, 'content-type': 'application/json', 'idempotency-key': 'key-false' },
      body: JSON.stringify(ask('claude/m', { stream: false })),
    });
    expect(await later.json()).toEqual(wholeMessage('Answer 1.'));
    expect(host.claude.requests).toHaveLength(2);
  });

  it('is refused with 409 while the first is under way, or with another body; a failure frees the key', async () => {
    const host = await startRelayHost();
    let release: () => void = () => undefined;
    host.claude.handle((_request, response) => {
      release = () =>
        sendJson(response, 400, { type: 'error', error: { type: 'invalid_request_error', message: 'no' } });
    });
    const headers = { 'idempotency-key': 'k' };
    const first = host.post(MESSAGES, ask('claude/m'), { headers });
    await host.claude.reached(1);
    const busy = await host.post(MESSAGES, ask('claude/m'), { headers });
    expect([busy.status, busy.headers.get('retry-after'), busy.headers.get('x-should-retry')]).toEqual([
      409,
      '1',
      'true',
    ]);
    expect(await busy.json()).toMatchObject({
      type: 'error',
      error: { message: expect.stringContaining('still being answered') as unknown },
    });
    const other = await host.post(MESSAGES, ask('claude/m', { max_tokens: 1 }), { headers });
    expect(other.headers.get('x-should-retry')).toBe('false');
    expect([other.status, await other.text()]).toEqual([409, expect.stringContaining('another request')]);
    release();
    expect((await first).status).toBe(400);
    answering(host);
    expect((await host.post(MESSAGES, ask('claude/m'), { headers })).status).toBe(200);
    const different = await host.post(MESSAGES, ask('claude/m', { max_tokens: 1 }), { headers });
    expect(different.status).toBe(409);
  });

  it('[BUG-D12] two programs may use the same key for different requests, whatever their bodies claim', async () => {
    const host = await startRelayHost();
    answering(host);
    const { key } = await host.ask<{ key: string }>('localApi.createClient', { name: 'another' });
    const headers = { 'idempotency-key': 'k' };
    expect((await host.post(MESSAGES, ask('claude/m'), { headers })).status).toBe(200);
    expect(
      (await host.post(MESSAGES, ask('claude/m', { max_tokens: 1 }), { headers: { ...headers, 'x-api-key': key } }))
        .status,
    ).toBe(200);
  });
});

describe('counting tokens', () => {
  const path = '/v1/messages/count_tokens';

  it('[E11-04] asks the provider where it counts, and books nothing', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) => sendJson(response, 200, { input_tokens: 4711 }));
    const answer = await host.post(path, ask('claude/claude-opus-5', { n: 1 }));
    expect(await answer.json()).toEqual({ input_tokens: 4711 });
    expect(answer.headers.get('x-sluice-estimate')).toBeNull();
    expect(host.claude.requests[0]).toMatchObject({ url: path, json: { model: 'claude-opus-5', n: 1 } });
    expect(await host.booked(0)).toEqual([]);
  });

  it('[E11-04][BUG-D16] gives a labelled estimate where the provider does not count, fails or stays silent', async () => {
    const host = await startRelayHost();
    const text = 'The quick brown fox jumps over the lazy dog. '.repeat(100);
    const body = ask('claude/m', {
      system: [{ type: 'text', text }],
      tools: [{ name: 't', description: text, input_schema: {} }],
    });
    for (const status of [404, 500, 401]) {
      host.claude.handle((_request, response) =>
        sendJson(response, status, { type: 'error', error: { type: 'x', message: 'y' } }),
      );
      const answer = await host.post(path, body);
      expect(answer.headers.get('x-sluice-estimate')).toBe('input_tokens');
      const { input_tokens } = (await answer.json()) as { input_tokens: number };
      expect(input_tokens).toBeGreaterThan(1800);
      expect(input_tokens).toBeLessThan(2400);
    }
    const elsewhere = await host.post(path, { ...body, model: 'gpt/m' });
    expect(elsewhere.headers.get('x-sluice-estimate')).toBe('input_tokens');
    expect(host.gpt.requests).toHaveLength(0);
  });

  it('[E11-04] a count that fails keeps no key from answering, and is given up when its program leaves', async () => {
    const host = await startRelayHost();
    host.claude.handle((request, response) => {
      if (request.url === '/v1/messages') sendJson(response, 200, wholeMessage('Hi.'));
      else if (host.claude.requests.length < 2)
        sendJson(response, 401, { type: 'error', error: { type: 'x', message: 'y' } });
    });
    await (await host.post(path, ask('claude/m'))).text();
    const abort = new AbortController();
    const left = host.post(path, ask('claude/m'), { signal: abort.signal });
    await host.claude.reached(2);
    abort.abort();
    await expect(left).rejects.toThrow();
    await host.claude.requests[1]?.left;
    expect((await host.post(MESSAGES, ask('claude/m'))).status).toBe(200);
  });

  it.each([
    ['a limit of its own', 429, 'rate_limit_error', { 'retry-after': '100' }],
    ['no right to count', 403, 'permission_error', {}],
    ['an overload', 529, 'overloaded_error', { 'retry-after': '100' }],
    ['a server that fails', 500, 'api_error', {}],
  ])(
    '[E11-04] [E10-12] %s, four counts long, says nothing of the key: it is ready for answers',
    async (_what, status, type, headers) => {
      const host = await startRelayHost();
      host.claude.handle((_request, response) =>
        sendJson(response, status, { type: 'error', error: { type, message: 'No.' } }, headers),
      );
      for (let count = 0; count < 4; count++) {
        const counted = await host.post(path, ask('claude/m'));
        expect([counted.status, counted.headers.get('x-sluice-estimate')]).toEqual([200, 'input_tokens']);
      }
      const { credentials } = await host.ask<{ credentials: CredentialRecord[] }>('credentials.list', {});
      const key = credentials.find(({ approvedOrigin }) => approvedOrigin === host.claude.url);
      expect(key).toMatchObject({ state: 'ready', rests: [], failures: 0, failureCount: 0 });
    },
  );

  it('[E11-04] a count below nothing, or beyond every number, is none: it is estimated', async () => {
    const host = await startRelayHost();
    for (const input_tokens of [-5, 1e300, 0.5, '42']) {
      host.claude.handle((_request, response) => sendJson(response, 200, { input_tokens }));
      const counted = await host.post(path, ask('claude/m'));
      expect(counted.headers.get('x-sluice-estimate')).toBe('input_tokens');
      expect(((await counted.json()) as { input_tokens: number }).input_tokens).toBeGreaterThan(0);
    }
  });

  it('[E11-04] pictures count as pictures, and what the provider calls wrong is wrong', async () => {
    const host = await startRelayHost();
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(400_000) } };
    const answer = await host.post(path, ask('gpt/m', { messages: [{ role: 'user', content: [image] }] }));
    const { input_tokens } = (await answer.json()) as { input_tokens: number };
    expect(input_tokens).toBeGreaterThan(900);
    expect(input_tokens).toBeLessThan(2000);
    const wrong = { type: 'error', error: { type: 'invalid_request_error', message: 'messages: no' } };
    host.claude.handle((_request, response) => sendJson(response, 400, wrong));
    const refused = await host.post(path, ask('claude/m'));
    expect([refused.status, await refused.json()]).toEqual([400, wrong]);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('[E11-04] the provider’s count is its count also where it comes packed with %s', async (encoding, pack) => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding });
      response.end(pack('{"input_tokens":4711}'));
    });
    const answer = await host.post(path, ask('claude/m'));
    expect(await answer.json()).toEqual({ input_tokens: 4711 });
    expect(answer.headers.get('x-sluice-estimate')).toBeNull();
  });
});

describe('the list of models', () => {
  it('[E11-05] has the upstreams’ own, behind their profiles, in a shape that both kinds of client read', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) =>
      sendJson(response, 200, { data: [{ id: 'claude-opus-5', type: 'model' }] }),
    );
    host.gpt.handle((_request, response) => sendJson(response, 500, {}));
    await host.ask('settings.set', { values: { defaultProfile: 'claude', modelAliases: { quick: 'gpt/own' } } });
    const list = (await (await fetch(`${host.url}/v1/models`, { headers: { 'x-api-key': host.key } })).json()) as {
      object: string;
      has_more: boolean;
      first_id: string;
      data: { id: string; object: string; type: string; created: number; created_at: string; owned_by: string }[];
    };
    const ids = list.data.map(({ id }) => id);
    // `gpt` does not tell: the model that its profile names stands for it.
    expect(ids).toEqual(expect.arrayContaining(['quick', 'claude-opus-5', 'own', 'gpt/own', 'demo/demo']));
    expect(list).toMatchObject({ object: 'list', has_more: false, first_id: ids[0] });
    expect(list.data[1]).toMatchObject({
      object: 'model',
      type: 'model',
      created: expect.any(Number) as unknown,
      created_at: expect.any(String) as unknown,
    });
    const one = await fetch(`${host.url}/v1/models/gpt/own`, { headers: { 'x-api-key': host.key } });
    expect(await one.json()).toMatchObject({ id: 'gpt/own', owned_by: 'gpt' });
    // The default profile's are listed by their bare names; by the whole one they can be asked as well.
    const whole = await fetch(`${host.url}/v1/models/claude%2Fclaude-opus-5`, { headers: { 'x-api-key': host.key } });
    expect([whole.status, await whole.json()]).toMatchObject([200, { id: 'claude-opus-5', owned_by: 'claude' }]);
    const none = await fetch(`${host.url}/v1/models/nothing`, { headers: { 'x-api-key': host.key } });
    expect([none.status, await none.json()]).toMatchObject([
      404,
      { error: { message: expect.stringContaining('nothing') as unknown } },
    ]);
    // Cached: nobody is asked again at once.
    expect(host.claude.requests).toHaveLength(1);
    // Anthropic's list has pages, and 20 models in one where nobody says more.
    expect(host.claude.requests[0]?.url).toBe('/v1/models?limit=1000');
  });
});

describe('the buffered variant', () => {
  it('[E11-01] holds the stream until its figures are known, and puts them into the first event', async () => {
    const host = await startRelayHost();
    const frames = messageFrames('Hello there.', { input_tokens: 0, output_tokens: 7 });
    const last = frames.map((frame) =>
      frame.replace('"usage":{"output_tokens":7}', '"usage":{"input_tokens":4711,"output_tokens":7}'),
    );
    host.claude.handle((_request, response) => play(response, last));
    const text = await (await host.post('/cc/v1/messages', ask('claude/m', { stream: true }))).text();
    expect(text).toBe(
      last
        .join('')
        .replace('"usage":{"input_tokens":0,"output_tokens":1}', '"usage":{"input_tokens":4711,"output_tokens":1}'),
    );
    expect(text).toContain('"input_tokens":4711,"output_tokens":1}');
  });

  it('[decision 26] names no estimate, also where it is given again under its Idempotency-Key', async () => {
    const host = await startRelayHost();
    const figures = { prompt_tokens: 4711, completion_tokens: 7 };
    host.gpt.handle((_request, response) => play(response, chatFrames('Hello there.', figures)));
    const headers = { 'idempotency-key': 'held' };
    const given = () => host.post('/cc/v1/messages', ask('gpt/m', { stream: true }), { headers });
    const first = await given();
    const text = await first.text();
    const again = await given();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect([await again.text(), again.headers.get('x-sluice-estimate')]).toEqual([text, null]);
    expect(text).toContain('"input_tokens":4711');
    expect(again.headers.get('cache-control')).toBe(first.headers.get('cache-control'));
  });

  it('[BUG-D8] tells a cut one as an error', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) => play(response, messageFrames('Hello there.').slice(0, 5)));
    const text = await (await host.post('/cc/v1/messages', ask('claude/m', { stream: true }))).text();
    expect(text).toContain('text_delta');
    expect(text).toMatch(/event: error\n.*cut before the answer was complete/);
  });
});

describe('the demo', () => {
  it.each([MESSAGES, CHAT, '/v1/responses'])(
    '[E11-07] answers on %s without any key, streaming or not',
    async (path) => {
      const host = await startRelayHost();
      // Few words: it says sixty a second.
      const input = '/echo A few words';
      const body =
        path === '/v1/responses'
          ? { model: 'demo', input }
          : ask('demo', { messages: [{ role: 'user', content: input }] });
      const whole = await host.post(path, body);
      expect(whole.status).toBe(200);
      expect(await whole.text()).toContain('A few words');
      const stream = await (await host.post(path, { ...body, stream: true })).text();
      expect(stream).toContain('words');
      expect(stream).toMatch(/\[DONE\]\n\n$|event: message_stop\n.*\n\n$|event: response\.completed\n.*\n\n$/);
      const calls = await host.booked(2);
      expect(calls.map(({ profile, outcome }) => [profile, outcome])).toEqual([
        ['demo', 'completed'],
        ['demo', 'completed'],
      ]);
    },
  );

  it('[E11-07] a failure that it plays is an error of the protocol', async () => {
    const host = await startRelayHost();
    const failed = await host.post(MESSAGES, ask('demo', { messages: [{ role: 'user', content: '/fail' }] }));
    expect(failed.status).toBeGreaterThanOrEqual(400);
    expect(await failed.json()).toMatchObject({ type: 'error' });
  });
});

describe('a key with a cap', () => {
  it('[E11-06] calls that go on side by side wait for each other before they could pass it together, and none is cut', async () => {
    const host = await startRelayHost();
    await host.ask('models.saveOverride', { model: 'm', currency: 'USD', input: '1000000', output: '0' });
    const { key } = await host.ask<{ key: string }>('localApi.createClient', {
      name: 'a spender',
      cap: { period: 'day', currency: 'USD', limit: '100' },
    });
    const held: (() => void)[] = [];
    host.claude.handle((_request, response) => {
      held.push(() => sendJson(response, 200, wholeMessage('Yes.', { input_tokens: 30, output_tokens: 1 })));
    });
    const post = () => host.post(MESSAGES, ask('claude/m'), { headers: { 'x-api-key': key } });
    const asked = Array.from({ length: 20 }, post);
    const told: Response[] = [];
    await new Promise<void>((resolve) => {
      for (const one of asked) {
        void one.then((answer) => {
          told.push(answer);
          if (told.length === 12) resolve();
        });
      }
    });
    await host.claude.reached(8);
    expect(told.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 503));
    expect(told[0]?.headers.get('retry-after')).toBe('5');
    expect(await told[0]?.json()).toMatchObject({
      type: 'error',
      error: { type: 'overloaded_error', message: expect.stringContaining('“a spender”') as unknown },
    });
    expect(host.claude.requests).toHaveLength(8);
    for (const go of held.splice(0)) go();
    const answers = await Promise.all(asked);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(8);
    await host.booked(8);
    // What is booked has passed it: told as what it is, and to nobody else.
    const late = await post();
    expect([late.status, await late.json()]).toMatchObject([402, { error: { type: 'billing_error' } }]);
    answering(host);
    expect((await host.post(MESSAGES, ask('claude/m'))).status).toBe(200);
  });
});

describe('recent calls', () => {
  it('say who asked whom, how it ended and what it took, and nothing of what was said', async () => {
    const host = await startRelayHost();
    answering(host);
    await host.post(MESSAGES, ask('claude/m'));
    host.claude.handle((_request, response) =>
      sendJson(response, 400, { type: 'error', error: { type: 'invalid_request_error', message: 'no' } }),
    );
    await host.post(MESSAGES, ask('claude/m'));
    await host.booked(2);
    const { calls } = await host.ask<{ calls: Record<string, unknown>[] }>('localApi.calls', {});
    expect(calls).toMatchObject([
      { client: 'a program', path: MESSAGES, profile: 'claude', outcome: 'failed', status: 400 },
      { outcome: 'completed', status: 200, model: 'm', inputTokens: 11, outputTokens: 7, isEstimate: false },
    ]);
    expect(calls[1]).toMatchObject({ credential: 'key 6789', failure: null, attempts: [{ credential: 'key 6789' }] });
    const refused = calls[0]?.['failure'];
    expect(refused).toMatch(/\w/);
    expect(calls[0]?.['attempts']).toMatchObject([{ credential: 'key 6789', failure: refused }]);
    expect(JSON.stringify(calls)).not.toContain('Say hello');
  });
});
