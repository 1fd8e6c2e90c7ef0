import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Result } from '#contract/errors';
import { type HeadlessProcess, startHeadlessProcess } from './testing/headless-process.ts';
import { sendJson, startRawUpstream, wholeChat } from './testing/raw-upstream.ts';
import { tempDir } from './testing/temp-dir.ts';

/** So many calls have ended when the host is killed, and so many more are under way. */
const OVER = 24;
const UNDER_WAY = 8;

function data<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.data;
}

async function open(dir: string): Promise<HeadlessProcess> {
  const host = await startHeadlessProcess(dir);
  onTestFinished(() => host.kill());
  return host;
}

it('[decision 31] [E11-06] a kill loses no call of a program: what ended is booked as it ended, what was under way as lost', async () => {
  const upstream = await startRawUpstream();
  upstream.handle(({ json }, response) => {
    const [message] = json['messages'] as { content: string }[];
    // Those that wait are never answered.
    if (message?.content === 'go') sendJson(response, 200, wholeChat('Yes.'));
  });
  const dir = tempDir();
  const host = await open(dir);
  const profile = data(
    await host.request('profiles.create', {
      name: 'gpt',
      kind: 'openai-chat',
      baseUrl: upstream.url,
      defaultModel: 'm',
    }),
  );
  const secret = 'sk-test-0123456789abcdefghijklmnop';
  data(await host.request('credentials.create', { profileId: profile.id, label: 'one', secret }));
  const { key } = data(await host.request('localApi.createClient', { name: 'a program' }));
  const ask = (content: string) =>
    fetch(`${host.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt/m', messages: [{ role: 'user', content }] }),
    });
  const waiting = Array.from({ length: UNDER_WAY }, () => ask('wait').catch(() => null));
  await upstream.reached(UNDER_WAY);
  await Promise.all(Array.from({ length: OVER }, async () => expect((await ask('go')).status).toBe(200)));
  // The last end is written in the turn in which it was answered; a kill within that turn would have it lost.
  data(await host.request('settings.get', {}));

  await host.kill();
  await Promise.all(waiting);
  expect(upstream.requests).toHaveLength(OVER + UNDER_WAY);

  // The second start finds nothing more to book than the first.
  for (let starts = 0; starts < 2; starts++) {
    const again = await open(dir);
    const { calls } = data(await again.request('usage.calls', { limit: 100 }));
    const outcomes = Map.groupBy(calls, ({ outcome }) => outcome);
    expect(calls).toHaveLength(OVER + UNDER_WAY);
    expect(outcomes.get('completed')).toHaveLength(OVER);
    expect(outcomes.get('lost')).toHaveLength(UNDER_WAY);
    expect(data(await again.request('usage.summary', { days: 2 })).totals.requests).toBe(OVER + UNDER_WAY);
    await again.stop();
  }
  const journals = readdirSync(dir).filter((name) => name.endsWith('.journal'));
  expect(journals.map((name) => statSync(join(dir, name)).size)).toEqual(journals.map(() => 0));
});
