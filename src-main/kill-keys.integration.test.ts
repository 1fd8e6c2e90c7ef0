import { expect, it, onTestFinished, vi } from 'vitest';
import type { Result } from '#contract/errors';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { answer, rateLimited, text } from '../e2e/fake-upstream/script.ts';
import { type HeadlessProcess, startHeadlessProcess } from './testing/headless-process.ts';
import { tempDir } from './testing/temp-dir.ts';

const VAULT = { SLUICE_VAULT_PASSPHRASE: 'correct horse battery staple' };
const keyOf = (number: number) => `sk-test-${number}-0123456789abcdefghijklmnop`;

async function open(dir: string): Promise<HeadlessProcess> {
  const host = await startHeadlessProcess(dir, VAULT);
  onTestFinished(() => host.kill());
  return host;
}

function data<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.data;
}

/** Sends a message and waits for the end of its answer. */
async function turn(host: HeadlessProcess, sessionId: string): Promise<string | null> {
  const socket = await host.connect();
  await socket.emitWithAck('resume', { session_id: sessionId });
  const ended = new Promise<string | null>((resolve) => {
    socket.once('run.completed', () => resolve('completed'));
    socket.once('run.failed', (event: { error_info: { code: string } }) => resolve(event.error_info.code));
  });
  await socket.emitWithAck('run', { session_id: sessionId, input: 'hello', profile: 'work' });
  const how = await ended;
  socket.disconnect();
  return how;
}

it('[E10-17] [E10-13] [E10-25] [decision 32] [BUG-D6] what is known of keys survives kill -9, and a rest ends by itself', async () => {
  const fake = await FakeUpstream.start();
  onTestFinished(() => fake.close());
  const dir = tempDir();
  const host = await open(dir);
  const profile = data(
    await host.request('profiles.create', { name: 'work', kind: 'openai-chat', baseUrl: fake.url, defaultModel: 'm' }),
  );
  const ids: string[] = [];
  for (const number of [1, 2, 3, 4]) {
    const created = await host.request('credentials.create', {
      profileId: profile.id,
      label: `key ${number}`,
      secret: keyOf(number),
      priority: number,
    });
    ids.push(data(created).id);
  }
  // Key 1 rests for a short while, key 2 for long, key 3 has spent its credit, key 4 answers.
  fake.next(
    { ...rateLimited('8'), key: keyOf(1) },
    { ...rateLimited('900'), key: keyOf(2) },
    { ...answer(402, { error: { message: 'Insufficient balance' } }), key: keyOf(3) },
    { steps: [text('done'), { do: 'finish' }], key: keyOf(4) },
  );
  expect(await turn(host, 's1')).toBe('completed');
  const list = async (from: HeadlessProcess) => data(await from.request('credentials.list', {})).credentials;
  const before = await list(host);
  expect(before.map(({ state }) => state)).toEqual(['cooling', 'cooling', 'exhausted', 'ready']);
  await host.kill();

  const again = await open(dir);
  const after = await list(again);
  expect(after.map(({ rests }) => rests)).toEqual(before.map(({ rests }) => rests));
  expect(after.map(({ disabledReason }) => disabledReason)).toEqual([null, null, 'quota_exhausted', null]);
  expect(after.map(({ lastError }) => lastError)).toEqual(before.map(({ lastError }) => lastError));
  // Nobody does anything, and the short rest is over at its time.
  await vi.waitFor(async () => expect((await list(again))[0]?.state).toBe('ready'), { timeout: 20_000, interval: 100 });
  expect(Date.now()).toBeGreaterThanOrEqual(before[0]?.rests[0]?.untilMs ?? Number.POSITIVE_INFINITY);
  expect((await list(again))[1]?.state).toBe('cooling');
  const seen = fake.requests.length;
  expect(await turn(again, 's2')).toBe('completed');
  expect(fake.requests.slice(seen).map(({ headers }) => headers.authorization)).toEqual([`Bearer ${keyOf(1)}`]);

  // A clean end loses no counter.
  const successes = (await list(again))[0]?.successes;
  expect(successes).toBe(1);
  expect(await again.stop()).toBe(0);
  const third = await open(dir);
  expect((await list(third))[0]?.successes).toBe(1);

  // Several at once, each with a result of its own; a reset key is used again.
  const results = data(
    await third.request('credentials.reset', { credentialIds: [...ids.slice(1, 3), 'nobody'] }),
  ).results;
  expect(results.map((result) => (result.ok ? result.credential.state : result.error.code))).toEqual([
    'ready',
    'ready',
    'not_found',
  ]);
  const changes = { priority: 9, group: 'home', maxInFlight: 2, models: ['m'] };
  expect(data(await third.request('credentials.update', { credentialId: ids[3] ?? '', ...changes }))).toMatchObject(
    changes,
  );
  expect((await list(third))[3]).toMatchObject(changes);
  const tested = data(await third.request('credentials.test', { credentialIds: ids })).results;
  expect(tested.map((result) => (result.ok ? result.models : result.error.code))).toEqual([1, 1, 1, 1]);
  const health = data(await third.request('credentials.health', {}));
  expect(health.windows.hour).toMatchObject({ requests: 0, successRate: null, ttfbP50Ms: null });
  expect(await third.request('settings.set', { values: { rateLimitCooldownMs: 0 } })).toMatchObject({
    ok: false,
    error: { code: 'invalid_payload' },
  });
}, 60_000);
