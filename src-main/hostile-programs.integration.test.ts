import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { text } from '../e2e/fake-upstream/script.ts';
import { eventually, OWNER_TOKEN, type RunsApiHost, startRunsApiHost } from './testing/runs-api-host.ts';

const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const JSON_OF_OWNER = { 'content-type': 'application/json', authorization: `Bearer ${OWNER_TOKEN}` };

const post = (url: string, body: string) => fetch(url, { method: 'POST', headers: JSON_OF_OWNER, body });

describe('a program that means harm', () => {
  it.each(['__proto__', 'constructor', 'toString', 'a\nb', '\u202ex', '\u0000'])(
    '[E1-10] [E1-01] makes no thread called %j, by no address: the window keeps what it knows by these ids',
    async (name) => {
      const { url, ask } = await startRunsApiHost();
      const run = '{"assistant_id":"demo","input":{"messages":"x"}}';
      const answers = await Promise.all([
        post(`${url}/api/threads`, JSON.stringify({ thread_id: name })),
        post(`${url}/api/threads/${encodeURIComponent(name)}/runs`, run),
        post(`${url}/api/threads/${encodeURIComponent(name)}/runs/wait`, run),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([422, 422, 422]);
      expect((await ask<{ sessions: unknown[] }>('sessions.list', {})).sessions).toEqual([]);
    },
  );

  it('[E1-10] [E1-03] is told in words that its request is nested or long without end', async () => {
    const { url } = await startRunsApiHost();
    for (const body of [`{"metadata":{"a":${DEEP}}}`, `{"metadata":{"a":[${'0,'.repeat(200_000)}0]}}`]) {
      const answer = await post(`${url}/api/threads`, body);
      expect(answer.status).toBe(422);
      expect(await answer.text()).toMatch(/nested too deeply|too many parts/);
    }
    const asked = `{"model":"demo/demo","max_tokens":1,"messages":[{"role":"user","content":${DEEP}}],"input":[${DEEP}]}`;
    for (const path of ['/v1/chat/completions', '/v1/messages', '/v1/responses']) {
      const answer = await post(`${url}${path}`, asked);
      expect(answer.status, path).toBe(400);
      expect(await answer.text()).toContain('nested too deeply');
    }
  });
});

interface MadeKey {
  client: { id: string };
  key: string;
}

const makeKey = (host: RunsApiHost, name: string) => host.ask<MadeKey>('localApi.createClient', { name });

/** Starts a run as a program, under an `Idempotency-Key` of its own choice. */
async function runOnce(host: RunsApiHost, path: string, apiKey: string, said: string) {
  const answer = await fetch(`${host.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey, 'idempotency-key': '1' },
    body: JSON.stringify({ assistant_id: 'fake', input: { messages: said } }),
  });
  return { status: answer.status, text: await answer.text() };
}

describe('a program beside others', () => {
  it('[E2-21] [E8-13] gets no run of another program that chose the same Idempotency-Key', async () => {
    const host = await startRunsApiHost();
    const [one, other] = await Promise.all([makeKey(host, 'one'), makeKey(host, 'other')]);
    host.fake.next({ match: 'of the first', steps: [text('a private answer')] });
    const first = await runOnce(host, '/api/runs/wait', one.key, 'a question of the first');
    expect(first.text).toContain('a private answer');
    for (const key of [other.key, OWNER_TOKEN]) {
      const second = await runOnce(host, '/api/runs/wait', key, 'something else');
      expect(second.text).toContain('You said: something else');
      expect(second.text).not.toContain('private');
    }
    // Its own is the same run as before.
    expect(await runOnce(host, '/api/runs/wait', one.key, 'a question of the first')).toEqual(first);
    expect(host.fake.requestsTo('POST', '/v1/chat/completions')).toHaveLength(3);
  });

  it('[E2-21] [E8-05] is told where its Idempotency-Key belongs to a run of another thread, and starts none', async () => {
    const host = await startRunsApiHost();
    const { key } = await makeKey(host, 'one');
    expect((await runOnce(host, '/api/threads/a/runs/wait', key, 'in a')).status).toBe(200);
    const elsewhere = await runOnce(host, '/api/threads/b/runs/wait', key, 'in b');
    expect([elsewhere.status, elsewhere.text]).toEqual([409, expect.stringContaining('another thread')]);
    expect(host.fake.requestsTo('POST', '/v1/chat/completions')).toHaveLength(1);
  });

  it('[decision 21] [E8-02] whose key is revoked while its request is on its way starts nothing more', async () => {
    const host = await startRunsApiHost();
    const { client, key } = await makeKey(host, 'revoked');
    const body = JSON.stringify({ assistant_id: 'fake', input: { messages: 'too late' } });
    const { port, host: name } = new URL(host.url);
    const line = connect(Number(port), '127.0.0.1');
    const ended = once(line, 'close');
    let answer = '';
    line.on('data', (part: Buffer) => (answer += part.toString()));
    // Whoever cuts the line may cut it in the middle of a write.
    line.on('error', () => undefined);
    line.write(
      `POST /api/runs/wait HTTP/1.1\r\nHost: ${name}\r\nx-api-key: ${key}\r\nContent-Type: application/json\r\n` +
        `Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
    );
    // The key was looked at, and the rest of the body is waited for.
    await eventually(async () => {
      const { clients } = await host.ask<{ clients: { lastUsedAtMs: number | null }[] }>('localApi.state', {});
      expect(clients[0]?.lastUsedAtMs).not.toBeNull();
    });
    await host.ask('localApi.revokeClient', { clientId: client.id });
    if (line.writable) line.write(body.slice(10));
    await ended;
    expect(answer).toBe('');
    expect((await host.ask<{ sessions: unknown[] }>('sessions.list', {})).sessions).toEqual([]);
    expect(host.fake.requests).toEqual([]);
  });
});

describe('a page from elsewhere', () => {
  it.each(['image', 'script', 'style', 'iframe', 'object'])(
    '[E1-08] [BUG-A31] gets nothing as %s, whose request carries no Origin, and opens no line',
    async (dest) => {
      const { url } = await startRunsApiHost();
      const headers = {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': dest === 'iframe' ? 'navigate' : 'no-cors',
        'sec-fetch-dest': dest,
      };
      for (const path of ['/', '/openapi.json', '/v1/models', '/socket.io/?EIO=4&transport=polling']) {
        const answer = await fetch(`${url}${path}`, { headers });
        expect(answer.status, path).toBe(403);
        expect(await answer.text()).not.toMatch(/"sid"|"openapi"/);
      }
    },
  );

  it('[E1-01] may frame no answer, whatever it is', async () => {
    const { url } = await startRunsApiHost();
    for (const path of ['/openapi.json', '/nothing', '/api/app/app.info', '/v1/models'])
      expect((await fetch(`${url}${path}`)).headers.get('x-frame-options'), path).toBe('DENY');
  });
});
