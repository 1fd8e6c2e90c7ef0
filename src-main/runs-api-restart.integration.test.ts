import { expect, it, onTestFinished } from 'vitest';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { text, waitForRelease } from '../e2e/fake-upstream/script.ts';
import { type HeadlessProcess, startHeadlessProcess, TOKEN } from './testing/headless-process.ts';
import { clientOf, collect, eventually, human, said } from './testing/runs-api-host.ts';
import { tempDir } from './testing/temp-dir.ts';

async function open(dir: string): Promise<HeadlessProcess> {
  const host = await startHeadlessProcess(dir);
  onTestFinished(() => host.kill());
  return host;
}

it('[E8-25] [BUG-C9] runs that a killed process left open are closed at the next start, for every reader, and what waited still waits', async () => {
  const fake = await FakeUpstream.start();
  onTestFinished(() => fake.close());
  const dir = tempDir();
  const first = await open(dir);
  await first.request('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: fake.url, defaultModel: 'm' });
  const before = clientOf(first.url, TOKEN);
  fake.next([text('Half '), waitForRelease('never')]);
  const run = await before.runs.create('t', 'fake', { input: human('one') });
  const waiting = await before.runs.create('t', 'fake', { input: human('two'), multitaskStrategy: 'enqueue' });
  await eventually(async () => expect(said((await before.threads.getState('t')).values)).toContain('ai: Half '));
  const reader = before.runs.joinStream('t', run.run_id, { streamMode: 'messages-tuple' });
  const heard: { id?: string }[] = [];
  for await (const frame of reader) {
    heard.push(frame);
    if (frame.event === 'messages') break;
  }
  await first.kill();

  const again = await open(dir);
  const after = clientOf(again.url, TOKEN);
  expect(await after.runs.get('t', run.run_id)).toMatchObject({
    status: 'interrupted',
    ended_at: expect.any(String) as string,
  });
  expect(await after.runs.list('t', { status: 'running' })).toEqual([]);
  // A reader comes back to where it was and hears the end, exactly one; who waits is told that there is no whole.
  const lastEventId = heard.at(-1)?.id ?? '';
  const rest = await collect(after.runs.joinStream('t', run.run_id, { streamMode: 'messages-tuple', lastEventId }));
  expect(rest.map((frame) => frame.event).filter((event) => event === 'end')).toHaveLength(1);
  expect(rest.at(-1)).toMatchObject({ event: 'end' });
  expect(await after.runs.join('t', run.run_id)).toMatchObject({ status: 'interrupted' });
  // The call is in the books although nobody reported it, and the message behind it was not lost.
  const usage = await fetch(`${again.url}/api/threads/t/token-usage`, { headers: { 'x-api-key': TOKEN } });
  const spent = (await usage.json()) as { total_calls: number; estimated_tokens: number };
  expect(spent).toMatchObject({ total_calls: 1 });
  expect(spent.estimated_tokens).toBeGreaterThan(0);
  expect((await after.runs.get('t', waiting.run_id)).status).toBe('pending');
  await again.request('chat.queue_resume', { session_id: 't' });
  expect(await after.runs.join('t', waiting.run_id)).toMatchObject({ messages: expect.any(Array) as unknown });
  expect((await after.threads.get('t')).status).toBe('idle');
});

it('[E8-26] an end in order in the middle of an answer stores what there is of it, within the limit', async () => {
  const fake = await FakeUpstream.start();
  onTestFinished(() => fake.close());
  const dir = tempDir();
  const host = await open(dir);
  await host.request('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: fake.url, defaultModel: 'm' });
  const client = clientOf(host.url, TOKEN);
  fake.next([text('Half '), waitForRelease('never')]);
  const run = await client.runs.create('t', 'fake', { input: human('one') });
  await eventually(async () => expect(said((await client.threads.getState('t')).values)).toContain('ai: Half '));
  expect(await host.stop()).toBe(0);
  const again = await open(dir);
  const after = clientOf(again.url, TOKEN);
  expect(said((await after.threads.getState('t')).values)).toEqual(['human: one', 'ai: Half ']);
  expect((await after.runs.get('t', run.run_id)).status).toBe('interrupted');
});
