import { request as httpRequest } from 'node:http';
import { io } from 'socket.io-client';
import { expect, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';

/** A plain HTTP request with headers of our choice, which fetch would not let us send. */
function ask(
  url: string,
  options: { method?: string; path: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const request = httpRequest(
      { hostname, port, path: options.path, method: options.method ?? 'POST', headers: options.headers ?? {} },
      (response) => {
        let body = '';
        response.on('data', (part: Buffer) => {
          body += part.toString();
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}

test.beforeEach(({ app }) => {
  test.skip(app.host === 'electron', 'In the desktop application nothing listens.');
});

test('[E1-08] [BUG-A32] the token is taken out of the address and is not needed again after a reload', async ({
  app,
}) => {
  expect(app.page.url()).not.toContain('token');
  await app.page.reload();
  await expect(app.page.getByTestId('composer-input')).toBeVisible();
  await expect(app.page.getByTestId('first-run')).toBeVisible();
});

test('[E1-08] a page without the token is told how to get in, and gets nothing', async ({ app }) => {
  const { page, server } = app;
  app.expectConsoleError(/./);
  await page.evaluate(() => sessionStorage.clear());
  await page.goto(`${server?.url}/#token=wrong`);
  await page.reload();
  await expect(page.getByText('without a valid token')).toBeVisible();
  await expectAccessible(app);
  // What is no token is told; the link that the host printed leads in.
  await page.getByTestId('door-token').fill('http://127.0.0.1/');
  await page.keyboard.press('Enter');
  await expect(page.getByText('There is no token in it.')).toBeVisible();
  await page.getByTestId('door-token').fill(`${server?.url}/#token=${server?.token}`);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('composer-input')).toBeVisible();
  expect(page.url()).not.toContain('token');
});

test('[E1-08] [BUG-A32] [BUG-D13] only this computer’s own names and the owner’s token open the doors', async ({
  app,
}) => {
  const { url, token } = app.server ?? { url: '', token: '' };
  const json = { 'content-type': 'application/json' };
  const call = (headers: Record<string, string>, body = '{}', path = '/api/app/app.info') =>
    ask(url, { path, headers, body });
  const own = { ...json, authorization: `Bearer ${token}` };

  expect((await call(own)).status).toBe(200);
  expect((await call({ ...json, 'x-api-key': token })).status).toBe(200);
  expect((await call(json)).status).toBe(401);
  expect((await call({ ...json, authorization: 'Bearer nope' })).status).toBe(401);
  expect((await call({ ...json }, '{}', `/api/app/app.info?token=${token}`)).status).toBe(401);
  // DNS rebinding: another name for this address, and a page from elsewhere.
  expect((await call({ ...own, host: 'evil.example' })).status).toBe(403);
  expect((await call({ ...own, host: `127.0.0.1.evil.example:${new URL(url).port}` })).status).toBe(403);
  expect((await call({ ...own, origin: 'http://evil.example' })).status).toBe(403);
  expect((await call({ ...own, origin: 'null' })).status).toBe(403);
  expect((await call({ ...own, origin: url })).status).toBe(200);
  expect((await ask(url, { method: 'GET', path: '/', headers: { host: 'evil.example' } })).status).toBe(403);
  // text/plain is what a foreign form can send without asking.
  expect((await call({ ...own, 'content-type': 'text/plain' })).status).toBe(400);
});

test('[E1-02] [E1-03] whatever comes in, a Result with a code and a sentence goes out', async ({ app }) => {
  const { url, token } = app.server ?? { url: '', token: '' };
  const call = async (path: string, body: string) => {
    const reply = await ask(url, {
      path: `/api/app/${path}`,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body,
    });
    return {
      status: reply.status,
      result: JSON.parse(reply.body) as { ok: boolean; error?: { code: string; message: string } },
    };
  };
  const cases: [string, string, number, string][] = [
    ['no.such.route', '{}', 404, 'unknown_route'],
    ['__proto__', '{}', 404, 'unknown_route'],
    ['chat.run', '{not json', 400, 'invalid_payload'],
    ['chat.run', '{"session_id":"s"}', 400, 'invalid_payload'],
    ['chat.run', '{"input":5,"session_id":"s"}', 400, 'invalid_payload'],
    ['chat.run', '{"input":"a","session_id":"s","__proto__":{"admin":true}}', 400, 'invalid_payload'],
    ['chat.run', '{"input":[{"type":"text","text":"a","constructor":{}}],"session_id":"s"}', 400, 'invalid_payload'],
    ['chat.run', '{"input":"a","session_id":"s","surprise":1}', 400, 'invalid_payload'],
    ['chat.run', `{"input":"a","session_id":"${'s'.repeat(200)}"}`, 400, 'invalid_payload'],
    ['chat.run', `{"input":"${'a'.repeat(2_000_001)}","session_id":"s"}`, 400, 'invalid_payload'],
    ['chat.run', `{"input":"${'a'.repeat(9 * 1024 * 1024)}","session_id":"s"}`, 413, 'payload_too_large'],
    ['chat.run', `{"input":${'['.repeat(5000)}${']'.repeat(5000)},"session_id":"s"}`, 400, 'invalid_payload'],
    ['chat.run', '{"input":"  ","session_id":"s"}', 400, 'invalid_payload'],
    ['chat.run', '{"input":"a"}', 400, 'invalid_payload'],
    ['chat.run', '{"input":"a","session_id":"s","profile":"nobody"}', 404, 'not_found'],
    ['chat.abort', '{}', 400, 'invalid_payload'],
    ['sessions.get', '{"sessionId":"nope"}', 404, 'not_found'],
    ['sessions.delete', '{"sessionId":"nope"}', 404, 'not_found'],
    ['runs.get', '{"runId":"nope"}', 404, 'not_found'],
    ['profiles.create', '{"name":"a/b","kind":"openai-chat","baseUrl":"http://x"}', 400, 'invalid_payload'],
    ['profiles.create', '{"name":"a","kind":"openai-chat","baseUrl":"ftp://x"}', 400, 'invalid_payload'],
    ['profiles.create', '{"name":"a","kind":"openai-chat","baseUrl":"http://user:pw@x"}', 400, 'invalid_payload'],
    ['profiles.create', '{"name":"Demo","kind":"demo","baseUrl":""}', 409, 'conflict'],
    ['credentials.create', '{"profileId":"demo","label":"k","secret":"   "}', 400, 'invalid_payload'],
    ['credentials.create', '{"profileId":"demo","label":"k","secret":"two words"}', 400, 'invalid_payload'],
    ['settings.set', '{"values":{"maxConcurrentRuns":-1}}', 400, 'invalid_payload'],
    ['settings.set', '{"values":{"defaultProfile":"nobody"}}', 404, 'not_found'],
  ];
  for (const [route, body, status, code] of cases) {
    const reply = await call(route, body);
    expect.soft([reply.status, reply.result.error?.code], `${route} ${body.slice(0, 60)}`).toEqual([status, code]);
    expect.soft(reply.result.error?.message ?? '', `${route} ${body.slice(0, 60)}`).toMatch(/^[A-Z“].{10,}\.$/);
    expect.soft(JSON.stringify(reply.result)).not.toMatch(/at .*\.(ts|js):\d+/);
  }
  expect((await app.request('sessions.list', {})).sessions).toEqual([]);
});

test('[E1-09] [BUG-A30] the socket wants the token, and bad frames harm nobody', async ({ app }) => {
  const { url, token } = app.server ?? { url: '', token: '' };
  const refused = io(`${url}/chat-run`, { auth: { token: 'wrong' }, transports: ['websocket'], reconnection: false });
  const message = await new Promise<string>((resolve) =>
    refused.once('connect_error', (error) => resolve(error.message)),
  );
  expect(message).toBe('Authentication failed');
  const foreign = io(`${url}/chat-run`, {
    auth: { token },
    transports: ['websocket'],
    reconnection: false,
    extraHeaders: { origin: 'http://evil.example' },
  });
  await new Promise<void>((resolve) => foreign.once('connect_error', () => resolve()));

  const socket = io(`${url}/chat-run`, { auth: { token }, transports: ['websocket'], reconnection: false });
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  for (const payload of [null, 5, 'text', [], {}, { session_id: true }, { session_id: 'x', extra: 1 }]) {
    expect(await socket.emitWithAck('resume', payload)).toMatchObject({
      ok: false,
      error: { code: 'invalid_payload' },
    });
  }
  socket.emit('run', { session_id: 's' });
  const unasked = await new Promise<{ route: string }>((resolve) => socket.once('request.failed', resolve));
  expect(unasked.route).toBe('chat.run');
  expect(await socket.emitWithAck('no_such_event', {})).toMatchObject({ ok: false, error: { code: 'unknown_route' } });
  const root = io(url, { auth: { token }, transports: ['websocket'], reconnection: false });
  await new Promise<void>((resolve) => root.once('connect_error', () => resolve()));
  root.disconnect();
  expect(await socket.emitWithAck('resume', { session_id: 'nobody' })).toMatchObject({
    ok: true,
    data: { isWorking: false },
  });
  socket.disconnect();
});

test('[E1-08] [E6-07] the page is served with a policy that allows no inline script and no embedding', async ({
  app,
}) => {
  const { url } = app.server ?? { url: '' };
  const page = await ask(url, { method: 'GET', path: '/' });
  const policy = String(page.headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  expect(policy).toContain("frame-ancestors 'none'");
  for (const path of ['/../../../etc/passwd', '/..%2f..%2fpackage.json', '/assets/..%5c..%5cx', '/%00', '/%zz']) {
    const reply = await ask(url, { method: 'GET', path });
    expect(reply.status, path).toBe(404);
    expect(reply.body).not.toContain('root:');
  }
});
