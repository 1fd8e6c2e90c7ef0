import { describe, expect, it } from 'vitest';
import { text, waitForRelease } from '../e2e/fake-upstream/script.ts';
import {
  clientOf,
  collect,
  eventually,
  heldRun,
  human,
  readFrames,
  said,
  startRunsApiHost,
  statusOf,
} from './testing/runs-api-host.ts';

describe('what a run does to one that is live', () => {
  it('[E3-09] [BUG-C7] reject is refused, also when both come at once', async () => {
    const host = await startRunsApiHost();
    await heldRun(host, 't', 'one');
    await expect(
      host.client.runs.create('t', 'fake', { input: human('two'), multitaskStrategy: 'reject' }),
    ).rejects.toThrow('409');
    await expect(host.client.runs.create('t', 'fake', { input: human('two') })).rejects.toThrow('409');
    host.fake.release('go');
    await eventually(async () => expect((await host.client.threads.get('t')).status).toBe('idle'));
    host.fake.setDefault([text('slow '), waitForRelease('both')]);
    const both = await Promise.allSettled(
      ['a', 'b'].map((input) => host.client.runs.create('t', 'fake', { input: human(input) })),
    );
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    host.fake.release('both');
  });

  it('[E3-09] [decision 4] enqueue waits its turn, with an id that can be joined from the start', async () => {
    const host = await startRunsApiHost();
    await heldRun(host, 't', 'one');
    host.fake.next([text('second')]);
    const waiting = await host.client.runs.create('t', 'fake', { input: human('two'), multitaskStrategy: 'enqueue' });
    expect(waiting.status).toBe('pending');
    const joined = collect(host.client.runs.joinStream('t', waiting.run_id, { streamMode: 'messages-tuple' }));
    host.fake.release('go');
    expect((await joined).map((frame) => frame.event)).toEqual(['metadata', 'messages', 'end']);
  });

  it('[E3-09] interrupt stops it and keeps what it wrote', async () => {
    const host = await startRunsApiHost();
    const first = await heldRun(host, 't', 'one');
    host.fake.next([text('second')]);
    const values = await host.client.runs.wait('t', 'fake', { input: human('two'), multitaskStrategy: 'interrupt' });
    expect(said(values)).toEqual(['human: one', 'ai: Half ', 'human: two', 'ai: second']);
    expect(await statusOf(host, 't', first.run_id)).toBe('interrupted');
  });

  it('[E3-09] [E8-10] [decision 12] [BUG-C5] [BUG-C8] rollback leaves the state’s bytes as before, and the spend', async () => {
    const host = await startRunsApiHost();
    await host.client.runs.wait('t', 'fake', { input: human('kept') });
    const bytes = async () => (await host.raw('/api/threads/t/state')).text();
    const before = await bytes();
    const first = await heldRun(host, 't', 'rolledbackword');
    await host.client.runs.cancel('t', first.run_id, true, 'rollback');
    expect(await bytes()).toBe(before);
    expect(await host.ask('sessions.search', { query: 'rolledbackword' })).toEqual({ hits: [] });
    expect(await host.client.runs.get('t', first.run_id)).toMatchObject({
      status: 'error',
      error: 'Rolled back by user',
    });
    // As a strategy: the new run follows on what was before.
    await heldRun(host, 't', 'another', 'more');
    host.fake.next([text('new')]);
    const values = await host.client.runs.wait('t', 'fake', { input: human('instead'), multitaskStrategy: 'rollback' });
    expect(said(values)).toEqual(['human: kept', 'ai: You said: kept', 'human: instead', 'ai: new']);
    // Whoever joins a run that was taken back hears that, and nothing of what it said.
    const frames = await collect(host.client.runs.joinStream('t', first.run_id, { streamMode: 'messages-tuple' }));
    expect(frames.map((frame) => frame.event)).toEqual(['metadata', 'error', 'end']);
    const usage = (await (await host.raw('/api/threads/t/token-usage')).json()) as { total_runs: number };
    expect(usage.total_runs).toBe(4);
  });
});

