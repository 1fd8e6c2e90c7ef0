import { request as ask } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { sendJson, wholeChat, wholeMessage } from './testing/raw-upstream.ts';
import { type RelayHost, startRelayHost } from './testing/relay-host.ts';

// What is on the line itself: addresses that are nearly right, and ways of HTTP that few clients use.

const MESSAGES = '/v1/messages';
const CHAT = '/v1/chat/completions';
const body = (model: string) => JSON.stringify({ model, max_tokens: 9, messages: [{ role: 'user', content: 'x' }] });

async function startAnswering(): Promise<RelayHost> {
  const host = await startRelayHost();
  host.claude.handle((_request, response) => sendJson(response, 200, wholeMessage('Hello.')));
  host.gpt.handle((_request, response) => sendJson(response, 200, wholeChat('Hello.')));
  return host;
}

const thrownBy = (asked: Promise<unknown>) => asked.then(() => null).catch((thrown: unknown) => thrown);

describe('an address at which nothing is', () => {
  it.each([
    ['/v1/embeddings', 'There are /v1/messages'],
    ['/v1/responses/input_tokens', 'There are /v1/messages'],
    ['/v1/v1/chat/completions', 'You may mean “/v1/chat/completions”'],
    ['/chat/completions', 'You may mean “/v1/chat/completions”'],
    ['/responses', 'You may mean “/v1/responses”'],
    ['/v1/responses/', 'You may mean “/v1/responses”'],
  ])('[E11-06] %s is told in OpenAI’s shape, with what is there', async (path, words) => {
    const host = await startAnswering();
    const answer = await host.post(path, body('gpt/m'));
    expect(answer.status).toBe(404);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(await answer.json()).toMatchObject({
      error: { type: 'not_found_error', message: expect.stringContaining(words) as unknown },
    });
  });

  it('[E11-05] a model whose name has a slash is found as it is written, encoded or not; one that is not there is told how to look', async () => {
    const host = await startRelayHost();
    host.gpt.handle((_request, response) => sendJson(response, 200, { data: [{ id: 'meta-llama/llama-4' }] }));
    const ask = (path: string) => fetch(`${host.url}/v1/models/${path}`, { headers: { 'x-api-key': host.key } });
    for (const path of ['gpt/meta-llama/llama-4', 'gpt%2Fmeta-llama%2Fllama-4']) {
      expect(await (await ask(path)).json()).toMatchObject({ id: 'gpt/meta-llama/llama-4', object: 'model' });
    }
    const told = expect.stringContaining('GET /v1/models lists') as unknown;
    expect(await (await ask('gpt/meta-llama/llama-9')).json()).toMatchObject({ error: { message: told } });
    const odd = await ask('%E0%A4%A');
    expect([odd.status, await odd.json()]).toMatchObject([400, { error: { type: 'invalid_request_error' } }]);
  });

  it.each(['/messages', '/v1/v1/messages', '/v1/messages/', '//v1/messages'])(
    '[E11-06] %s is told in Anthropic’s shape, with the address that was meant',
    async (path) => {
      const host = await startAnswering();
      const answer = await host.post(path, body('claude/m'), { headers: { 'anthropic-version': '2023-06-01' } });
      expect([answer.status, await answer.json()]).toMatchObject([
        404,
        {
          type: 'error',
          error: {
            type: 'not_found_error',
            message: expect.stringContaining(`nothing at “${path}”. You may mean “/v1/messages”`) as unknown,
          },
        },
      ]);
    },
  );

  it('[E11-06] official clients read it, and a stranger is asked for a key first', async () => {
    const host = await startAnswering();
    const openai = new OpenAI({ baseURL: host.url, apiKey: host.key, maxRetries: 0 });
    const missing = await thrownBy(openai.responses.create({ model: 'gpt/m', input: 'x' }));
    expect(missing).toBeInstanceOf(OpenAI.NotFoundError);
    expect(String(missing)).toContain('that of OpenAI’s with it');
    const anthropic = new Anthropic({ baseURL: `${host.url}/v1`, apiKey: host.key, maxRetries: 0 });
    const doubled = await thrownBy(
      anthropic.messages.create({ model: 'claude/m', max_tokens: 9, messages: [{ role: 'user', content: 'x' }] }),
    );
    expect(doubled).toBeInstanceOf(Anthropic.NotFoundError);
    expect(String(doubled)).toContain('Anthropic’s clients ends before “/v1”');
    const stranger = new OpenAI({ baseURL: host.url, apiKey: 'wrong', maxRetries: 0 });
    expect(await thrownBy(stranger.models.list())).toBeInstanceOf(OpenAI.AuthenticationError);
  });
});

