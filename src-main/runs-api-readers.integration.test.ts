import { describe, expect, it } from 'vitest';
import { fail, reasoning, text, toolStart, waitForRelease } from '../e2e/fake-upstream/script.ts';
import {
  collect,
  eventually,
  human,
  type RunsApiHost,
  said,
  startRunsApiHost,
  statusOf,
} from './testing/runs-api-host.ts';

describe('leaving', () => {
  it('[E8-11] [BUG-C4] [BUG-C17] whoever leaves, the run goes on', async () => {
    const host = await startRunsApiHost();
    host.fake.next([text('Half '), waitForRelease('go'), text('whole')]);
    const left = new AbortController();
    let runId = '';
    const creator = collect(
      host.client.runs.stream('t', 'fake', {
        input: human('one'),
        streamMode: 'messages-tuple',
        signal: left.signal,
        onRunCreated: (run) => {
          runId = run.run_id;
        },
      }),
    );
    await eventually(() => expect(runId).not.toBe(''));
    const second = new AbortController();
    const viewer = collect(
      host.client.runs.joinStream('t', runId, { signal: second.signal, cancelOnDisconnect: true }),
    );
    left.abort();
    second.abort();
    await Promise.allSettled([creator, viewer]);
    host.fake.release('go');
    await host.client.runs.join('t', runId);
    expect(await statusOf(host, 't', runId)).toBe('success');
  });

  it('[E8-11] [decision 24] with “cancel” only the creating connection stops it, and only when nobody else reads', async () => {
    const host = await startRunsApiHost();
    const start = async (input: string) => {
      host.fake.next([text('Half '), waitForRelease('never')]);
      const left = new AbortController();
      let runId = '';
      const creator = collect(
        host.client.runs.stream('t', 'fake', {
          input: human(input),
          streamMode: 'messages-tuple',
          onDisconnect: 'cancel',
          signal: left.signal,
          onRunCreated: (run) => {
            runId = run.run_id;
          },
        }),
      ).catch(() => []);
      await eventually(() => expect(runId).not.toBe(''));
      return { runId, leave: () => (left.abort(), creator) };
    };
    const one = await start('one');
    const viewer = new AbortController();
    const reader = host.client.runs.joinStream('t', one.runId, { signal: viewer.signal, streamMode: 'messages-tuple' });
    expect((await reader.next()).value).toMatchObject({ event: 'metadata' });
    await one.leave();
    expect((await reader.next()).value).toMatchObject({ event: 'messages' });
    expect(await statusOf(host, 't', one.runId)).toBe('running');
    viewer.abort();
    await collect(reader).catch(() => []);
    await host.client.runs.cancel('t', one.runId, true);
    const two = await start('two');
    await two.leave();
    await eventually(async () => expect(await statusOf(host, 't', two.runId)).toBe('interrupted'));
  });

  it('[E8-04] [BUG-C18] wait never gives a part out as the whole: not after a failure, a stop or a leave', async () => {
    const host = await startRunsApiHost();
    host.fake.next([text('Half '), fail('it broke')]);
    await expect(host.client.runs.wait('t', 'fake', { input: human('one') })).rejects.toThrow('it broke');
    host.fake.next([text('Half '), waitForRelease('go')]);
    const waiting = host.raw('/api/threads/t/runs/wait', {
      method: 'POST',
      body: JSON.stringify({ assistant_id: 'fake', input: human('two') }),
    });
    const response = await waiting;
    const runId = response.headers.get('content-location')?.split('/').at(-1) ?? '';
    await host.client.runs.cancel('t', runId, true);
    const body = (await response.json()) as Record<string, unknown>;
    expect(body).toMatchObject({ status: 'interrupted' });
    expect(body).not.toHaveProperty('messages');
  });
});

describe('coming back', () => {
  it('[E8-07] [E8-08] [decision 2] [decision 3] every position of a stream is served, live, after its end and after a restart', async () => {
    const host = await startRunsApiHost();
    host.fake.next([
      reasoning('Hm '),
      text('a '),
      toolStart('look', { id: 'c', arguments: '{}' }),
      text('b '),
      waitForRelease('go'),
      text('c'),
    ]);
    const run = await host.client.runs.create('t', 'fake', { input: human('one'), streamMode: ['values'] });
    const modes = ['values', 'updates', 'messages', 'messages-tuple', 'custom'] as const;
    const read = (one: RunsApiHost, lastEventId?: string) =>
      collect(
        one.client.runs.joinStream('t', run.run_id, {
          streamMode: [...modes],
          ...(lastEventId === undefined ? {} : { lastEventId }),
        }),
      );
    const live = read(host);
    await eventually(async () => expect(said((await host.client.threads.getState('t')).values).join()).toContain('b '));
    host.fake.release('go');
    const whole = await live;
    expect(whole.length).toBeGreaterThan(10);
    expect(await read(host)).toEqual(whole);
    expect(await read(host, '-1')).toEqual(whole);
    const again = await host.restart();
    for (const [index, frame] of whole.entries()) {
      expect(await read(again, frame.id), `after ${frame.id ?? ''}`).toEqual(whole.slice(index + 1));
    }
    // Fewer modes have the same ids.
    const fewer = await collect(again.client.runs.joinStream('t', run.run_id, { streamMode: 'messages-tuple' }));
    expect(fewer).toEqual(whole.filter((frame) => ['metadata', 'messages', 'end'].includes(frame.event)));
    // Without a choice: what the run was created with.
    const own = await collect(again.client.runs.joinStream('t', run.run_id));
    expect(new Set(own.map((frame) => frame.event))).toEqual(new Set(['metadata', 'values', 'end']));
  });

  it('[BUG-C3] [BUG-C10] [E8-12] a position that is unknown, foreign or to come is a gap, and an unknown run is not found', async () => {
    const host = await startRunsApiHost();
    const one = await host.client.runs.create('t', 'fake', { input: human('one') });
    await host.client.runs.join('t', one.run_id);
    const two = await host.client.runs.create('t', 'fake', { input: human('two') });
    await host.client.runs.join('t', two.run_id);
    const [first] = await collect(host.client.runs.joinStream('t', two.run_id));
    for (const lastEventId of ['nonsense', '1-1', '99999999999999-99999999', first?.id ?? '', `${first?.id ?? ''}9`]) {
      const frames = await collect(host.client.runs.joinStream('t', one.run_id, { lastEventId }));
      expect(frames, lastEventId).toHaveLength(1);
      expect(frames[0]).toMatchObject({
        event: 'gap',
        data: {
          code: 'stream_replay_gap',
          run_id: one.run_id,
          requested_event_id: lastEventId,
          recovery: 'reload_durable_state',
        },
      });
      expect(frames[0]).not.toHaveProperty('id', expect.anything());
    }
    await expect(collect(host.client.runs.joinStream('t', 'nobody'))).rejects.toThrow('404');
    await expect(collect(host.client.runs.joinStream(null, 'nobody'))).rejects.toThrow('404');
    expect((await collect(host.client.runs.joinStream(null, two.run_id)))[0]).toEqual(first);
  });
});
