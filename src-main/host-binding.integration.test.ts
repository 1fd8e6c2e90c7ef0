import { expect, it, onTestFinished } from 'vitest';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { answer, text } from '../e2e/fake-upstream/script.ts';
import { startHeadlessProcess } from './testing/headless-process.ts';
import { tempDir } from './testing/temp-dir.ts';

const KEY = 'sk-planted-0123456789abcdef';

it('[E10-02] a key stays with the host that it was approved for: another address sees nothing until a person confirms it', async () => {
  const [mine, other] = await Promise.all([FakeUpstream.start(), FakeUpstream.start()]);
  onTestFinished(async () => void (await Promise.all([mine.close(), other.close()])));
  const dir = tempDir();
  let host = await startHeadlessProcess(dir, { SLUICE_VAULT_PASSPHRASE: 'a passphrase' });
  onTestFinished(() => host.kill());
  const profile = await host.request('profiles.create', {
    name: 'fake',
    kind: 'openai-chat',
    baseUrl: mine.url,
    defaultModel: 'm',
  });
  if (!profile.ok) throw new Error(profile.error.message);
  const key = await host.request('credentials.create', { profileId: profile.data.id, label: 'k', secret: KEY });
  if (!key.ok) throw new Error(key.error.message);
  const ask = async (session: string, ends: string) => {
    const socket = await host.connect();
    const ended = new Promise<{ error?: string; error_info?: unknown }>((resolve) => socket.once(ends, resolve));
    await socket.emitWithAck('run', { session_id: session, input: 'hello', profile: 'fake' });
    return ended;
  };
  mine.next([text('one')]);
  await ask('s1', 'run.completed');
  expect(mine.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);

  // A redirect, then a changed address, then a restart: none of them carries the key.
  mine.next(answer(302, '', { location: `${other.url}/v1/chat/completions` }));
  await ask('s2', 'run.failed');
  const moved = await host.request('profiles.update', { profileId: profile.data.id, baseUrl: other.url });
  expect(moved.ok).toBe(true);
  const refused = await ask('s3', 'run.failed');
  expect(refused).toMatchObject({
    error: expect.stringContaining('Confirm the new address') as string,
    error_info: { code: 'no_credential', retry: { kind: 'user-action', action: 'confirm-host' } },
  });
  await host.stop();
  host = await startHeadlessProcess(dir, { SLUICE_VAULT_PASSPHRASE: 'a passphrase' });
  await ask('s4', 'run.failed');
  expect(other.requests.filter((request) => JSON.stringify(request.headers).includes('planted'))).toEqual([]);

  // What is confirmed is what was seen.
  const stale = await host.request('credentials.confirmHost', { credentialId: key.data.id, origin: mine.url });
  expect(stale).toMatchObject({ ok: false, error: { code: 'conflict' } });
  const confirmed = await host.request('credentials.confirmHost', {
    credentialId: key.data.id,
    origin: new URL(other.url).origin,
  });
  expect(confirmed).toMatchObject({ ok: true, data: { approvedOrigin: other.url, storage: 'sealed' } });
  other.next([text('two')]);
  await ask('s5', 'run.completed');
  expect(other.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);
}, 60_000);