describe('cancelling', () => {
  it('[E8-06] [BUG-C18] stops a run that runs or waits; twice is once; one that ended by itself is refused', async () => {
    const host = await startRunsApiHost();
    const run = await heldRun(host, 't', 'one');
    const waiting = await host.client.runs.create('t', 'fake', { input: human('two'), multitaskStrategy: 'enqueue' });
    const joined = collect(host.client.runs.joinStream('t', waiting.run_id));
    const cancel = (runId: string, query = '') =>
      host.raw(`/api/threads/t/runs/${runId}/cancel${query}`, { method: 'POST' });
    expect((await cancel(waiting.run_id, '?wait=1')).status).toBe(204);
    expect((await joined).map((frame) => frame.event)).toEqual(['metadata', 'end']);
    expect(await statusOf(host, 't', waiting.run_id)).toBe('interrupted');
    expect((await cancel(run.run_id)).status).toBe(202);
    expect((await cancel(run.run_id, '?wait=true')).status).toBe(204);
    expect((await cancel(run.run_id)).status).toBe(202);
    expect(await statusOf(host, 't', run.run_id)).toBe('interrupted');
    expect((await cancel(run.run_id, '?action=explode')).status).toBe(422);
    const { run_id: done } = await host.client.runs.create('t', 'fake', { input: human('three') });
    await host.client.runs.join('t', done);
    const refused = await cancel(done);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('success') as string });
  });

  it('[E8-06] [BUG-C6] no GET stops anything, and every way to stop needs the right to', async () => {
    const host = await startRunsApiHost();
    const { key } = await host.ask<{ key: string }>('localApi.createClient', {
      name: 'reader',
      scopes: ['threads:read', 'runs:read', 'runs:create'],
    });
    const run = await heldRun(host, 't', 'one');
    const as = (path: string, init: RequestInit = {}) => host.raw(path, { ...init, headers: { 'x-api-key': key } });
    const path = `/api/threads/t/runs/${run.run_id}`;
    expect((await host.raw(`${path}/stream?action=interrupt`)).status).toBe(422);
    expect((await host.raw(`${path}/cancel`)).status).toBe(405);
    expect((await as(`${path}/cancel`, { method: 'POST' })).status).toBe(403);
    expect((await as(`${path}/stream?action=interrupt`, { method: 'POST' })).status).toBe(403);
    const limited = clientOf(host.url, key);
    for (const multitaskStrategy of ['interrupt', 'rollback'] as const) {
      await expect(limited.runs.create('t', 'fake', { input: human('x'), multitaskStrategy })).rejects.toThrow('403');
    }
    expect(await statusOf(host, 't', run.run_id)).toBe('running');
    const answer = await host.raw(`${path}/stream?action=interrupt&stream_mode=messages-tuple`, { method: 'POST' });
    expect(readFrames(await answer.text()).map((frame) => frame.event)).toEqual(['metadata', 'messages', 'end']);
  });
});

describe('deleting', () => {
  it('[E8-07] whoever reads or waits for a run of a thread that is deleted is told at once, also for one that never began', async () => {
    const host = await startRunsApiHost();
    const run = await heldRun(host, 't', 'one');
    const waiting = await host.client.runs.create('t', 'fake', { input: human('two'), multitaskStrategy: 'enqueue' });
    const streams = [run, waiting].map(({ run_id }) =>
      collect(host.client.runs.joinStream('t', run_id, { streamMode: 'messages-tuple' })),
    );
    const joined = host.client.runs.join('t', waiting.run_id);
    await eventually(async () => expect(await (await host.raw('/metrics')).text()).toContain('sluice_open_streams 2'));
    await host.client.threads.delete('t');
    const [ofLive, ofWaiting] = await Promise.all(streams);
    expect(ofLive?.at(-1)).toMatchObject({ event: 'end' });
    expect(ofWaiting).toMatchObject([{ event: 'gap' }]);
    expect(await joined).toMatchObject({ status: 'error', __error__: { error: 'not_found' } });
  });
});
