import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Result } from '#contract/errors';
import { ATTACHMENT_CHUNK_BYTES, MAX_ATTACHMENT_BYTES } from '#contract/limits';
import { mediaUrl } from '#contract/media-url';
import type { AttachmentRecord } from '#contract/records';
import type { RouteInput, RouteName, RouteOutputs, SluiceApi } from '#contract/routes';
import type { Core } from './compose.ts';
import { headlessCore } from './testing/headless-core.ts';
import { startHeadlessProcess, TOKEN } from './testing/headless-process.ts';
import { launchShell } from './testing/launch-shell.ts';
import { tempDir } from './testing/temp-dir.ts';

const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(3_000_000)]);
const OWNER = { authorization: `Bearer ${TOKEN}` };

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Uploads by pieces, the way a page does in either host. */
async function upload(api: Pick<SluiceApi, 'request'>, name: string, bytes: Buffer): Promise<AttachmentRecord> {
  const unwrap = <T>(result: Result<T>): T => {
    if (!result.ok) throw new Error(result.error.message);
    return result.data;
  };
  const { uploadId, chunkBytes } = unwrap(
    await api.request('attachments.begin', { name, sizeBytes: bytes.length, mediaType: 'image/gif' }),
  );
  expect(chunkBytes).toBe(ATTACHMENT_CHUNK_BYTES);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const data = bytes.subarray(at, at + chunkBytes).toString('base64');
    unwrap(await api.request('attachments.append', { uploadId, offsetBytes: at, data }));
  }
  return unwrap(await api.request('attachments.finish', { uploadId }));
}

interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  json(): Result<AttachmentRecord>;
}

/** A plain request with headers of our choice; `send` writes the body, else there is none. */
function ask(
  url: string,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  send?: (request: ReturnType<typeof httpRequest>) => void,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const request = httpRequest({ hostname, port, path, method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const body = Buffer.concat(parts);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body,
          json: () => JSON.parse(body.toString()) as Result<AttachmentRecord>,
        });
      });
    });
    request.on('error', reject);
    if (send === undefined) request.end();
    else send(request);
  });
}

