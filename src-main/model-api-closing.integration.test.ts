import { describe, expect, it } from 'vitest';
import { messageFrames, sendJson } from './testing/raw-upstream.ts';
import { type RelayHost, startRelayHost } from './testing/relay-host.ts';

// What programs hear where the host ends, where they may not ask, and where none of several keys can be used.

const ask = (model: string, more: Record<string, unknown> = {}) => ({
  model,
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hello?' }],
  ...more,
});
const asked = (model: string) => ({ model, input: 'Hello?', stream: true });

/** An upstream that says the beginning of an answer and then nothing any more. */
function begins(host: RelayHost): void {
  host.claude.handle((request, response) => {
    if (request.json['stream'] !== true) return;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const frame of messageFrames('Hello you there').slice(0, 4)) response.write(frame);
  });
}

/** The text of an answer once so much of it has come. */
async function readUntil(answer: Response, part: string): Promise<() => Promise<string>> {
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  const next = async () => {
    const { done, value } = await reader.read();
    if (!done) text += decoder.decode(value, { stream: true });
    return !done;
  };
  while (!text.includes(part) && (await next()));
  return async () => {
    while (await next());
    return text;
  };
}

describe('a host that ends while it answers', () => {
  it('[E11-07] says so in each protocol before it closes the line, and books what was begun', async () => {
    const host = await startRelayHost();
    begins(host);
    const streams = await Promise.all([
      host.post('/v1/messages', ask('claude/m', { stream: true })),
      host.post('/v1/chat/completions', ask('claude/m', { stream: true })),
      host.post('/v1/responses', asked('claude/m')),
    ]);
    const rests = await Promise.all(streams.map((answer) => readUntil(answer, 'Hello')));
    const whole = host.post('/v1/messages', ask('claude/m'));
    await host.claude.reached(4);
    const stopped = host.core.stop('signal');
    const [messages = '', chat = '', responses = ''] = await Promise.all(rests.map((rest) => rest()));
    expect(messages).toMatch(/event: error\ndata: .*"overloaded_error".*closing.*\n\n$/);
    expect(messages).not.toContain('message_stop');
    expect(chat).toMatch(/data: \{"error":\{"message":"Sluice is closing.*\n\n$/);
    expect(chat).not.toContain('[DONE]');
    expect(responses).toContain('event: error\n');
    expect(responses).toMatch(/event: response\.failed\ndata: .*"status":"failed".*\n\n$/);
    const refused = await whole;
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(await refused.json()).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
    await stopped;
    const again = await host.restart();
    const { calls } = await again.ask<{ calls: { outcome: string }[] }>('usage.calls', { limit: 10 });
    expect(calls.map(({ outcome }) => outcome)).toEqual(['stopped', 'stopped', 'stopped', 'stopped']);
  });
});

describe('who may not even ask', () => {
  it.each([
    ['/v1/messages', { type: 'error', error: { type: 'permission_error' } }],
    ['/cc/v1/messages', { type: 'error', error: { type: 'permission_error' } }],
    ['/v1/messages/count_tokens', { type: 'error', error: { type: 'permission_error' } }],
    ['/v1/chat/completions', { error: { type: 'permission_error', code: 'forbidden_sender', param: null } }],
    ['/v1/responses', { error: { type: 'permission_error', code: 'forbidden_sender', param: null } }],
    ['/v1/nothing', { error: { type: 'permission_error', code: 'forbidden_sender' } }],
  ])('[E1-08] [E11-06] a page of elsewhere is told so at %s as its clients read errors', async (path, body) => {
    const host = await startRelayHost();
    const answer = await host.post(path, ask('claude/m'), { headers: { origin: 'https://evil.example' } });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject(body);
    expect(answer.headers.get('connection')).toBe('close');
    expect(host.claude.requests).toEqual([]);
  });
});

describe('several keys of which none can be used', () => {
  it('[E11-06] [BUG-D11] each is told with its reason; no program reads what the owner calls them', async () => {
    const host = await startRelayHost();
    await host.addKey('claude', 'sk-ant-other-of-the-pool-0123456789abcd');
    host.claude.handle((request, response) => {
      if (request.headers['x-api-key'] === host.secrets.claude)
        sendJson(response, 401, {
          type: 'error',
          error: { type: 'authentication_error', message: 'invalid x-api-key' },
        });
      else
        sendJson(
          response,
          429,
          { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down please' } },
          { 'retry-after': '400' },
        );
    });
    for (let round = 0; round < 2; round++) {
      const answer = await host.post('/v1/messages', ask('claude/m'));
      const { error } = (await answer.json()) as { error: { message: string } };
      expect(error.message).toMatch(/ Key 1: .* Key 2: /);
      expect(error.message).toContain('did not accept the key');
      expect(error.message).toContain('Slow down please');
      expect(error.message).not.toMatch(/key 6789|key abcd|sk-ant/);
      expect([502, 503]).toContain(answer.status);
    }
  });

  it('[E11-06] all that rest are waited for as long as the first of them does', async () => {
    const host = await startRelayHost();
    await host.addKey('claude', 'sk-ant-other-of-the-pool-0123456789abcd');
    host.claude.handle((request, response) =>
      sendJson(
        response,
        429,
        { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down please' } },
        { 'retry-after': request.headers['x-api-key'] === host.secrets.claude ? '300' : '900' },
      ),
    );
    const answer = await host.post('/v1/messages', ask('claude/m'));
    await answer.text();
    expect(answer.status).toBe(503);
    const waitS = Number(answer.headers.get('retry-after'));
    expect(waitS).toBeGreaterThan(290);
    expect(waitS).toBeLessThanOrEqual(300);
    const other = await host.post('/v1/chat/completions', ask('claude/m'));
    await other.text();
    expect(other.status).toBe(503);
    expect(Number(other.headers.get('retry-after'))).toBeLessThanOrEqual(300);
    expect(host.claude.requests).toHaveLength(2);
  });
});
