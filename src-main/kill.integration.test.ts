import { describe, expect, it, onTestFinished } from 'vitest';
import type { LoggedEvent } from '#contract/events';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { endlessStream, reasoning, text, toolStart, waitForRelease } from '../e2e/fake-upstream/script.ts';
import { type HeadlessProcess, startHeadlessProcess } from './testing/headless-process.ts';
import { tempDir } from './testing/temp-dir.ts';

async function open(dir: string): Promise<HeadlessProcess> {
  const host = await startHeadlessProcess(dir);
  onTestFinished(() => host.kill());
  return host;
}

async function startFake(): Promise<FakeUpstream> {
  const fake = await FakeUpstream.start();
  onTestFinished(() => fake.close());
  return fake;
}

describe('a host that is killed', () => {
  // Each seed is the number of text events after which the process dies.
  for (const seed of [1, 2, 7, 19, 40]) {
    it(`[E5-07] [BUG-A6] after ${seed} pieces of text: every character that was seen is there on restart, marked as interrupted`, async () => {
      const fake = await startFake();
      const dir = tempDir();
      const host = await open(dir);
      fake.setDefault([reasoning('Thinking first. '), endlessStream(400)]);
      await host.request('profiles.create', {
        name: 'fake',
        kind: 'openai-chat',
        baseUrl: fake.url,
        defaultModel: 'm',
      });
      const socket = await host.connect();
      let seen = '';
      let thought = '';
      let pieces = 0;
      const killed = new Promise<void>((resolve, reject) => {
        socket.on('reasoning.delta', (event: { delta: string }) => (thought += event.delta));
        socket.on('message.delta', (event: { delta: string }) => {
          seen += event.delta;
          if (++pieces === seed) host.kill().then(resolve, reject);
        });
      });
      await socket.emitWithAck('run', { session_id: 's', input: 'go on', profile: 'fake' });
      await killed;

      const again = await open(dir);
      const page = await again.request('sessions.page', { sessionId: 's' });
      if (!page.ok) throw new Error(page.error.message);
      const [user, stored] = page.data.messages;
      expect(user?.content).toBe('go on');
      expect(seen.length).toBeGreaterThan(0);
      expect(stored?.content.startsWith(seen)).toBe(true);
      expect(stored?.reasoning).toBe(thought);
      expect(stored?.finish_reason).toBe('interrupted');
      expect(page.data.runs[0]).toMatchObject({ status: 'interrupted', errorInfo: { code: 'interrupted' } });
      // Nothing goes on by itself, and the next message works.
      fake.setDefault(null);
      const next = await again.request('chat.run', { session_id: 's', input: 'and now', profile: 'fake' });
      expect(next).toMatchObject({ ok: true, data: { status: 'started' } });
      expect(await again.stop()).toBe(0);
    }, 30_000);
  }

  it('[E3-05] [BUG-A2] keeps its queue, which waits for a person after the restart', async () => {
    const fake = await startFake();
    const dir = tempDir();
    const host = await open(dir);
    fake.next([text('one'), waitForRelease('never')]);
    await host.request('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: fake.url, defaultModel: 'm' });
    for (const input of ['a', 'b', 'c']) await host.request('chat.run', { session_id: 's', input, profile: 'fake' });
    await host.kill();
    const again = await open(dir);
    const resumed = await again.request('chat.resume', { session_id: 's' });
    expect(resumed).toMatchObject({ ok: true, data: { isWorking: false, queuePaused: 'restart', queueLength: 2 } });
    const socket = await again.connect();
    const names: string[] = [];
    const ended = new Promise<void>((resolve) => {
      socket.onAny((name: string, event: LoggedEvent) => {
        names.push(name);
        if (event.event === 'run.completed' && event.queue_remaining === 0) resolve();
      });
    });
    await socket.emitWithAck('resume', { session_id: 's' });
    await socket.emitWithAck('queue_resume', { session_id: 's' });
    await ended;
    const inputs = fake.requestsTo('POST', '/v1/chat/completions').map((request) => JSON.stringify(request.body));
    expect(inputs.filter((body) => body.includes('"content":"a"}]'))).toHaveLength(1);
    expect(inputs).toHaveLength(3);
  }, 30_000);

  it('[E5-06] takes up a run that its upstream still makes, and its answer is whole', async () => {
    const fake = await startFake();
    const dir = tempDir();
    const host = await open(dir);
    fake.next([text('The first half, '), toolStart('look'), waitForRelease('go'), text('and the second.')]);
    await host.request('profiles.create', { name: 'agent', kind: 'hermes', baseUrl: fake.url });
    const socket = await host.connect();
    const halfway = new Promise<void>((resolve) => socket.once('tool.started', () => resolve()));
    await socket.emitWithAck('run', { session_id: 's', input: 'a', profile: 'agent' });
    await halfway;
    await host.kill();

    const again = await startHeadlessProcess(dir);
    onTestFinished(() => again.kill());
    const page = await again.request('sessions.page', { sessionId: 's' });
    const run = page.ok ? page.data.runs[0] : undefined;
    expect(run?.upstreamRunId).toMatch(/^run_/);
    const watching = await again.connect();
    const ended = new Promise<LoggedEvent>((resolve) => {
      watching.onAny((_name: string, event: LoggedEvent) => {
        if (event.event === 'run.completed' || event.event === 'run.failed') resolve(event);
      });
    });
    await watching.emitWithAck('resume', { session_id: 's' });
    fake.release('go');
    expect(await ended).toMatchObject({ event: 'run.completed' });
    const whole = await again.request('sessions.page', { sessionId: 's' });
    const texts = whole.ok
      ? whole.data.messages.filter((row) => row.role === 'assistant').map((row) => row.content)
      : [];
    expect(texts.join('')).toContain('The first half, ');
    expect(texts.join('')).toContain('and the second.');
    expect(texts.join('').split('The first half').length).toBe(2);
    expect(fake.requestsTo('POST', '/v1/runs')).toHaveLength(1);
  }, 30_000);
});
