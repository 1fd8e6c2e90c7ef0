import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Result } from '#contract/errors';
import type { ClientKeyRecord, LocalApiState } from '#contract/programs';
import { text, waitForRelease } from '../e2e/fake-upstream/script.ts';
import { compose } from './compose.ts';
import {
  clientOf,
  collect,
  eventually,
  human,
  OWNER_TOKEN,
  type RunsApiHost,
  said,
  startRunsApiHost,
} from './testing/runs-api-host.ts';
import { tempDir } from './testing/temp-dir.ts';

/** A request as no well-behaved client sends it. */
function rawRequest(
  url: string,
  options: { method?: string; path: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: string }> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, method: options.method ?? 'GET', path: options.path, headers: options.headers ?? {} },
      (response) => {
        let body = '';
        response.on('data', (part: Buffer) => {
          body += part.toString();
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}

const owner = { 'x-api-key': OWNER_TOKEN };
const postJson = { ...owner, 'content-type': 'application/json' };

async function makeKey(host: RunsApiHost, scopes?: string[]): Promise<{ client: ClientKeyRecord; key: string }> {
  return host.ask('localApi.createClient', { name: 'a program', ...(scopes === undefined ? {} : { scopes }) });
}

/** A socket that says what it is told; closed with the test. */
function line(url: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

describe('who may ask', () => {
  it('[E1-08] [BUG-A32] a Host that is not ours, or an Origin of another page, gets 403 before anything is read', async () => {
    const { url } = await startRunsApiHost();
    const { port } = new URL(url);
    const hosts = [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      '127.0.0.1:1',
      `127.0.0.1.evil.example:${port}`,
      `0.0.0.0:${port}`,
    ];
    for (const host of hosts) {
      const answer = await rawRequest(url, { path: '/api/info', headers: { ...owner, host } });
      expect([400, 403], host).toContain(answer.status);
    }
    const origins = [
      'https://evil.example',
      'null',
      `https://127.0.0.1:${port}`,
      `http://127.0.0.1:${port}.evil.example`,
      'http://127.0.0.1:1',
      'file://',
    ];
    for (const origin of origins) {
      const answer = await rawRequest(url, { path: '/api/info', headers: { ...owner, origin } });
      expect(answer.status, origin).toBe(403);
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
    for (const origin of [`http://127.0.0.1:${port}`, `http://localhost:${port}`]) {
      expect((await rawRequest(url, { path: '/api/info', headers: { ...owner, origin } })).status, origin).toBe(200);
    }
  });

  it('[E1-08] what a foreign page can send without asking first is refused: other content types, preflights', async () => {
    const host = await startRunsApiHost();
    const body = JSON.stringify({ assistant_id: 'fake', input: human('csrf') });
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain; application/json',
    ]) {
      const answer = await rawRequest(host.url, {
        method: 'POST',
        path: '/api/runs',
        headers: { ...owner, 'content-type': type },
        body,
      });
      expect(answer.status, type).toBe(415);
    }
    expect((await rawRequest(host.url, { method: 'POST', path: '/api/runs', headers: owner, body })).status).toBe(415);
    const preflight = await rawRequest(host.url, {
      method: 'OPTIONS',
      path: '/api/runs',
      headers: { ...owner, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(405);
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(host.fake.requests.filter((request) => request.method === 'POST')).toEqual([]);
  });

  it('[E1-08] [E1-09] [decision 21] without the right key there is nothing but the way to one; the key never counts in an address', async () => {
    const host = await startRunsApiHost();
    for (const headers of [
      {},
      { 'x-api-key': 'wrong' },
      { authorization: 'Bearer wrong' },
      { authorization: `Basic ${OWNER_TOKEN}` },
    ]) {
      const answer = await rawRequest(host.url, { path: '/api/info', headers: headers });
      expect(answer.status).toBe(401);
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'unauthorized', detail: expect.any(String) as string });
    }
    for (const name of ['token', 'api_key', 'access_token', 'x-api-key']) {
      expect((await rawRequest(host.url, { path: `/api/info?${name}=${OWNER_TOKEN}` })).status).toBe(401);
    }
    // Who may not ask is not told what there is.
    expect((await rawRequest(host.url, { path: '/api/nothing-here' })).status).toBe(401);
    expect((await rawRequest(host.url, { path: '/api/nothing-here', headers: owner })).status).toBe(404);
    for (const headers of [{ authorization: `Bearer ${OWNER_TOKEN}` }, { authorization: `bearer ${OWNER_TOKEN}` }]) {
      expect((await rawRequest(host.url, { path: '/api/info', headers })).status).toBe(200);
    }
  });

  it('[decision 21] a program’s key opens what it is good for and nothing of the page’s; revoked, it opens nothing', async () => {
    const host = await startRunsApiHost();
    const { key, client } = await makeKey(host, ['runs:create', 'runs:read']);
    const as = { 'x-api-key': key };
    expect((await rawRequest(host.url, { path: '/api/info', headers: as })).status).toBe(200);
    expect((await rawRequest(host.url, { path: '/api/threads/t', headers: as })).status).toBe(403);
    expect((await rawRequest(host.url, { path: '/metrics', headers: as })).status).toBe(403);
    const page = await rawRequest(host.url, {
      method: 'POST',
      path: '/api/app/sessions.list',
      headers: { ...as, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(page.status).toBe(401);
    const media = await rawRequest(host.url, { path: '/media/attachment/x', headers: as });
    expect(media.status).toBe(401);
    // What it holds open ends with it.
    host.fake.next([text('Half '), waitForRelease('never')]);
    const stream = clientOf(host.url, key).runs.stream('t', 'fake', {
      input: human('x'),
      streamMode: 'messages-tuple',
    });
    expect((await stream.next()).value).toMatchObject({ event: 'metadata' });
    const state = await host.ask<LocalApiState>('localApi.revokeClient', { clientId: client.id });
    expect(state.clients).toMatchObject([{ id: client.id, revokedAtMs: expect.any(Number) as number }]);
    await expect(collect(stream)).rejects.toThrow();
    expect((await rawRequest(host.url, { path: '/api/info', headers: as })).status).toBe(401);
    // The run belongs to the conversation and goes on.
    expect((await host.client.runs.list('t'))[0]?.status).toBe('running');
    const again = await host.restart();
    expect((await rawRequest(again.url, { path: '/api/info', headers: as })).status).toBe(401);
  });

  it('[decision 21] a key is in its answer and nowhere else: not in the list, the database or the log', async () => {
    const host = await startRunsApiHost();
    const { key } = await makeKey(host);
    await rawRequest(host.url, { path: '/api/info', headers: { 'x-api-key': key } });
    await rawRequest(host.url, { path: `/api/threads/${key}`, headers: { 'x-api-key': key } });
    await host.client.runs.wait('t', 'fake', { input: human('a secret sentence') });
    const state = await host.ask<LocalApiState>('localApi.state', {});
    expect(state).toMatchObject({ state: 'on', isSwitchable: false, url: host.url });
    expect(JSON.stringify(state)).not.toContain(key);
    const { dataDir } = await host.restart();
    for (const file of ['sluice.db', 'sluice.log']) {
      expect(readFileSync(join(dataDir, file)).includes(key), file).toBe(false);
    }
    const log = readFileSync(join(dataDir, 'sluice.log'), 'utf8');
    expect(log).toContain('"operation":"createRunWait"');
    expect(log).toContain('"caller":"a program"');
    expect(log).not.toContain('a secret sentence');
    expect(log).not.toContain(OWNER_TOKEN);
  });

  it('[decision 23] who shows wrong keys is slowed, and a right one on the same line passes at once', async () => {
    const host = await startRunsApiHost();
    const guesses = Array.from({ length: 90 }, () =>
      rawRequest(host.url, { path: '/api/info', headers: { 'x-api-key': 'the same guess' } }),
    );
    // The host that ends hangs up on those that still wait.
    const over = Promise.allSettled(guesses);
    const right = await Promise.all(
      Array.from({ length: 20 }, () => rawRequest(host.url, { path: '/api/info', headers: owner })),
    );
    expect(right.map((answer) => answer.status)).toEqual(right.map(() => 200));
    const refused = await Promise.race(guesses.slice(70));
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '8' } });
    await Promise.all(guesses.slice(0, 3)).then((answers) => {
      expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401]);
    });
    await host.core.stop('quit').catch(() => undefined);
    await over;
  });
});

describe('bad input', () => {
  it('[E1-08] each gets a sentence in the shape of the API and no stack trace, and the next request is served', async () => {
    const host = await startRunsApiHost();
    const post = (body: string, path = '/api/runs') =>
      rawRequest(host.url, { method: 'POST', path, headers: postJson, body });
    const cases: [string, number][] = [
      ['{', 400],
      ['[]', 422],
      ['null', 422],
      ['"text"', 422],
      ['{"assistant_id":5}', 422],
      ['{"assistant_id":"fake","input":{"messages":[5]}}', 422],
      ['{"assistant_id":"fake","input":"text"}', 422],
      [`{"assistant_id":"fake","metadata":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`, 422],
      [`{"assistant_id":"fake","metadata":{"a":"${'x'.repeat(70_000)}"}}`, 422],
      ['{"assistant_id":"fake","__proto__":{"x":1},"input":{"messages":"hi"}}', 422],
    ];
    for (const [body, status] of cases) {
      const answer = await post(body);
      expect(answer.status, body.slice(0, 60)).toBe(status);
      expect(JSON.parse(answer.body), body.slice(0, 60)).toMatchObject({
        detail: expect.any(String) as string,
        code: expect.any(String) as string,
      });
      expect(answer.body).not.toMatch(/\.ts:\d+|at .*\(/);
    }
    expect((await rawRequest(host.url, { path: '/api/threads/%', headers: owner })).status).toBe(400);
    expect((await rawRequest(host.url, { path: `/api/threads/${'x'.repeat(5000)}`, headers: owner })).status).toBe(404);
    expect((await rawRequest(host.url, { path: '/api/threads/..%2f..%2fetc', headers: owner })).status).toBe(404);
    expect((await rawRequest(host.url, { path: '/api/info', headers: owner })).status).toBe(200);
  });

  it('[E1-08] a body of 60 MB is refused with 413, announced or not, and harms nobody', async () => {
    const host = await startRunsApiHost();
    const big = `{"assistant_id":"${'x'.repeat(60 * 1024 * 1024)}"}`;
    const [announced, chunked, other] = await Promise.all([
      rawRequest(host.url, { method: 'POST', path: '/api/runs', headers: postJson, body: big }),
      rawRequest(host.url, {
        method: 'POST',
        path: '/api/runs',
        headers: { ...postJson, 'transfer-encoding': 'chunked' },
        body: big,
      }),
      rawRequest(host.url, { path: '/api/info', headers: owner }),
    ]);
    expect([announced.status, chunked.status, other.status]).toEqual([413, 413, 200]);
    expect(JSON.parse(announced.body)).toMatchObject({ code: 'payload_too_large' });
  });

  it('[E1-08] lines that never finish a request hold nobody up', async () => {
    const host = await startRunsApiHost();
    for (let n = 0; n < 200; n++) line(host.url).write('GET /api/info HTTP/1.1\r\nHost: 127.0.0.1');
    for (let n = 0; n < 50; n++)
      line(host.url).write(
        `POST /api/runs HTTP/1.1\r\nHost: 127.0.0.1:${new URL(host.url).port}\r\nx-api-key: ${OWNER_TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`,
      );
    const values = await host.client.runs.wait('t', 'fake', { input: human('hi') });
    expect(values).toMatchObject({ messages: [{ content: 'hi' }, { content: 'You said: hi' }] });
  });

  it('[E1-08] 10,000 connections of another program that say nothing, or half a header, harm neither readers nor newcomers', async () => {
    const host = await startRunsApiHost();
    host.fake.next([text('before '), waitForRelease('go'), text('after')]);
    const run = await host.client.runs.create('t', 'fake', { input: human('x') });
    const reader = collect(host.client.runs.joinStream('t', run.run_id, { streamMode: 'messages-tuple' }));
    await eventually(async () => expect(await (await host.raw('/metrics')).text()).toContain('sluice_open_streams 1'));
    const { port } = new URL(host.url);
    const started = Date.now();
    for (const said of ['', 'GET /api/info HTTP/1.1\r\nHost: 127.0.0.1']) {
      const flood = fork(new URL('./testing/open-lines.ts', import.meta.url), [port, '5000', said]);
      onTestFinished(() => void flood.kill('SIGKILL'));
      await once(flood, 'message');
      // Who has something to ask is served while they are there.
      expect(await (await host.raw('/api/ok')).json()).toEqual({ ok: true });
      // The other side hears of a closed connection a moment later.
      await eventually(async () => {
        const asked = once(flood, 'message') as Promise<[{ open: number }]>;
        flood.send('how many?');
        const [{ open }] = await asked;
        expect(open).toBeLessThanOrEqual(2100);
        expect(open).toBeGreaterThan(0);
      });
    }
    // It was not their time that ran out.
    expect(Date.now() - started).toBeLessThan(60_000);
    host.fake.release('go');
    expect((await reader).map((frame) => frame.event)).toEqual(['metadata', 'messages', 'messages', 'end']);
    expect(said(await host.client.runs.wait('t', 'fake', { input: human('hi') })).slice(-2)).toEqual([
      'human: hi',
      'ai: You said: hi',
    ]);
  });

  it('[E1-08] a body that comes a letter at a time holds nobody up, and who shows no key is answered before it is read', async () => {
    const host = await startRunsApiHost();
    const { port } = new URL(host.url);
    const head = (key: string) =>
      `POST /api/threads/t/runs HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nx-api-key: ${key}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`;
    const slow = Array.from({ length: 100 }, () => line(host.url));
    for (const socket of slow) socket.write(head(OWNER_TOKEN));
    const stranger = line(host.url);
    const heard = new Promise<string>((resolve) => stranger.once('data', (bytes: Buffer) => resolve(bytes.toString())));
    stranger.write(head('nobody'));
    expect(await heard).toContain('401 Unauthorized');
    const values = await host.client.runs.wait('t', 'fake', { input: human('hi') });
    expect(said(values)).toEqual(['human: hi', 'ai: You said: hi']);
    for (const socket of slow) socket.write('"');
    expect(await host.client.runs.list('t')).toHaveLength(1);
  });

  it('[E8-12] a reader that stops reading costs a bounded buffer, others get everything, and it finds the rest where it left', async () => {
    const host = await startRunsApiHost();
    const part = 'y'.repeat(20_000);
    host.fake.next([text('first '), waitForRelease('go'), ...Array.from({ length: 600 }, () => text(part))]);
    const run = await host.client.runs.create('t', 'fake', { input: human('x') });
    const socket = line(host.url);
    socket.write(
      `GET /api/threads/t/runs/${run.run_id}/stream?stream_mode=messages-tuple HTTP/1.1\r\nHost: 127.0.0.1:${new URL(host.url).port}\r\nx-api-key: ${OWNER_TOKEN}\r\n\r\n`,
    );
    socket.pause();
    const reader = collect(host.client.runs.joinStream('t', run.run_id, { streamMode: 'messages-tuple' }));
    host.fake.release('go');
    const frames = await reader;
    const whole = frames
      .filter((frame) => frame.event === 'messages')
      .map((frame) => (frame.data as unknown as [{ content: string }])[0].content)
      .join('');
    expect(whole.length).toBe('first '.length + 600 * part.length);
    let received = '';
    const ended = new Promise<void>((resolve) => socket.once('end', resolve).once('close', () => resolve()));
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString();
      if (received.includes('event: end')) socket.end();
    });
    socket.resume();
    await ended;
    expect(received.split('event: messages').length).toBe(
      frames.filter((frame) => frame.event === 'messages').length + 1,
    );
    expect(received).toContain('event: end\ndata: null');
  });
});

