import { describe, expect, it } from 'vitest';
import { OWNER_TOKEN, startRunsApiHost } from './testing/runs-api-host.ts';

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
