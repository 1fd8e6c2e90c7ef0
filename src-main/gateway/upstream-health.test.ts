import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FakeUpstream } from '../../e2e/fake-upstream/fake-upstream.ts';
import { AbortReason } from '../platform/app-failure.ts';
import { ManualClock, systemClock } from '../platform/clock.ts';
import { findLocalServers } from './find-local-servers.ts';
import { HttpClient } from './http-client.ts';
import { healthLifeMs } from './provider-health.ts';
import { contextOf, rejectionOf, SECRET } from './testing/calls.ts';
import { ToldLately } from './told-lately.ts';
import { checkUpstream } from './upstream-health.ts';

const http = new HttpClient();

async function serve(listener: RequestListener): Promise<{ url: string; port: number }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    await http.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port };
}

const json =
  (status: number, body: unknown): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

describe('the health of an upstream', () => {
  it.each([
    ['ok', json(200, { data: [{ id: 'a' }, { id: 'b' }, { name: 'no id' }] }), ['a', 'b']],
    ['ok', json(404, { error: { message: 'no such route' } }), null],
    ['key-refused', json(401, { error: { message: `bad key ${SECRET}` } }), null],
    ['key-refused', json(403, { error: { message: 'not yours' } }), null],
    ['failing', json(500, { error: 'broken' }), null],
    ['failing', json(503, {}), null],
    ['wrong-service', json(200, { hello: 'world' }), null],
    [
      'wrong-service',
      (_request: unknown, response: Parameters<RequestListener>[1]) =>
        void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>router</html>'),
      null,
    ],
    [
      'wrong-service',
      (_request: unknown, response: Parameters<RequestListener>[1]) => void response.writeHead(404).end('Not found'),
      null,
    ],
  ] as const)('[E9-03] is %s', async (state, listener, models) => {
    const { url } = await serve(listener);
    const health = await checkUpstream(http, contextOf('openai-chat', url));
    expect(health).toMatchObject({ state, models });
    expect(health.message).not.toContain(SECRET);
  });

  it('[E9-03] nobody there, and somebody there who speaks otherwise, look different', async () => {
    const gone = await serve(json(200, {}));
    const net = createNetServer((socket) => socket.once('data', () => socket.end('500 what?\r\n')));
    net.listen(0, '127.0.0.1');
    await once(net, 'listening');
    const port = (net.address() as AddressInfo).port;
    expect(await checkUpstream(http, contextOf('hermes', `http://127.0.0.1:${port}`))).toMatchObject({
      state: 'wrong-service',
    });
    net.close();
    await once(net, 'close');
    expect(await checkUpstream(http, contextOf('hermes', `http://127.0.0.1:${port}`))).toMatchObject({
      state: 'unreachable',
    });
    expect(gone.port).toBeGreaterThan(0);
  });

  it('[E9-03] one that does not answer is given three seconds, and an abort ends the wait', async () => {
    const { url } = await serve(() => undefined);
    const clock = new ManualClock();
    const asking = checkUpstream(http, contextOf('openai-chat', url, { clock }));
    await expect.poll(() => clock.pending).toBeGreaterThan(0);
    clock.advance(3000);
    expect(await asking).toMatchObject({ state: 'unreachable', message: expect.stringContaining('3 s') as string });
    const controller = new AbortController();
    const aborted = rejectionOf(checkUpstream(http, contextOf('openai-chat', url, { signal: controller.signal })));
    controller.abort(new AbortReason('shutdown'));
    expect(await aborted).toBeInstanceOf(AbortReason);
  });

  it('[E9-03] the real surfaces answer it with their key, and not without', async () => {
    const fake = await FakeUpstream.start({ requireKey: SECRET });
    onTestFinished(() => fake.close());
    for (const kind of ['hermes', 'openai-chat', 'anthropic'] as const) {
      expect(await checkUpstream(http, contextOf(kind, fake.url)), kind).toMatchObject({ state: 'ok' });
      expect(await checkUpstream(http, contextOf(kind, fake.url, { secret: 'another-key-12345' }))).toMatchObject({
        state: 'key-refused',
      });
      expect(await checkUpstream(http, contextOf(kind, fake.url, { secret: null })), kind).toMatchObject({
        state: 'no-key',
      });
    }
    await http.close();
  });

  it('[E9-03] is asked once in five minutes, soon again after a failure, at once when wanted, together by many', async () => {
    const clock = new ManualClock();
    const cache = new ToldLately<{ state: 'ok' | 'failing' }>(() => clock.now(), healthLifeMs);
    let asked = 0;
    let state: 'ok' | 'failing' = 'ok';
    const ask = async () => {
      asked++;
      return { state };
    };
    await Promise.all([cache.get('k', ask), cache.get('k', ask), cache.get('k', ask)]);
    clock.advance(5 * 60_000 - 1);
    await cache.get('k', ask);
    expect(asked).toBe(1);
    clock.advance(1);
    state = 'failing';
    await cache.get('k', ask);
    clock.advance(15_000);
    await cache.get('k', ask);
    expect(asked).toBe(3);
    await cache.get('k', ask, true);
    await cache.get('another key', ask);
    expect(asked).toBe(5);
    // A question that fails leaves nothing behind that would answer the next one.
    await rejectionOf(cache.get('k', () => Promise.reject(new Error('planted')), true));
    expect((await cache.get('k', ask, true)).state).toBe('failing');
  });
});

describe('model servers on this computer', () => {
  const routes =
    (table: Record<string, unknown>): RequestListener =>
    (request, response) => {
      const body = table[request.url ?? ''];
      json(body === undefined ? 404 : 200, body ?? { error: 'no such route' })(request, response);
    };

  it('[E9-03] Ollama, LM Studio and others are told apart, and what is none is left out', async () => {
    const models = { object: 'list', data: [{ id: 'llama3' }] };
    const asked: string[] = [];
    const ollama = await serve((request, response) => {
      asked.push(JSON.stringify(request.headers));
      routes({ '/api/version': { version: '0.12.3' }, '/v1/models': models })(request, response);
    });
    const studio = await serve(routes({ '/api/v0/models': { data: [{ id: 'qwen3' }] }, '/v1/models': models }));
    const other = await serve(routes({ '/v1/models': models }));
    const page = await serve((_request, response) => void response.end('<html>'));
    const gone = createNetServer();
    gone.listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const free = (gone.address() as AddressInfo).port;
    gone.close();
    await once(gone, 'close');
    const ports = [ollama.port, studio.port, other.port, page.port, free];
    const found = await findLocalServers(http, { clock: systemClock, signal: new AbortController().signal, ports });
    expect(found).toEqual([
      { service: 'ollama', baseUrl: ollama.url, models: ['llama3'], version: '0.12.3' },
      { service: 'lm-studio', baseUrl: studio.url, models: ['llama3'], version: null },
      { service: 'other', baseUrl: other.url, models: ['llama3'], version: null },
    ]);
    expect(asked.join()).not.toMatch(/authorization|x-api-key/i);
  });

  it('[E9-03] one that hangs holds nobody up for longer than its deadline', async () => {
    const { port } = await serve(() => undefined);
    const clock = new ManualClock();
    const looking = findLocalServers(http, { clock, signal: new AbortController().signal, ports: [port] });
    await expect.poll(() => clock.pending).toBeGreaterThanOrEqual(3);
    clock.advance(700);
    expect(await looking).toEqual([]);
  });
});
