import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { isTerminalEvent } from '#contract/events';
import { FakeUpstream } from '../../e2e/fake-upstream/fake-upstream.ts';
import { endlessStream } from '../../e2e/fake-upstream/script.ts';
import { ManualClock } from '../platform/clock.ts';
import { startHeadlessProcess } from '../testing/headless-process.ts';
import { manualUpstream } from '../testing/manual-upstream.ts';
import { countingIds, openRunsHarness } from '../testing/runs-harness.ts';
import { tempDir } from '../testing/temp-dir.ts';

const TURNS_AT_MOST = 2000;

describe('a full disk', () => {
  it('[E8-27] a whole run: what was shown stays, what comes is kept, a new message is refused, and with room it goes on', async () => {
    const clock = new ManualClock();
    const upstream = manualUpstream('close-socket');
    const harness = await openRunsHarness({ dir: tempDir(), upstream: upstream.port, clock, nextId: countingIds() });
    onTestFinished(() => harness.store.close());
    const { store, runs, events } = harness;
    const states: string[] = [];
    store.committer.onStorageChange((state) => states.push(state.state));
    const turnsUntil = async (what: string, isTrue: () => boolean): Promise<void> => {
      for (let turn = 0; turn < TURNS_AT_MOST; turn++) {
        if (isTrue()) return;
        clock.advance(10);
        await new Promise((resolve) => setImmediate(resolve));
      }
      throw new Error(`Not within ${TURNS_AT_MOST} turns: ${what}`);
    };
    const shown = () => events.map((event) => (event.event === 'message.delta' ? event.delta : '')).join('');

    const ack = await runs.submit({ sessionId: 's', input: 'write much' }, null);
    await turnsUntil('the call', () => upstream.calls.length === 1);
    const [call] = upstream.calls;
    call?.push({ type: 'text', text: 'before ' });
    await turnsUntil('the first text', () => shown() === 'before ');
    await runs.submit({ sessionId: 's', input: 'waits' }, null);

    store.db.pragma(`max_page_count = ${String(store.db.pragma('page_count', { simple: true }))}`);
    const long = 'much text '.repeat(40_000);
    call?.push({ type: 'text', text: long });
    await turnsUntil('read-only', () => store.committer.storage.state === 'read-only');
    call?.push({ type: 'reasoning', text: 'still here ' }, { type: 'text', text: 'and more.' });
    for (let turn = 0; turn < 50; turn++) {
      clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(shown()).toBe('before ');
    expect(store.committer.storage.message).toContain('Free some space');
    let refusal: unknown = null;
    runs.submit({ sessionId: 'other', input: 'x'.repeat(300_000) }, null).catch((thrown: unknown) => {
      refusal = thrown;
    });
    await turnsUntil('the refusal', () => refusal !== null);
    expect(refusal).toMatchObject({ code: 'storage_full' });
    // Reading works, and says what was shown.
    expect(runs.snapshot('s').messages.at(-1)?.content).toBe('before ');
    call?.push({ type: 'completed', output: null, finishReason: 'stop', usage: null });

    store.db.pragma('max_page_count = 1000000');
    const ends = () => events.filter((event) => isTerminalEvent(event.event) && event.run_id === ack.run_id);
    await turnsUntil('the end', () => ends().length > 0);
    expect(ends()).toMatchObject([{ event: 'run.completed' }]);
    expect(shown()).toBe(`before ${long}and more.`);
    const rows = store.messages.all('s').filter((row) => row.run_id === ack.run_id && row.role === 'assistant');
    expect(rows.map((row) => row.content).join('')).toBe(`before ${long}and more.`);
    expect(rows.map((row) => row.reasoning ?? '').join('')).toBe('still here ');
    expect(events.filter((event) => event.session_id === 's').map((event) => event.seq)).toEqual(
      events.filter((event) => event.session_id === 's').map((_, index) => index + 1),
    );
    await turnsUntil('the next message', () => upstream.calls.length === 2);
    expect(upstream.calls[1]?.input).toBe('waits');
    expect(store.sessions.get('other')).toBeNull();
    expect(states).toEqual(['read-only', 'writable']);
  });

  it('[E8-27] a real one: the host says so, answers, survives a kill, and goes on by itself', async ({ skip }) => {
    const dir = tempDir();
    // Only a superuser may mount; everywhere else the run above is what holds.
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', dir], { encoding: 'utf8' });
    if (mounted.status !== 0)
      skip(`No small disk can be made here: ${mounted.stderr?.trim() || 'mount did not start'}`);
    onTestFinished(() => {
      spawnSync('umount', ['-l', dir]);
    });
    const fake = await FakeUpstream.start();
    onTestFinished(() => fake.close());
    const open = async () => {
      const host = await startHeadlessProcess(dir);
      onTestFinished(() => host.kill());
      return host;
    };
    const ballast = join(dir, 'ballast');
    const fill = () => {
      const file = openSync(ballast, 'a');
      try {
        for (const size of [65_536, 4096, 512]) writeUntilFull(file, Buffer.alloc(size));
      } finally {
        closeSync(file);
      }
    };

    const host = await open();
    fake.setDefault([endlessStream(100)]);
    await host.request('profiles.create', { name: 'p', kind: 'openai-chat', baseUrl: fake.url, defaultModel: 'm' });
    const socket = await host.connect();
    let seen = '';
    const told: string[] = [];
    socket.on('message.delta', (event: { delta: string }) => (seen += event.delta));
    socket.on('storage.changed', (event: { state: string }) => told.push(event.state));
    await socket.emitWithAck('run', { session_id: 's', input: 'go on', profile: 'p' });
    await vi.waitFor(() => expect(seen).toContain('word9 '), 10_000);
    fill();
    await vi.waitFor(() => expect(told).toEqual(['read-only']), 20_000);
    const before = seen;
    const page = await host.request('sessions.page', { sessionId: 's' });
    expect(page.ok).toBe(true);
    const refused = await host.request('chat.run', { session_id: 'other', input: 'x'.repeat(100_000), profile: 'p' });
    expect(refused).toMatchObject({ ok: false, error: { code: 'storage_full' } });
    expect(seen).toBe(before);
    rmSync(ballast);
    await vi.waitFor(() => expect(told).toEqual(['read-only', 'writable']), 10_000);
    await vi.waitFor(() => expect(seen.length).toBeGreaterThan(before.length + 20), 10_000);
    expect(seen.startsWith(before)).toBe(true);

    fill();
    await vi.waitFor(() => expect(told).toHaveLength(3), 20_000);
    await host.kill();
    const again = await open();
    const kept = await again.request('sessions.page', { sessionId: 's' });
    expect(kept.ok && kept.data.messages[0]?.content).toBe('go on');
    rmSync(ballast);
    await vi.waitFor(
      async () => {
        const rows = await again.request('sessions.page', { sessionId: 's' });
        expect(rows.ok && rows.data.messages[1]?.content.startsWith(seen)).toBe(true);
        expect(rows.ok && rows.data.runs[0]?.status).toBe('interrupted');
      },
      { timeout: 10_000, interval: 50 },
    );
    expect(fake.requestsTo('POST', '/v1/chat/completions')).toHaveLength(1);
  }, 90_000);
});

function writeUntilFull(file: number, part: Buffer): void {
  for (let parts = 0; parts < 100_000; parts++) {
    try {
      writeSync(file, part);
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC') return;
      throw thrown;
    }
  }
}