describe('files over HTTP', () => {
  let core: Core | null = null;
  afterEach(async () => {
    await core?.stop('quit');
    core = null;
  });
  const start = async () => {
    const dataDir = join(tempDir(), 'data');
    core = await headlessCore(dataDir, TOKEN, { version: '0.0.0' });
    await core.start();
    const url = core.url ?? '';
    const host = {
      async request<Name extends RouteName>(route: Name, input: RouteInput<Name>) {
        const headers = { ...OWNER, 'content-type': 'application/json' };
        const reply = await ask(url, 'POST', `/api/app/${route}`, headers, (request) =>
          request.end(JSON.stringify(input)),
        );
        return JSON.parse(reply.body.toString()) as Result<RouteOutputs[Name]>;
      },
    };
    const files = () => {
      const folder = join(dataDir, 'attachments');
      return existsSync(folder) ? readdirSync(folder) : [];
    };
    const put = (name: string, body: Buffer, headers: Record<string, string> = OWNER) =>
      ask(url, 'PUT', `/api/app/attachments?name=${encodeURIComponent(name)}`, headers, (request) => request.end(body));
    return { host, url, dataDir, files, put };
  };

  it('[E6-08] [decision 27] a file comes by pieces or as one body, and is the same either way', async () => {
    const { host, put, files } = await start();
    const pieces = await upload(host, 'plan.jpg', PNG);
    expect(pieces).toMatchObject({ name: 'plan.jpg', mediaType: 'image/png', sizeBytes: PNG.length, isImage: true });
    expect(pieces.path).toMatch(/[/\\]attachments[/\\][0-9a-f]{32}\.png$/);
    const answer = await put('plan ä.png', PNG);
    expect(answer.status).toBe(200);
    const whole = answer.json();
    expect(whole).toMatchObject({ ok: true, data: { name: 'plan ä.png', mediaType: 'image/png', isImage: true } });
    if (!whole.ok) return;
    for (const { path } of [pieces, whole.data]) {
      expect(sha(readFileSync(path))).toBe(sha(PNG));
      if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    expect(files()).toHaveLength(2);
  });

  it('[E6-08] [BUG-A31] a body is refused without the token, over the limit before it is read, empty, and without a name', async () => {
    const { url, put, files } = await start();
    expect((await put('a.txt', Buffer.from('a'), {})).status).toBe(401);
    expect((await put('a.txt', Buffer.from('a'), { ...OWNER, origin: 'http://evil.example' })).status).toBe(403);
    const path = '/api/app/attachments?name=big.bin';
    // Only the headers are sent: whoever waits for the body never answers.
    const huge = await ask(
      url,
      'PUT',
      path,
      { ...OWNER, 'content-length': String(MAX_ATTACHMENT_BYTES + 1) },
      (request) => request.flushHeaders(),
    );
    expect([huge.status, huge.json()]).toEqual([
      413,
      {
        ok: false,
        error: expect.objectContaining({
          code: 'payload_too_large',
          message: expect.stringContaining('50 MB') as unknown,
        }) as unknown,
      },
    ]);
    expect((await put('void.txt', Buffer.alloc(0))).json()).toMatchObject({
      ok: false,
      error: { code: 'invalid_payload' },
    });
    expect((await put('', Buffer.from('a'))).json()).toMatchObject({ ok: false, error: { code: 'invalid_payload' } });
    expect(files()).toEqual([]);
  });

  it('[E6-08] a body without a length is cut at the limit while it comes, and its sender gets the answer', async () => {
    const { url, files } = await start();
    // A client that sends all of its body before it looks at the answer, as simple ones do.
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const head = `PUT /api/app/attachments?name=endless HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: ${OWNER.authorization}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const piece = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(0x100000, 1), Buffer.from('\r\n')]);
    await pipeline([head, ...Array<Buffer>(60).fill(piece), '0\r\n\r\n'], socket, { end: false });
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toString()).toContain('"payload_too_large"');
    socket.destroy();
    expect(files()).toEqual([]);
  });

  it('[E6-08] a sender that leaves in the middle leaves nothing behind', async () => {
    const { url, files } = await start();
    const left = ask(url, 'PUT', '/api/app/attachments?name=a', { ...OWNER, 'content-length': '1000' }, (request) => {
      request.write(Buffer.alloc(500, 1));
      void vi.waitFor(() => expect(files()).toHaveLength(1)).finally(() => request.destroy());
    });
    await expect(left).rejects.toThrow();
    await expect.poll(files).toEqual([]);
  });

  it('[E6-08] [E8-28] a deleted conversation takes its files along', async () => {
    const { host, files } = await start();
    const record = await upload(host, 'a.png', PNG);
    const session = await host.request('sessions.create', { profile: 'demo' });
    if (!session.ok) throw new Error(session.error.message);
    const input = [{ type: 'image', name: 'a.png', path: record.path, media_type: 'image/png' }] as const;
    await host.request('chat.run', { session_id: session.data.id, input: [...input], profile: 'demo' });
    expect(files()).toHaveLength(1);
    await host.request('sessions.delete', { sessionId: session.data.id });
    await expect.poll(files).toEqual([]);
  });

  it('[E6-07] [decision 22] files are shown to the page that has the cookie, and to nobody else', async () => {
    const { host, url } = await start();
    const record = await upload(host, 'a.png', PNG);
    const path = mediaUrl(record.path);
    expect((await ask(url, 'GET', path)).status).toBe(401);
    expect((await ask(url, 'GET', `${path}?token=${TOKEN}`)).status).toBe(401);
    expect((await ask(url, 'POST', '/api/app/media-cookie')).status).toBe(401);
    expect((await ask(url, 'GET', '/api/app/media-cookie', OWNER)).status).toBe(400);
    const given = await ask(url, 'POST', '/api/app/media-cookie', OWNER);
    expect(given.json()).toEqual({ ok: true, data: { set: true } });
    const [set = ''] = given.headers['set-cookie'] ?? [];
    expect(set.split('; ').slice(1).toSorted()).toEqual(['HttpOnly', 'Path=/media', 'SameSite=Strict']);
    expect(set).not.toContain(TOKEN);
    const cookie = set.split(';')[0] ?? '';

    const shown = await ask(url, 'GET', path, { cookie: `other=1; ${cookie}`, 'sec-fetch-site': 'same-origin' });
    expect([shown.status, sha(shown.body)]).toEqual([200, sha(PNG)]);
    expect(shown.headers).toMatchObject({ 'content-type': 'image/png', 'x-content-type-options': 'nosniff' });
    expect((await ask(url, 'GET', path, OWNER)).status).toBe(200);
    // Another port of this computer is the same site for a browser, which sends the cookie with it.
    expect((await ask(url, 'GET', path, { cookie, 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await ask(url, 'GET', path, { cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await ask(url, 'GET', path, { cookie, host: 'evil.example' })).status).toBe(403);
    expect((await ask(url, 'GET', path, { cookie: cookie.slice(0, -1) })).status).toBe(401);
    // The cookie opens files and nothing else.
    const json = { cookie, 'content-type': 'application/json' };
    expect((await ask(url, 'POST', '/api/app/app.info', json, (request) => request.end('{}'))).status).toBe(401);
  });

  it('[E6-07] a part of a file is sent as a part, and what lies outside is not there', async () => {
    const { host, url, dataDir } = await start();
    const record = await upload(host, 'a.png', PNG);
    const part = await ask(url, 'GET', mediaUrl(record.path), { ...OWNER, range: 'bytes=8-1007' });
    expect([part.status, part.headers['content-range']]).toEqual([206, `bytes 8-1007/${PNG.length}`]);
    expect(sha(part.body)).toBe(sha(PNG.subarray(8, 1008)));
    for (const path of [join(dataDir, 'sluice.db'), '/etc/passwd', join(dataDir, 'attachments', '..', 'sluice.log')]) {
      expect((await ask(url, 'GET', mediaUrl(path), OWNER)).status).toBe(404);
    }
    // Raw paths are the server's to judge, not the client's to tidy.
    expect((await ask(url, 'GET', '/media/../api/app/app.info', OWNER)).status).toBe(404);
  });

  it('[E6-07] the page of a conversation shows what lies in its working folder', async () => {
    const { host, url } = await start();
    const work = join(tempDir(), 'work');
    mkdirSync(work);
    const page = join(work, 'page.html');
    writeFileSync(page, '<script>alert(1)</script>');
    expect((await ask(url, 'GET', mediaUrl(page), OWNER)).status).toBe(404);
    expect(await host.request('sessions.create', { workspace: work })).toMatchObject({ ok: true });
    const answer = await ask(url, 'GET', mediaUrl(page), OWNER);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-disposition']).toContain('attachment; filename="page.html"');
    expect(answer.headers['content-security-policy']).toContain('sandbox');
  });
});

describe('a process that is killed', () => {
  it('[E6-08] in the middle of an upload leaves no half file under a final name, and the next start tidies up', async () => {
    const dataDir = join(tempDir(), 'data');
    const files = () => readdirSync(join(dataDir, 'attachments'));
    const host = await startHeadlessProcess(dataDir);
    const whole = await upload(host, 'whole.png', PNG);
    const begun = await host.request('attachments.begin', { name: 'half.png', sizeBytes: PNG.length });
    if (!begun.ok) throw new Error(begun.error.message);
    const data = PNG.subarray(0, ATTACHMENT_CHUNK_BYTES).toString('base64');
    await host.request('attachments.append', { uploadId: begun.data.uploadId, offsetBytes: 0, data });
    await host.kill();
    expect(files().filter((name) => !name.endsWith('.part'))).toHaveLength(1);
    expect(files()).toHaveLength(2);
    const next = await startHeadlessProcess(dataDir);
    expect(files()).toHaveLength(1);
    expect(sha(readFileSync(whole.path))).toBe(sha(PNG));
    await next.stop();
  });
});

describe('files in the desktop application', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.resetModules();
  });

  it('[E6-07] [E6-08] the page adds a file over IPC and shows it from the same address as in a browser', async () => {
    vi.stubEnv('SLUICE_DATA_DIR', join(tempDir(), 'data'));
    vi.stubEnv('SLUICE_VAULT_PASSPHRASE', 'for this test');
    const { stub, sluice } = await launchShell();
    try {
      const record = await upload(sluice, 'a.png', PNG);
      const serve = stub.protocolHandlers.get('app');
      if (serve === undefined) throw new Error('Nothing serves app:.');
      const get = (path: string, init: RequestInit = {}) =>
        serve(new Request(new URL(path, 'app://sluice/index.html'), init));
      const shown = await get(mediaUrl(record.path));
      expect(shown.status).toBe(200);
      expect(shown.headers.get('content-type')).toBe('image/png');
      expect(shown.headers.get('content-security-policy')).toContain('sandbox');
      expect(sha(new Uint8Array(await shown.arrayBuffer()))).toBe(sha(PNG));
      const part = await get(mediaUrl(record.path), { headers: { range: 'bytes=0-7' } });
      expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 8]);
      for (const path of ['/media/file?path=/etc/passwd', '/media/x', '/media/..%2f..%2fetc%2fpasswd']) {
        expect((await get(path)).status).toBe(404);
      }
      expect((await serve(new Request(`app://other${mediaUrl(record.path)}`))).status).toBe(404);
    } finally {
      stub.app.quit();
      await vi.waitFor(() => expect(stub.app.hasQuit).toBe(true), { timeout: 10_000 });
    }
  });
});
