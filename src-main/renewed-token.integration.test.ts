import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { answer, finish, text } from '../e2e/fake-upstream/script.ts';
import { startHeadlessProcess } from './testing/headless-process.ts';
import { tempDir } from './testing/temp-dir.ts';

const refreshToken = (number: number) => `rt-planted-${number}-0123456789abcdefghij`;
const accessToken = (number: number) => `at-planted-${number}-0123456789abcdefghij`;

/** A token endpoint that turns its refresh token over with each renewal, and takes each one once. */
async function startTokenEndpoint() {
  let number = 1;
  let isRevoked = false;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => (body += part));
    request.on('end', () => {
      const given = new URLSearchParams(body).get('refresh_token') ?? '';
      asked.push(given);
      if (isRevoked || given !== refreshToken(number)) {
        response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
        return;
      }
      const token = { access_token: accessToken(number), refresh_token: refreshToken(++number), expires_in: 3600 };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(token));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    asked,
    revoke: () => {
      isRevoked = true;
    },
    /** A person signs in: another refresh token, which works. */
    grantAgain: () => {
      isRevoked = false;
      return refreshToken(++number);
    },
  };
}

it('[E10-16] [BUG-D5] [BUG-D11] a token that an upstream refuses is renewed once for all, stored, and used; an ended sign-in asks for another', async () => {
  const fake = await FakeUpstream.start();
  onTestFinished(() => fake.close());
  const endpoint = await startTokenEndpoint();
  const dir = tempDir();
  const env = { SLUICE_VAULT_PASSPHRASE: 'a passphrase of the test' };
  let host = await startHeadlessProcess(dir, env);
  onTestFinished(() => host.kill());
  const made = await host.request('profiles.create', {
    name: 'cloud',
    kind: 'openai-chat',
    baseUrl: fake.url,
    defaultModel: 'm',
  });
  if (!made.ok) throw new Error(made.error.message);
  const key = await host.request('credentials.createOAuth', {
    profileId: made.data.id,
    label: 'account',
    tokenUrl: endpoint.url,
    clientId: 'sluice',
    refreshToken: refreshToken(1),
  });
  if (!key.ok) throw new Error(key.error.message);
  const ask = async (session: string) => {
    await host.request('chat.run', { session_id: session, input: 'hello', profile: 'cloud' });
    const status = async () => {
      const runs = await host.request('runs.list', { sessionId: session });
      return runs.ok ? runs.data.runs[0] : undefined;
    };
    await expect.poll(async () => (await status())?.endedAtMs ?? null, { timeout: 15_000 }).not.toBeNull();
    return status();
  };
  const used = () =>
    fake.requests.filter(({ method }) => method === 'POST').map(({ headers }) => headers.authorization);

  // Ten at once, none with a token yet: one question to the endpoint.
  fake.setDefault([text('yes'), finish()]);
  const first = await Promise.all(Array.from({ length: 10 }, (_, at) => ask(`first ${at}`)));
  expect(first.map((run) => run?.status)).toEqual(Array<string>(10).fill('success'));
  expect(endpoint.asked).toEqual([refreshToken(1)]);
  expect(new Set(used())).toEqual(new Set([`Bearer ${accessToken(1)}`]));

  // The upstream has forgotten the token: refused, renewed once, asked again with the same credential's new one.
  const gone = { ...answer(401, { error: { message: 'token expired' } }), key: accessToken(1) };
  fake.next(gone, gone, gone);
  const second = await Promise.all(['a', 'b', 'c'].map((name) => ask(`second ${name}`)));
  expect(second.map((run) => run?.status)).toEqual(['success', 'success', 'success']);
  expect(endpoint.asked).toEqual([refreshToken(1), refreshToken(2)]);
  expect(used().slice(-3)).toEqual(Array<string>(3).fill(`Bearer ${accessToken(2)}`));
  const [record] = await host.request('credentials.list', {}).then((list) => (list.ok ? list.data.credentials : []));
  expect(record).toMatchObject({ state: 'ready', failureCount: 0, successes: 13 });

  // What came with the renewal was stored before it was used: a killed process has the newest.
  await host.kill();
  host = await startHeadlessProcess(dir, env);
  fake.next({ ...answer(401, { error: { message: 'token expired' } }), key: accessToken(2) });
  expect((await ask('third'))?.status).toBe('success');
  expect(endpoint.asked.at(-1)).toBe(refreshToken(3));

  // The grant is revoked: the answer says to sign in again, and nobody is asked again for nothing.
  endpoint.revoke();
  fake.next({ ...answer(401, { error: { message: 'token expired' } }), key: accessToken(3) });
  const ended = await ask('fourth');
  expect([ended?.status, ended?.errorInfo?.code]).toEqual(['error', 'upstream_auth']);
  expect(ended?.error).toContain('Sign in again');
  const counts = [fake.requests.length, endpoint.asked.length];
  const again = await ask('fifth');
  expect(again?.error).toContain('Sign in again');
  expect([fake.requests.length, endpoint.asked.length]).toEqual(counts);
  const [locked] = await host.request('credentials.list', {}).then((list) => (list.ok ? list.data.credentials : []));
  expect(locked).toMatchObject({ state: 'needs_sign_in', disabledReason: 'invalid_refresh_token' });

  // Signed in again, the same credential serves.
  const grant = endpoint.grantAgain();
  expect((await host.request('credentials.signIn', { credentialId: key.data.id, refreshToken: grant })).ok).toBe(true);
  expect((await ask('sixth'))?.status).toBe('success');
}, 90_000);
