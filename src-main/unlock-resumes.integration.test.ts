import { expect, it, onTestFinished } from 'vitest';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { finish, text, waitForRelease } from '../e2e/fake-upstream/script.ts';
import { startHeadlessProcess } from './testing/headless-process.ts';
import { tempDir } from './testing/temp-dir.ts';

const KEY = 'sk-planted-0123456789abcdef';
const PASSPHRASE = 'four words of mine';

/** The newest message of a request. */
function lastWords(body: unknown): unknown {
  return (body as { messages: { content: unknown }[] }).messages.at(-1)?.content;
}

function data<T>(result: { ok: true; data: T } | { ok: false; error: { message: string } }): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.data;
}

it('[E10-01] [decision 9] unlocking the keys sends what failed for them again, and lets the queues go on that stood still, and no others', async () => {
  const fake = await FakeUpstream.start();
  onTestFinished(() => fake.close());
  const dir = tempDir();
  const first = await startHeadlessProcess(dir, { SLUICE_VAULT_PASSPHRASE: PASSPHRASE });
  onTestFinished(() => first.kill());
  for (const name of ['keyed', 'open']) {
    const made = await first.request('profiles.create', {
      name,
      kind: 'openai-chat',
      baseUrl: fake.url,
      defaultModel: 'm',
    });
    if (!made.ok) throw new Error(made.error.message);
    if (name === 'keyed')
      await first.request('credentials.create', { profileId: made.data.id, label: 'k', secret: KEY });
  }
  await first.stop();

  const host = await startHeadlessProcess(dir);
  onTestFinished(() => host.kill());
  const socket = await host.connect();
  const heard: { event: string; session_id: string }[] = [];
  socket.onAny(
    (event: string, payload: { session_id: string }) => void heard.push({ event, session_id: payload.session_id }),
  );
  const until = (event: string, session: string) =>
    expect.poll(() => heard.filter((each) => each.event === event && each.session_id === session).length, {
      timeout: 10_000,
    });
  const send = (session: string, input: string, profile: string) =>
    socket.emitWithAck('run', { session_id: session, input, profile });
  // In both conversations an answer that needs no key is being written, and messages that need one wait behind it.
  for (const session of ['waits', 'paused']) {
    fake.next([text('one'), waitForRelease(session), finish()]);
    await send(session, 'first', 'open');
    await until('message.delta', session).toBe(1);
    await send(session, 'second', 'keyed');
    await send(session, 'third', 'keyed');
  }
  await host.request('chat.queue_pause', { session_id: 'paused' });
  for (const session of ['waits', 'paused']) fake.release(session);
  // Without its key the second message fails, and the third is not thrown after it.
  await until('run.failed', 'waits').toBe(1);
  await until('queue.paused', 'waits').toBe(1);
  await until('run.completed', 'paused').toBe(1);
  const before = fake.requests.length;
  expect((await host.request('secrets.unlock', { passphrase: 'not the one' })).ok).toBe(false);
  expect(fake.requests).toHaveLength(before);
  // The message that failed goes out first, then what waited behind it.
  fake.setDefault([text('three'), finish()]);
  expect((await host.request('secrets.unlock', { passphrase: PASSPHRASE })).ok).toBe(true);
  await until('queue.resumed', 'waits').toBe(1);
  await until('run.completed', 'waits').toBe(3);
  const sent = fake.requests.slice(before);
  expect(sent.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`]);
  expect(sent.map(({ body }) => lastWords(body))).toEqual(['second', 'third']);
  expect(heard.filter(({ event, session_id }) => event === 'queue.resumed' && session_id === 'paused')).toEqual([]);
  // Unlocking again sends nothing again.
  expect((await host.request('secrets.unlock', { passphrase: PASSPHRASE })).ok).toBe(true);
  const { runs } = data(await host.request('runs.list', { sessionId: 'waits' }));
  expect(runs.filter(({ status }) => status !== 'success' && status !== 'error')).toEqual([]);
  expect(fake.requests).toHaveLength(before + 2);
}, 60_000);