describe('on the line', () => {
  const line = (host: RelayHost, text: string, until: (got: string) => boolean) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(host.url).port), '127.0.0.1', () => socket.write(text));
      let got = '';
      socket.on('data', (part) => {
        got += part.toString('latin1');
        if (until(got)) socket.destroy();
      });
      socket.on('close', () => resolve(got));
      socket.on('error', reject);
    });
  const head = (host: RelayHost, method: string, path: string, more = '') =>
    `${method} ${path} HTTP/1.1\r\nHost: ${new URL(host.url).host}\r\nx-api-key: ${host.key}\r\ncontent-type: application/json\r\n${more}\r\n`;
  const post = (host: RelayHost, path: string, text: string) =>
    head(host, 'POST', path, `content-length: ${Buffer.byteLength(text)}\r\n`) + text;

  it('[E11-01] requests that come one behind another without waiting are answered in their order', async () => {
    const host = await startAnswering();
    const all =
      post(host, MESSAGES, body('claude/m')) + post(host, CHAT, body('gpt/m')) + head(host, 'GET', '/v1/models');
    const got = await line(host, all, (text) => text.includes('"object":"list"'));
    expect(got.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 200']);
    expect(got.indexOf('"type":"message"')).toBeLessThan(got.indexOf('"chat.completion"'));
    expect(got.indexOf('"chat.completion"')).toBeLessThan(got.indexOf('"object":"list"'));
  });

  it('[E11-01] who asks whether to send the body is told to go on', async () => {
    const host = await startAnswering();
    const text = body('claude/m');
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = { 'x-api-key': host.key, 'content-type': 'application/json', expect: '100-continue' };
      const request = ask(`${host.url}${MESSAGES}`, { method: 'POST', headers }, (response) => {
        let got = '';
        response.on('data', (part: Buffer) => (got += part.toString()));
        response.on('end', () => resolve(got));
      });
      request.on('continue', () => request.end(text));
      request.on('error', reject);
      request.flushHeaders();
    });
    expect(JSON.parse(answer)).toEqual(wholeMessage('Hello.'));
  });

  it.each([
    ['as it is', ''],
    ['in pieces', 'transfer-encoding: chunked\r\n'],
  ])(
    '[E11-01] who offers HTTP/2 beside a body that comes %s, as Java does, is answered in HTTP/1.1',
    async (_how, pieces) => {
      const host = await startAnswering();
      const text = body('claude/m');
      const length = Buffer.byteLength(text);
      const offer = 'connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n';
      const [more, sent] =
        pieces === ''
          ? [`content-length: ${length}\r\n`, text]
          : [pieces, `${length.toString(16)}\r\n${text}\r\n0\r\n\r\n`];
      const got = await line(host, head(host, 'POST', MESSAGES, offer + more) + sent, (all) => all.endsWith('}'));
      expect(got).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(got).toContain('"type":"message"');
      const [seen] = host.claude.requests;
      expect([seen?.headers.upgrade, seen?.headers['http2-settings'], seen?.headers.connection]).toEqual([
        undefined,
        undefined,
        'keep-alive',
      ]);
    },
  );

  it('[E11-06] who asks for a WebSocket where there is none is told at once', async () => {
    const host = await startAnswering();
    const offer = 'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\nsec-websocket-version: 13\r\n';
    const got = await line(host, head(host, 'GET', '/v1/responses', offer), (all) => all.endsWith('}'));
    expect(got).toMatch(/^HTTP\/1\.1 405 [^]*This address takes POST/);
  });

  it('[E11-01] [E1-08] an address in full is the one behind it where it is ours, and refused where it is another', async () => {
    const host = await startAnswering();
    const text = body('claude/m');
    const { host: own } = new URL(host.url);
    const done = (all: string) => all.endsWith('}');
    const ours = await line(host, post(host, `http://${own}${MESSAGES}?beta=true`, text), done);
    expect(ours).toMatch(/^HTTP\/1\.1 200 /);
    expect(host.claude.requests.map(({ url }) => url)).toEqual([`${MESSAGES}?beta=true`]);
    for (const other of ['api.anthropic.com', `evil.example:${own.split(':')[1]}`, `${own}@evil.example`, '']) {
      const refused = await line(host, post(host, `http://${other}${MESSAGES}`, text), done);
      expect(refused, other).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(refused, other).toContain('"type":"error"');
    }
    expect(host.claude.requests).toHaveLength(1);
  });

  it('[E11-06] headers that are too long are told as that, and nobody is asked', async () => {
    const host = await startAnswering();
    const text = body('claude/m');
    const long = `x-long: ${'a'.repeat(20_000)}\r\ncontent-length: ${text.length}\r\n`;
    const got = await line(host, head(host, 'POST', MESSAGES, long) + text, () => false);
    expect(got).toMatch(/^HTTP\/1\.1 431 [^]*"type":"error"[^]*16 kB/);
    expect(host.claude.requests).toEqual([]);
  });

  it('[E11-05] HEAD says of the list what GET says, without it; nowhere else is there anything to read', async () => {
    const host = await startAnswering();
    const models = await line(host, head(host, 'HEAD', '/v1/models', 'connection: close\r\n'), () => false);
    expect(models).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*content-length: [1-9]\d+\r\n[^]*\r\n\r\n$/i);
    const messages = await line(host, head(host, 'HEAD', MESSAGES, 'connection: close\r\n'), () => false);
    expect(messages).toMatch(/^HTTP\/1\.1 405 [^]*allow: POST\r\n[^]*\r\n\r\n$/i);
  });

  it.each([
    ['/v1/messages', 'claude'],
    ['/v1/chat/completions', 'gpt'],
    ['/v1/chat/completions', 'claude'],
  ] as const)(
    '[E11-01] a body that is packed with gzip, by either of its names, reaches %s of %s unpacked',
    async (path, profile) => {
      const host = await startAnswering();
      const text = body(`${profile}/m`);
      for (const name of ['gzip', 'x-gzip']) {
        const answer = await host.post(path, gzipSync(text), { headers: { 'content-encoding': name } });
        expect(answer.status).toBe(200);
        const seen = host[profile].requests.at(-1);
        expect(seen?.headers['content-encoding']).toBeUndefined();
        expect(seen?.json['model']).toBe('m');
      }
    },
  );

  it.each(['模型-é', 'a b"c\\d', 'ｍ😀', 'x\n\u0000'])(
    '[decision 18] a model of the name %j is asked by that name, whole and translated',
    async (name) => {
      const host = await startAnswering();
      expect((await host.post(MESSAGES, body(`claude/${name}`))).status).toBe(200);
      expect((await host.post(CHAT, body(`claude/${name}`))).status).toBe(200);
      expect(host.claude.requests.map(({ json }) => json['model'])).toEqual([name, name]);
    },
  );

  it('[E11-06] fields of any name that could not be carried are named in a header that any client can read', async () => {
    const host = await startAnswering();
    const odd = JSON.stringify({ ...(JSON.parse(body('claude/m')) as object), поле: 1, 'a\r\nset-cookie: b': 2 });
    const answer = await host.post(CHAT, odd);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-sluice-left-out')).toMatch(/^[ -~]+$/);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('[E11-01] a body with a byte order mark is the JSON behind it, here and for the upstream', async () => {
    const host = await startAnswering();
    for (const [path, model, upstream] of [
      [MESSAGES, 'claude/m', host.claude],
      [MESSAGES, 'gpt/m', host.gpt],
    ] as const) {
      expect((await host.post(path, `\uFEFF${body(model)}`)).status).toBe(200);
      expect(upstream.requests[0]?.json).toMatchObject({ model: 'm' });
    }
    const broken = await host.post(CHAT, Buffer.from(body('gpt/m'), 'utf16le'));
    expect(await broken.json()).toMatchObject({ error: { message: expect.stringContaining('UTF-8') as unknown } });
  });
});
