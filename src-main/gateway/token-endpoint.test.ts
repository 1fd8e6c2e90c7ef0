import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { FakeUpstream } from '../../e2e/fake-upstream/fake-upstream.ts';
import { answer, text } from '../../e2e/fake-upstream/script.ts';
import type { TokenRequest } from '../credentials/oauth-tokens.ts';
import { systemClock } from '../platform/clock.ts';
import { Gateway } from './gateway.ts';
import { HttpClient } from './http-client.ts';
import { eventsOf, INERT_LEASE, rejectionOf, requestOf, textOf } from './testing/calls.ts';
import { startHttpProxy } from './testing/test-proxy.ts';
import { askTokenEndpoint } from './token-endpoint.ts';

const REFRESH = 'rt-planted-0123456789abcdef';
const http = new HttpClient();
let asked: { body: string; headers: IncomingHttpHeaders }[];
let reply: { status: number; headers: Record<string, string>; body: string };
let url: string;
let end: () => Promise<void>;

beforeEach(async () => {
  asked = [];
  reply = { status: 200, headers: {}, body: '{"access_token":"at-1","expires_in":60}' };
  const server = createServer((message, response) => {
    let body = '';
    message.on('data', (part: Buffer) => (body += part.toString()));
    message.on('end', () => {
      asked.push({ body, headers: message.headers });
      response.writeHead(reply.status, reply.headers).end(reply.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/oauth/token`;
  end = async () => {
    await http.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
});
afterEach(() => end());

const request = (fields: Partial<TokenRequest> = {}): TokenRequest => ({
  credentialId: 'c',
  tokenUrl: url,
  clientId: 'my client',
  clientSecret: null,
  refreshToken: REFRESH,
  scope: null,
  ...fields,
});
const ask = (fields: Partial<TokenRequest> = {}) =>
  askTokenEndpoint(http, request(fields), { clock: systemClock, proxy: null });

it('[E10-16] a token is asked for as RFC 6749 says', async () => {
  expect(await ask({ clientSecret: 's&cret', scope: 'a b' })).toMatchObject({ kind: 'tokens', accessToken: 'at-1' });
  expect(asked[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
    grant_type: 'refresh_token',
    refresh_token: REFRESH,
    client_id: 'my client',
    client_secret: 's&cret',
    scope: 'a b',
  });
});

it('[E10-16] a redirect is not followed: the refresh token goes to its own address only', async () => {
  const other = await FakeUpstream.start();
  onTestFinished(() => other.close());
  reply = { status: 307, headers: { location: `${other.url}/oauth/token` }, body: '' };
  expect(await ask()).toMatchObject({ kind: 'later' });
  expect(other.requests).toHaveLength(0);
});

it('[E10-16] [E10-18] it goes through the credential’s proxy', async () => {
  const proxy = await startHttpProxy();
  onTestFinished(() => proxy.close());
  const target = { url: proxy.url, username: null, password: null };
  await askTokenEndpoint(http, request(), { clock: systemClock, proxy: target });
  expect(proxy.asked).toEqual([`POST ${url}`]);
});

it('[E10-16] a token that the upstream refuses is renewed once and the request made again with it', async () => {
  const fake = await FakeUpstream.start();
  onTestFinished(() => fake.close());
  const renewed: [string, string][] = [];
  let token = 'at-old-0123456789';
  const gateway = new Gateway({
    profiles: { byName: (name) => ({ id: 'p', name, kind: 'openai-chat', baseUrl: fake.url, defaultModel: 'm' }) },
    credentials: {
      lease: async () => ({ credentialId: 'c', secret: token, ...INERT_LEASE }),
      refresh: async (credentialId, refused) => {
        renewed.push([credentialId, refused]);
        token = 'at-new-0123456789';
        return true;
      },
    },
    settings: () => ({ headersTimeoutMs: 5000, idleTimeoutMs: 5000, totalTimeoutMs: 60_000 }),
    clock: systemClock,
  });
  fake.next(answer(401, '{"error":{"message":"expired"}}'));
  // It echoes the token that it took: the new one is scrubbed as the old one would be.
  fake.next([text('hello at-new-'), text('0123456789')]);
  const { run } = await gateway.start('work', requestOf(), new AbortController().signal);
  expect(textOf(await eventsOf(run))).toMatch(/^hello .{0,3}\[secret\]$/);
  expect(renewed).toEqual([['c', 'at-old-0123456789']]);
  expect(fake.requests.map((each) => each.headers.authorization)).toEqual([
    'Bearer at-old-0123456789',
    'Bearer at-new-0123456789',
  ]);
  // Refused again: that is told, and not renewed for ever.
  fake.next(answer(401, ''));
  fake.next(answer(401, ''));
  const failure = await rejectionOf(gateway.start('work', requestOf(), new AbortController().signal));
  expect(failure).toMatchObject({ code: 'upstream_auth' });
  expect(fake.requests).toHaveLength(4);
});
