import { expect, it, onTestFinished } from 'vitest';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { finish, text, waitForRelease } from '../e2e/fake-upstream/script.ts';
import { startHeadlessProcess } from './testing/headless-process.ts';
import { tempDir } from './testing/temp-dir.ts';

it('[E9-02] a message goes to the address that its profile had when it was sent, whatever changes while it waits', async () => {
  const [first, other] = await Promise.all([FakeUpstream.start(), FakeUpstream.start()]);
  onTestFinished(async () => void (await Promise.all([first.close(), other.close()])));
  const dir = tempDir();
  let host = await startHeadlessProcess(dir);
  onTestFinished(() => host.kill());
  const made = await host.request('profiles.create', {
    name: 'local',
    kind: 'openai-chat',
    baseUrl: first.url,
    defaultModel: 'm',
  });
  if (!made.ok) throw new Error(made.error.message);
  const bodies = (fake: FakeUpstream) =>
    fake.requests.filter(({ method }) => method === 'POST').map(({ body }) => JSON.stringify(body));
  const done = async (session: string, count: number) => {
    await expect
      .poll(
        async () => {
          const answer = await host.request('runs.list', { sessionId: session });
          return answer.ok ? answer.data.runs.filter(({ status }) => status === 'success').length : 0;
        },
        { timeout: 20_000 },
      )
      .toBe(count);
  };
  first.next([text('one'), waitForRelease('end'), finish()]);
  const socket = await host.connect();
  await socket.emitWithAck('run', { session_id: 's', input: 'begun before', profile: 'local' });
  await socket.emitWithAck('run', { session_id: 's', input: 'queued before', profile: 'local' });
  const changed = await host.request('profiles.update', { profileId: made.data.id, baseUrl: other.url });
  expect(changed.ok).toBe(true);
  await socket.emitWithAck('run', { session_id: 's', input: 'sent after', profile: 'local' });
  first.release('end');
  await done('s', 3);
  expect(bodies(first)).toHaveLength(2);
  expect(bodies(first)[1]).toContain('queued before');
  expect(bodies(other)).toHaveLength(1);
  expect(bodies(other)[0]).toContain('sent after');

  // A queue that lasts over a restart keeps the address of each message as well.
  other.next([text('four'), waitForRelease('later'), finish()]);
  await socket.emitWithAck('run', { session_id: 't', input: 'begun', profile: 'local' });
  await socket.emitWithAck('run', { session_id: 't', input: 'waits over a restart', profile: 'local' });
  await expect.poll(() => bodies(other).length).toBe(2);
  await host.kill();
  host = await startHeadlessProcess(dir);
  await host.request('profiles.update', { profileId: made.data.id, baseUrl: first.url });
  await host.request('chat.queue_resume', { session_id: 't' });
  await done('t', 1);
  expect(bodies(other).at(-1)).toContain('waits over a restart');
  expect(bodies(first)).toHaveLength(2);
}, 60_000);