describe('figures', () => {
  it('tells requests, streams, wrong keys and runs in Prometheus’ format, and nothing of what was said', async () => {
    const host = await startRunsApiHost();
    await host.client.runs.wait('t', 'fake', { input: human('privateword') });
    await rawRequest(host.url, { path: '/api/info' });
    const { key } = await makeKey(host, ['metrics:read']);
    const answer = await rawRequest(host.url, { path: '/metrics', headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('text/plain');
    for (const metric of [
      'sluice_http_requests_total{operation="createRunWait",status="200"} 1',
      'sluice_http_request_seconds_count{operation="createRunWait"} 1',
      'sluice_run_events_total{event="run_completed"} 1',
      'sluice_open_streams 0',
      'sluice_auth_failures 1',
    ]) {
      expect(answer.body).toContain(metric);
    }
    expect(answer.body).not.toContain('privateword');
    for (const text of answer.body.trim().split('\n')) {
      expect(text).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [\d.e+-]+)$/);
    }
  });
});

describe('the switch of the desktop application', () => {
  it('[E1-08] is off at first; on, programs with a key are let in and nobody is the owner; off again, they are not', async () => {
    const dataDir = tempDir();
    const core = await compose({
      host: 'electron',
      dataDir,
      version: '0.1.0',
      capabilities: { cipher: null },
      loopback: null,
      readWorkerUrl: new URL('./store/read-worker.ts', import.meta.url),
      tokenWorkerUrl: new URL('./compressor/token-worker.ts', import.meta.url),
      dataWorkerUrl: new URL('./data/data-worker.ts', import.meta.url),
    });
    onTestFinished(() => core.stop('quit'));
    await core.start();
    const ask = async <T>(name: string, payload: unknown): Promise<T> => {
      const result = (await core.router.dispatch(name, payload, null)) as Result<T>;
      if (!result.ok) throw new Error(result.error.message);
      return result.data;
    };
    const state = () => ask<LocalApiState>('localApi.state', {});
    expect(await state()).toMatchObject({ state: 'off', isSwitchable: true, url: null });
    expect(core.url).toBeNull();
    // A port that another program has: said in the state, and the application runs on.
    const other = await startRunsApiHost();
    const taken = Number(new URL(other.url).port);
    await ask('settings.set', { values: { localApiEnabled: true, localApiPort: taken } });
    await eventually(async () =>
      expect(await state()).toMatchObject({
        state: 'failed',
        message: expect.stringContaining(String(taken)) as string,
      }),
    );
    await other.core.stop('quit');
    await ask('settings.set', { values: { localApiEnabled: true } });
    await eventually(async () => expect(await state()).toMatchObject({ state: 'on', message: null }));
    const url = core.url ?? '';
    const { key } = await ask<{ key: string }>('localApi.createClient', { name: 'mine' });
    const values = await clientOf(url, key).runs.wait(null, 'demo', { input: human('hello') });
    expect(values).toMatchObject({ messages: [{ content: 'hello' }, { type: 'ai' }] });
    expect((await rawRequest(url, { path: '/' })).status).toBe(404);
    expect(
      (
        await rawRequest(url, {
          method: 'POST',
          path: '/api/app/sessions.list',
          headers: { 'x-api-key': key, 'content-type': 'application/json' },
          body: '{}',
        })
      ).status,
    ).toBe(401);
    await ask('settings.set', { values: { localApiEnabled: false } });
    await eventually(async () => expect(await state()).toMatchObject({ state: 'off', url: null }));
    await expect(rawRequest(url, { path: '/api/ok' })).rejects.toThrow(/ECONNREFUSED|hang up/);
  });
});
