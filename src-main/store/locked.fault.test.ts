import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FakeUpstream } from '../../e2e/fake-upstream/fake-upstream.ts';
import { endlessStream } from '../../e2e/fake-upstream/script.ts';
import { dataPaths } from '../platform/paths.ts';
import { type HeadlessProcess, startHeadlessProcess } from '../testing/headless-process.ts';
import { tempDir } from '../testing/temp-dir.ts';

const WORDS_PER_SECOND = 100;
/** Longer than an impatient write waits, which is some 1.5 s. */
const LOCK_MS = 2500;
/** What a blocked event loop may cost a request; a few on a busy machine may take longer, none much longer. */
const SWIFT_MS = 100;
const SLOW_MS = 1000;

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

/** Another program that holds the write lock of a data directory, until it is told to let go. */
async function holdLock(dir: string): Promise<() => Promise<void>> {
  const program = `
    const Database = require('better-sqlite3');
    const db = new Database(process.argv[1], { timeout: 5000 });
    db.exec('begin immediate');
    process.stdout.write('locked');
    process.stdin.on('data', () => { db.exec('rollback'); db.close(); process.exit(0); });`;
  const child = spawn(process.execPath, ['-e', program, dataPaths(dir).database], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(said.toString()).toBe('locked');
  return async () => {
    const ended = once(child, 'exit');
    child.stdin.write('go');
    await ended;
  };
}

const wordsUpTo = (count: number) => Array.from({ length: count }, (_, index) => `word${index} `).join('');

describe('a database that another process has locked', () => {
  it('[E8-21] [decision 28] [E1-07] a live answer goes on in memory, requests are answered, and afterwards every word is stored', async () => {
    const fake = await startFake();
    const dir = tempDir();
    const host = await open(dir);
    fake.setDefault([endlessStream(WORDS_PER_SECOND)]);
    await host.request('profiles.create', { name: 'p', kind: 'openai-chat', baseUrl: fake.url, defaultModel: 'm' });
    const socket = await host.connect();
    let seen = '';
    socket.on('message.delta', (event: { delta: string }) => (seen += event.delta));
    await socket.emitWithAck('run', { session_id: 's', input: 'go on', profile: 'p' });
    await vi.waitFor(() => expect(seen).toContain('word9 '), 10_000);

    const letGo = await holdLock(dir);
    // One round trip, so that what was stored before the lock has arrived.
    await host.request('app.info', {});
    const shownBefore = seen;
    const lockedAtMs = performance.now();
    const refused = host.request('chat.run', { session_id: 'other', input: 'now', profile: 'p' });
    const tookMs: number[] = [];
    while (performance.now() - lockedAtMs < LOCK_MS) {
      const askedMs = performance.now();
      const answer = await host.request('sessions.get', { sessionId: 's' });
      expect(answer.ok).toBe(true);
      tookMs.push(performance.now() - askedMs);
    }
    expect(await refused).toMatchObject({
      ok: false,
      error: { code: 'storage_unavailable', retry: { kind: 'after' } },
    });
    // Nothing is shown that is not stored.
    expect(seen).toBe(shownBefore);
    await letGo();

    const swift = tookMs.filter((ms) => ms < SWIFT_MS).length;
    expect(swift / tookMs.length, `of ${tookMs.length} requests`).toBeGreaterThan(0.9);
    expect(Math.max(...tookMs)).toBeLessThan(SLOW_MS);
    // What the upstream said meanwhile was read and kept: it all comes at once.
    const saidMeanwhile = Math.floor((LOCK_MS / 1000) * WORDS_PER_SECOND * 0.8);
    await vi.waitFor(() => expect(seen).toContain(`word${10 + saidMeanwhile} `), 10_000);
    await host.request('chat.abort', { session_id: 's' });
    const page = await host.request('sessions.page', { sessionId: 's' });
    const stored = page.ok ? (page.data.messages[1]?.content ?? '') : '';
    expect(stored.startsWith(seen)).toBe(true);
    expect(stored).toBe(wordsUpTo(stored.split(' ').length - 1));
    expect(await host.request('sessions.get', { sessionId: 'other' })).toMatchObject({ error: { code: 'not_found' } });
    const next = await host.request('chat.run', { session_id: 'other', input: 'again', profile: 'p' });
    expect(next).toMatchObject({ ok: true, data: { status: 'started' } });
    expect(await host.stop()).toBe(0);
  }, 60_000);

  it('[E8-21] [decision 28] a host that is killed meanwhile has what it showed, and its start waits for the lock without giving up', async () => {
    const fake = await startFake();
    const dir = tempDir();
    const host = await open(dir);
    fake.setDefault([endlessStream(WORDS_PER_SECOND)]);
    await host.request('profiles.create', { name: 'p', kind: 'openai-chat', baseUrl: fake.url, defaultModel: 'm' });
    const socket = await host.connect();
    let seen = '';
    socket.on('message.delta', (event: { delta: string }) => (seen += event.delta));
    for (const input of ['first', 'second']) await socket.emitWithAck('run', { session_id: 's', input, profile: 'p' });
    await vi.waitFor(() => expect(seen).toContain('word20 '), 10_000);
    const letGo = await holdLock(dir);
    await host.kill();
    const again = await open(dir);
    const before = await again.request('chat.resume', { session_id: 's' });
    expect(before).toMatchObject({ ok: true, data: { queueLength: 1 } });
    await letGo();
    await vi.waitFor(
      async () => {
        const page = await again.request('sessions.page', { sessionId: 's' });
        expect(page.ok && page.data.messages[1]?.content.startsWith(seen)).toBe(true);
        expect(page.ok && page.data.runs[0]?.status).toBe('interrupted');
        const state = await again.request('chat.resume', { session_id: 's' });
        expect(state).toMatchObject({ ok: true, data: { isWorking: false, queuePaused: 'restart', queueLength: 1 } });
      },
      { timeout: 10_000, interval: 50 },
    );
    expect(fake.requestsTo('POST', '/v1/chat/completions')).toHaveLength(1);
  }, 60_000);
});
