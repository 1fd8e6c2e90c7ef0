import { describe, expect, it, vi } from 'vitest';
import { fail, finish, reasoning, text, toolEnd, toolStart, waitForRelease } from '../e2e/fake-upstream/script.ts';
import { connectChat } from './testing/chat-client.ts';
import {
  clientOf,
  collect,
  human,
  OWNER_TOKEN,
  type RunsApiHost,
  readFrames,
  startRunsApiHost,
} from './testing/runs-api-host.ts';

type Values = { messages: { type: string; content: string; id: string }[] };
const said = (values: unknown) => (values as Values).messages.map((message) => `${message.type}: ${message.content}`);

async function statusOf(host: RunsApiHost, threadId: string, runId: string): Promise<string> {
  return (await host.client.runs.get(threadId, runId)).status;
}

/** A run that stands in the middle of its answer until `release`. */
async function heldRun(host: RunsApiHost, threadId: string, input: string, gate = 'go') {
  host.fake.next([text('Half '), waitForRelease(gate), text('whole'), finish({ usage: { input: 5, output: 2 } })]);
  const run = await host.client.runs.create(threadId, 'fake', { input: human(input) });
  await vi.waitFor(async () => {
    const state = await host.client.threads.getState(threadId);
    expect(said(state.values)).toContain('ai: Half ');
  });
  return run;
}

describe('the official client', () => {
  it('finds the server, its assistants and a profile as one of them', async () => {
    const host = await startRunsApiHost();
    expect(await (await fetch(`${host.url}/api/ok`)).json()).toEqual({ ok: true });
    expect(await (await host.raw('/api/info')).json()).toMatchObject({ name: 'Sluice' });
    const all = await host.client.assistants.search();
    expect(all.map((one) => one.assistant_id)).toEqual(['demo', 'fake']);
    expect(await host.client.assistants.get('demo')).toMatchObject({ graph_id: 'demo', version: 1 });
    await expect(host.client.assistants.get('nobody')).rejects.toThrow('404');
  });

  it('[E8-23] [E1-10] creates, changes, finds and deletes threads by metadata, status and ids', async () => {
    const { client, ask } = await startRunsApiHost();
    const one = await client.threads.create({ metadata: { project: 'a', deep: { n: 1, on: true } }, graphId: 'demo' });
    const two = await client.threads.create({ threadId: 'my-own-id', metadata: { project: 'b' } });
    expect(two.thread_id).toBe('my-own-id');
    await expect(client.threads.create({ threadId: 'my-own-id' })).rejects.toThrow('409');
    expect((await client.threads.create({ threadId: 'my-own-id', ifExists: 'do_nothing' })).metadata).toEqual({
      project: 'b',
    });
    await client.threads.update(one.thread_id, { metadata: { project: 'c', added: [1, 2] } });
    const ids = async (query: Parameters<typeof client.threads.search>[0]) =>
      (await client.threads.search(query)).map((thread) => thread.thread_id);
    expect(await ids({ metadata: { project: 'c' } })).toEqual([one.thread_id]);
    expect(await ids({ metadata: { deep: { on: true } } })).toEqual([one.thread_id]);
    expect(await ids({ metadata: { deep: { on: 1 } } })).toEqual([]);
    expect(await ids({ metadata: { added: [1, 2] } })).toEqual([one.thread_id]);
    expect(await ids({ metadata: { project: 'a' } })).toEqual([]);
    // The filter stands before the limit: a page of one still finds the one that fits.
    expect(await ids({ metadata: { project: 'c' }, limit: 1 })).toEqual([one.thread_id]);
    expect(await ids({ ids: ['my-own-id', 'nobody'] })).toEqual(['my-own-id']);
    expect(await client.threads.count({ metadata: { project: 'c' } })).toBe(1);
    // A conversation of the window is a thread, and a title that a person chose stays.
    const session = await ask<{ id: string }>('sessions.create', { title: 'By hand' });
    expect(await client.threads.get(session.id)).toMatchObject({ title: 'By hand', status: 'idle' });
    await client.runs.wait(session.id, 'fake', { input: human('something else') });
    expect(await client.threads.get(session.id)).toMatchObject({ title: 'By hand' });
    await client.threads.delete('my-own-id');
    await expect(client.threads.get('my-own-id')).rejects.toThrow('404');
    await expect(client.threads.delete('my-own-id')).rejects.toThrow('404');
  });

  it('[E8-04] [decision 25] waits for a run, and the thread’s state and history say the same', async () => {
    const { client, fake } = await startRunsApiHost();
    const { thread_id: threadId } = await client.threads.create();
    const empty = await client.threads.getState(threadId);
    expect(empty).toMatchObject({ values: { messages: [] }, next: [], tasks: [], parent_checkpoint: null });
    fake.next([
      reasoning('Hm. '),
      toolStart('look', { id: 'c1', arguments: '{"q":"x"}' }),
      toolEnd('look', { id: 'c1', output: 'found' }),
      text('Done'),
    ]);
    const first = await client.runs.wait(threadId, 'fake', { input: human('one'), metadata: { step: 1 } });
    expect(said(first)[0]).toBe('human: one');
    expect(said(first).at(-1)).toMatch(/^ai: /);
    fake.next([text('Second')]);
    const second = await client.runs.wait(threadId, 'fake', { input: human('two'), metadata: { step: 2 } });
    const state = await client.threads.getState(threadId);
    expect(state.values).toEqual(second);
    const [newest, oldest, ...rest] = await client.threads.getHistory(threadId);
    expect(rest).toEqual([]);
    expect(newest?.values).toEqual(second);
    expect(oldest?.values).toEqual(first);
    expect(newest?.parent_checkpoint?.checkpoint_id).toBe(oldest?.checkpoint.checkpoint_id);
    expect(newest?.metadata).toMatchObject({ step: 2 });
    expect(state.checkpoint).toMatchObject({ thread_id: threadId, checkpoint_ns: '' });
    const before = await client.threads.getHistory(threadId, { before: { configurable: newest?.checkpoint } as never });
    expect(before.map((one) => one.values)).toEqual([first]);
    expect((await client.threads.getHistory(threadId, { metadata: { step: 1 } })).map((one) => one.values)).toEqual([
      first,
    ]);
    expect((await client.threads.getState(threadId, oldest?.checkpoint.checkpoint_id ?? '')).values).toEqual(first);
    expect((await client.threads.getState(threadId, oldest?.checkpoint as never)).values).toEqual(first);
    await expect(client.threads.getState(threadId, 'no-such')).rejects.toThrow('404');
    const copy = (await client.threads.copy(threadId)) as unknown as { thread_id: string; values: unknown };
    expect(said(copy.values)).toEqual(said(second));
    await expect(client.threads.updateState(threadId, { values: { messages: [] } })).rejects.toThrow('422');
  });

  it('[E8-03] [E8-08] [E8-09] streams a run in every mode: metadata first, one end last, ids that grow', async () => {
    const { client, fake, raw } = await startRunsApiHost();
    const answer = 'Line one\nLine two\u2028three 🦊';
    fake.next([
      reasoning('Think. '),
      text('Line one\nLine '),
      text('two\u2028three 🦊'),
      finish({ usage: { input: 3, output: 4 } }),
    ]);
    let created: { run_id: string; thread_id?: string } | undefined;
    const frames = await collect(
      client.runs.stream('t-1', 'fake', {
        input: human('go'),
        streamMode: ['values', 'updates', 'messages', 'messages-tuple', 'custom'],
        onRunCreated: (run) => {
          created = run;
        },
      }),
    );
    expect(created).toMatchObject({ thread_id: 't-1' });
    expect(frames[0]).toMatchObject({ event: 'metadata', data: { run_id: created?.run_id, thread_id: 't-1' } });
    expect(frames.filter((frame) => (frame.event as string) === 'end')).toHaveLength(1);
    expect(frames.at(-1)).toMatchObject({ event: 'end', data: null });
    const places = (frames as { id?: string }[]).map((frame) => Number(/^\d+-(\d+)$/.exec(frame.id ?? '')?.[1]));
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
    const tuples = frames
      .filter((frame) => frame.event === 'messages')
      .map((frame) => frame.data as unknown as [{ content: string }]);
    expect(tuples.map(([chunk]) => chunk.content).join('')).toBe(answer);
    const values = frames.filter((frame) => frame.event === 'values').map((frame) => said(frame.data));
    expect(values[0]).toEqual(['human: go']);
    expect(values.at(-1)).toEqual(['human: go', `ai: ${answer}`]);
    const events = new Set(frames.map((frame) => frame.event as string));
    for (const name of ['updates', 'messages/metadata', 'messages/partial', 'messages/complete', 'custom']) {
      expect(events, name).toContain(name);
    }
    // Headers and bytes, as a client that is not ours reads them.
    fake.next([text('x')]);
    const response = await raw('/api/threads/t-1/runs/stream', {
      method: 'POST',
      body: JSON.stringify({ assistant_id: 'fake', input: human('again'), stream_mode: 'messages-tuple' }),
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    const listed = readFrames(await response.text());
    const { run_id: runId } = JSON.parse(listed[0]?.data ?? '{}') as { run_id: string };
    expect(response.headers.get('content-location')).toBe(`/api/threads/t-1/runs/${runId}`);
    expect(listed.map((frame) => frame.event)).toEqual(['metadata', 'messages', 'end']);
  });

  it('[E8-09] takes one mode or several, each once, and none is values; an unknown one is refused', async () => {
    const { client, fake } = await startRunsApiHost();
    const events = async (streamMode: unknown) => {
      fake.next([text('x')]);
      const frames = await collect(
        client.runs.stream(null, 'fake', { input: human('q'), streamMode: streamMode as never }),
      );
      return [...new Set(frames.map((frame) => frame.event as string))];
    };
    expect(await events(undefined)).toEqual(['metadata', 'values', 'end']);
    expect(await events([])).toEqual(['metadata', 'values', 'end']);
    expect(await events('updates')).toEqual(['metadata', 'updates', 'end']);
    expect(await events(['updates', 'updates'])).toEqual(['metadata', 'updates', 'end']);
    await expect(events(['debug'])).rejects.toThrow('422');
  });

  it('[E8-02] [E8-05] [BUG-C15] creates runs in the background and lists them newest first, in pages', async () => {
    const { client, raw } = await startRunsApiHost();
    const ids: string[] = [];
    for (const input of ['1', '2', '3', '4', '5']) {
      const run = await client.runs.create('t', 'fake', {
        input: human(input),
        multitaskStrategy: 'enqueue',
        metadata: { input },
      });
      ids.unshift(run.run_id);
    }
    await client.runs.join('t', ids[0] ?? '');
    expect((await client.runs.list('t')).map((run) => run.run_id)).toEqual(ids);
    expect((await client.runs.list('t', { limit: 2, offset: 1 })).map((run) => run.run_id)).toEqual(ids.slice(1, 3));
    const first = await raw('/api/threads/t/runs?limit=2');
    const cursor = first.headers.get('x-pagination-next') ?? '';
    const next = await raw(`/api/threads/t/runs?limit=2&cursor=${encodeURIComponent(cursor)}`);
    expect(((await next.json()) as { run_id: string }[]).map((run) => run.run_id)).toEqual(ids.slice(2, 4));
    expect((await raw('/api/threads/t/runs?cursor=nonsense')).status).toBe(400);
    expect((await raw('/api/threads/t/runs?limit=101')).status).toBe(422);
    expect(await client.runs.list('t', { status: 'pending' })).toEqual([]);
    const run = await client.runs.get('t', ids[4] ?? '');
    expect(run).toMatchObject({
      status: 'success',
      metadata: { input: '1' },
      multitask_strategy: 'enqueue',
      assistant_id: 'fake',
    });
    // A run of another thread is not there.
    await client.threads.create({ threadId: 'other' });
    await expect(client.runs.get('other', ids[0] ?? '')).rejects.toThrow('404');
    await expect(client.runs.cancel('other', ids[0] ?? '')).rejects.toThrow('404');
    await expect(client.runs.list('nobody')).rejects.toThrow('404');
  });

  it('[E8-01] [E8-24] keeps what was asked with the run, also while it waits and over a restart', async () => {
    const host = await startRunsApiHost();
    await heldRun(host, 't', 'first');
    const asked = {
      input: human('s'.repeat(1999) + '🦊🦊'),
      multitaskStrategy: 'enqueue' as const,
      metadata: { ticket: 7 },
      config: { configurable: { model: 'm2' }, tags: ['x'] },
      streamMode: ['updates' as const],
    };
    const waiting = await host.client.runs.create('t', 'fake', asked);
    expect(waiting).toMatchObject({ status: 'pending', metadata: { ticket: 7 }, kwargs: { config: asked.config } });
    const again = await host.restart();
    expect(await again.client.runs.get('t', waiting.run_id)).toMatchObject({
      status: 'pending',
      metadata: { ticket: 7 },
    });
    await again.ask('chat.queue_resume', { session_id: 't' });
    await again.client.runs.join('t', waiting.run_id);
    const done = (await again.client.runs.get('t', waiting.run_id)) as unknown as Record<string, unknown>;
    expect(done).toMatchObject({ status: 'success', metadata: { ticket: 7 }, model_name: 'm2', message_count: 2 });
    expect(done['first_human_message']).toBe('s'.repeat(1999));
    expect(String(done['last_ai_message']).isWellFormed()).toBe(true);
    expect(again.fake.requests.at(-1)?.body).toMatchObject({ model: 'm2' });
  });
});

describe('a thread is a conversation', () => {
  it('a run of a program appears on the chat-run socket, and a message of the window in the API', async () => {
    const host = await startRunsApiHost();
    const chat = await connectChat(host.url, { token: OWNER_TOKEN });
    await host.client.threads.create({ threadId: 't' });
    await chat.ask('resume', { session_id: 't' });
    const run = await host.client.runs.create('t', 'fake', { input: human('from a program') });
    const [completed] = await chat.seen('run.completed');
    expect(completed).toMatchObject({ session_id: 't', run_id: run.run_id });
    host.fake.next([text('Held '), waitForRelease('go'), text('end')]);
    const ack = await chat.ask('run', { session_id: 't', input: 'from the window', profile: 'fake' });
    const runId = ack.ok ? String(ack.data['run_id']) : '';
    const joined = collect(host.client.runs.joinStream('t', runId, { streamMode: 'values' }));
    host.fake.release('go');
    expect(said((await joined).findLast((frame) => frame.event === 'values')?.data)).toEqual([
      'human: from a program',
      'ai: You said: from a program',
      'human: from the window',
      'ai: Held end',
    ]);
    chat.socket.disconnect();
  });
});

describe('what a run does to one that is live', () => {
  it('[E3-09] [BUG-C7] reject is refused, also when both come at once', async () => {
    const host = await startRunsApiHost();
    await heldRun(host, 't', 'one');
    await expect(
      host.client.runs.create('t', 'fake', { input: human('two'), multitaskStrategy: 'reject' }),
    ).rejects.toThrow('409');
    await expect(host.client.runs.create('t', 'fake', { input: human('two') })).rejects.toThrow('409');
    host.fake.release('go');
    await vi.waitFor(async () => expect((await host.client.threads.get('t')).status).toBe('idle'));
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
    await vi.waitFor(async () => expect(await (await host.raw('/metrics')).text()).toContain('sluice_open_streams 2'));
    await host.client.threads.delete('t');
    const [ofLive, ofWaiting] = await Promise.all(streams);
    expect(ofLive?.at(-1)).toMatchObject({ event: 'end' });
    expect(ofWaiting).toMatchObject([{ event: 'gap' }]);
    expect(await joined).toMatchObject({ status: 'error', __error__: { error: 'not_found' } });
  });
});

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
    await vi.waitFor(() => expect(runId).not.toBe(''));
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
      await vi.waitFor(() => expect(runId).not.toBe(''));
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
    await vi.waitFor(async () => expect(await statusOf(host, 't', two.runId)).toBe('interrupted'));
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
    await vi.waitFor(async () => expect(said((await host.client.threads.getState('t')).values).join()).toContain('b '));
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

describe('options', () => {
  const FORBIDDEN: [string, unknown][] = [
    ['command', { resume: 1 }],
    ['webhook', 'http://127.0.0.1:1/'],
    ['after_seconds', 5],
    ['interrupt_before', '*'],
    ['interrupt_after', ['agent']],
    ['feedback_keys', ['k']],
    ['langsmith_tracer', {}],
    ['made_up', 1],
  ];

  it.each(FORBIDDEN)(
    '[E8-13] [BUG-C11] [decision 24] “%s” is refused by its name, and no run begins',
    async (option, value) => {
      const host = await startRunsApiHost();
      for (const path of [
        '/api/threads/t/runs',
        '/api/threads/t/runs/stream',
        '/api/threads/t/runs/wait',
        '/api/runs',
      ]) {
        const response = await host.raw(path, {
          method: 'POST',
          body: JSON.stringify({ assistant_id: 'fake', input: human('x'), [option]: value }),
        });
        expect(response.status, path).toBe(422);
        expect(await response.json()).toMatchObject({ error: 'unsupported_run_option', option });
      }
      expect(host.fake.requests.filter((request) => request.method === 'POST')).toEqual([]);
    },
  );

  it('[E8-13] [decision 24] what is honoured works: if_not_exists, on_completion, an older checkpoint, idempotency', async () => {
    const host = await startRunsApiHost();
    const { client } = host;
    await expect(client.runs.create('new', 'fake', { input: human('x'), ifNotExists: 'reject' })).rejects.toThrow(
      '404',
    );
    await client.runs.wait('t', 'fake', { input: human('one'), streamResumable: true, durability: 'sync' } as never);
    await client.runs.wait('t', 'fake', { input: human('two') });
    const [, older] = await client.threads.getHistory('t');
    host.fake.next([text('other')]);
    const forked = await client.runs.wait('t', 'fake', {
      input: human('instead'),
      checkpointId: older?.checkpoint.checkpoint_id as string,
    });
    expect(said(forked)).toEqual(['human: one', 'ai: You said: one', 'human: instead', 'ai: other']);
    host.fake.next([text('once more')]);
    const regenerated = await client.runs.wait('t', 'fake', { input: null, checkpoint: older?.checkpoint as never });
    expect(said(regenerated)).toEqual(['human: one', 'ai: You said: one', 'human: instead', 'ai: once more']);
    await expect(client.runs.wait('t', 'fake', { input: null })).rejects.toThrow('422');
    await expect(client.runs.wait('t', 'fake', { input: human('x'), checkpointId: 'no-such' })).rejects.toThrow('404');
    // Without a thread of its own, and leaving nothing behind.
    const before = (await client.threads.search()).length;
    const frames = await collect(
      client.runs.stream(null, 'fake', { input: human('gone'), onCompletion: 'delete' } as never),
    );
    expect(frames.at(-1)).toMatchObject({ event: 'end' });
    await vi.waitFor(async () => expect(await client.threads.search()).toHaveLength(before));
    // A conversation that was there before is nobody's to delete by the way.
    const named = {
      input: human('x'),
      config: { configurable: { thread_id: 't' } },
      on_completion: 'delete',
      assistant_id: 'fake',
    };
    expect((await host.raw('/api/runs/wait', { method: 'POST', body: JSON.stringify(named) })).status).toBe(422);
    await client.runs.wait(null, 'fake', { input: human('stays') });
    expect(await client.threads.search()).toHaveLength(before + 1);
    const send = () =>
      host.raw('/api/threads/t/runs', {
        method: 'POST',
        headers: { 'idempotency-key': 'k1' },
        body: JSON.stringify({ assistant_id: 'fake', input: human('once') }),
      });
    const [a, b] = [await (await send()).json(), await (await send()).json()] as [
      { run_id: string },
      { run_id: string },
    ];
    expect(b.run_id).toBe(a.run_id);
  });

  it('messages that cannot be taken are named, and those that the thread has are skipped', async () => {
    const host = await startRunsApiHost();
    const send = async (messages: unknown) => {
      const response = await host.raw('/api/threads/t/runs/wait', {
        method: 'POST',
        body: JSON.stringify({ assistant_id: 'fake', input: { messages } }),
      });
      return { status: response.status, body: (await response.json()) as Values & { detail?: string; field?: string } };
    };
    expect(await send([{ content: 'no type' }])).toMatchObject({ status: 400, body: { field: 'input.messages[0]' } });
    expect(
      await send([
        { type: 'human', content: 'a' },
        { type: 'human', content: 'b' },
      ]),
    ).toMatchObject({ status: 400, body: { field: 'input.messages[1]' } });
    expect(await send([{ type: 'ai', content: 'a' }])).toMatchObject({ status: 400 });
    expect(await send([{ type: 'human', content: '  ' }])).toMatchObject({ status: 400 });
    expect(
      await send([{ type: 'human', content: [{ type: 'image_url', image_url: { url: 'data:' } }] }]),
    ).toMatchObject({ status: 422 });
    const first = await send([{ role: 'user', content: [{ type: 'text', text: 'one' }] }]);
    expect(said(first.body)).toEqual(['human: one', 'ai: You said: one']);
    const second = await send([...first.body.messages, { type: 'human', content: 'two' }]);
    expect(said(second.body).slice(2)).toEqual(['human: two', 'ai: You said: two']);
    await expect(host.client.runs.create('t', 'nobody', { input: human('x') })).rejects.toThrow('404');
  });
});

describe('pages and figures', () => {
  it('[E8-16] [E8-17] [BUG-C1] [BUG-C2] messages come in pages of both directions, the newest never falls off, votes on the last answers', async () => {
    const host = await startRunsApiHost();
    const runs: string[] = [];
    for (const input of ['1', '2', '3']) {
      const run = await host.client.runs.create('t', 'fake', { input: human(input) });
      await host.client.runs.join('t', run.run_id);
      runs.push(run.run_id);
    }
    type Page = {
      data: { content: string; seq: number; feedback: { rating: number } | null }[];
      has_more: boolean;
      next_before_seq: number | null;
    };
    const page = async (query: string) => (await (await host.raw(`/api/threads/t/messages?${query}`)).json()) as Page;
    const vote = await host.raw(`/api/threads/t/runs/${runs[1] ?? ''}/feedback`, {
      method: 'PUT',
      body: JSON.stringify({ rating: -1 }),
    });
    expect(vote.status).toBe(200);
    const all = await page('');
    expect(all).toMatchObject({ has_more: false });
    expect(all.data.map((row) => row.content)).toEqual(['1', 'You said: 1', '2', 'You said: 2', '3', 'You said: 3']);
    expect(all.data.map((row) => row.feedback?.rating ?? null)).toEqual([null, null, null, -1, null, null]);
    const newest = await page('limit=2');
    expect(newest.data.map((row) => row.content)).toEqual(['3', 'You said: 3']);
    expect(newest.has_more).toBe(true);
    const earlier = await page(`limit=3&before_seq=${newest.next_before_seq ?? 0}`);
    expect(earlier.data.map((row) => row.content)).toEqual(['You said: 1', '2', 'You said: 2']);
    const last = await page(`limit=3&before_seq=${earlier.next_before_seq ?? 0}`);
    expect(last).toMatchObject({ has_more: false, data: [{ content: '1' }] });
    const after = await page(`limit=2&after_seq=${last.data[0]?.seq ?? 0}`);
    expect(after.data.map((row) => row.content)).toEqual(['You said: 1', '2']);
    expect(after.has_more).toBe(true);
    expect(await page(`limit=6`)).toMatchObject({ has_more: false });
    for (const query of ['before_seq=1&after_seq=1', 'before_seq=x', 'limit=0', 'limit=201', 'seq=1']) {
      expect([400, 422], query).toContain((await host.raw(`/api/threads/t/messages?${query}`)).status);
    }
    const own = (await (await host.raw(`/api/threads/t/runs/${runs[0] ?? ''}/messages?limit=1`)).json()) as Page;
    expect(own).toMatchObject({ has_more: true, data: [{ content: 'You said: 1' }] });
  });

  it('[E8-15] [BUG-C15] a run’s events come in pages, by name, and as lines', async () => {
    const host = await startRunsApiHost();
    const run = await host.client.runs.create('t', 'fake', { input: human('one') });
    await host.client.runs.join('t', run.run_id);
    const path = `/api/threads/t/runs/${run.run_id}/events`;
    type Page = { data: { seq: number; event: string }[]; has_more: boolean };
    const page = async (query: string) => (await (await host.raw(`${path}?${query}`)).json()) as Page;
    const all = await page('');
    expect(all.data[0]?.event).toBe('run.peer_user_message');
    expect(all.data.at(-1)?.event).toBe('run.completed');
    const collected: number[] = [];
    for (let after = 0; ; ) {
      const part = await page(`limit=2&after_seq=${after}`);
      collected.push(...part.data.map((event) => event.seq));
      if (!part.has_more) break;
      after = part.data.at(-1)?.seq ?? 0;
    }
    expect(collected).toEqual(all.data.map((event) => event.seq));
    expect((await page('event_types=run.started,run.completed')).data.map((event) => event.event)).toEqual([
      'run.started',
      'run.completed',
    ]);
    expect((await host.raw(`${path}?event_types=llm.ai.response`)).status).toBe(422);
    const lines = (await (await host.raw(`${path}.jsonl`)).text()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(all.data);
    // A live one is followed to its end.
    host.fake.next([text('Half '), waitForRelease('go'), text('whole')]);
    const live = await host.client.runs.create('t', 'fake', { input: human('two') });
    const following = host.raw(`/api/threads/t/runs/${live.run_id}/events.jsonl`).then((response) => response.text());
    host.fake.release('go');
    expect((await following).trim().split('\n').at(-1)).toContain('run.completed');
  });

  it('[E8-22] [BUG-C12] tokens are added up by model and caller, of stopped and failed runs as well', async () => {
    const host = await startRunsApiHost();
    host.fake.next([text('a'), finish({ usage: { input: 10, output: 1 } })]);
    await host.client.runs.wait('t', 'fake', { input: human('1') });
    host.fake.next([text('b'), finish({ usage: { input: 20, output: 2 } })]);
    const { run_id: runId } = await host.client.runs.create('t', 'fake', {
      input: human('2'),
      config: { configurable: { model: 'm2' } },
    });
    await host.client.runs.join('t', runId);
    await heldRun(host, 't', '3');
    await host.client.runs.cancel('t', (await host.client.runs.list('t'))[0]?.run_id ?? '', true);
    const usage = (await (await host.raw('/api/threads/t/token-usage')).json()) as Record<string, unknown>;
    expect(usage).toMatchObject({
      thread_id: 't',
      total_tokens: 33,
      total_input_tokens: 30,
      total_output_tokens: 3,
      total_runs: 3,
      by_model: { m: { tokens: 11, runs: 2 }, m2: { tokens: 22, runs: 1 } },
      by_caller: { lead_agent: 33, subagent: 0, middleware: 0 },
    });
    const live = await host.client.runs.create('t', 'demo', { input: human('4') });
    await host.client.runs.join('t', live.run_id);
    expect(await (await host.raw('/api/threads/t/token-usage?include_active=true')).json()).toMatchObject({
      total_runs: 4,
    });
  });

  it('[E8-18] [BUG-C8] a vote is changed in place: one for each run, with its id, its first moment and its history', async () => {
    const host = await startRunsApiHost();
    const run = await host.client.runs.create('t', 'fake', { input: human('one') });
    await host.client.runs.join('t', run.run_id);
    const path = `/api/threads/t/runs/${run.run_id}/feedback`;
    const send = async (method: string, body?: unknown, suffix = '') => {
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
      const response = await host.raw(`${path}${suffix}`, init);
      const content = await response.text();
      return {
        status: response.status,
        body: (content === '' ? null : JSON.parse(content)) as Record<string, unknown>,
      };
    };
    for (const rating of [0, 2, true, '1', null])
      expect((await send('PUT', { rating })).status, String(rating)).toBe(422);
    const first = await send('PUT', { rating: 1, comment: 'good' });
    const second = await send('PUT', { rating: -1 });
    expect(second.body).toMatchObject({
      rating: -1,
      feedback_id: first.body['feedback_id'],
      created_at: first.body['created_at'],
      user_id: 'local',
    });
    expect((await send('POST', { rating: 1 })).status).toBe(409);
    expect((await send('GET')).body).toHaveLength(1);
    expect((await send('GET', undefined, '/stats')).body).toEqual({
      run_id: run.run_id,
      total: 1,
      positive: 0,
      negative: 1,
    });
    const history = await send('GET', undefined, `/${String(first.body['feedback_id'])}/history`);
    expect(history.body).toMatchObject([
      { rating: 1, comment: 'good' },
      { rating: -1, comment: null },
    ]);
    expect((await host.raw(`/api/threads/other/runs/${run.run_id}/feedback`)).status).toBe(404);
    expect((await send('PUT', { rating: 1, message_id: 'foreign' })).status).toBe(404);
    expect((await send('DELETE', undefined, '/foreign')).status).toBe(404);
    expect((await send('DELETE')).status).toBe(204);
    expect((await send('DELETE')).status).toBe(404);
    expect((await send('POST', { rating: 1 })).status).toBe(201);
  });

  it('[E8-14] the description is made from the routes, and every operation has a name of its own', async () => {
    const host = await startRunsApiHost();
    const document = (await (await fetch(`${host.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string; parameters?: { name: string; in: string }[] }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => ({ path, method, ...one })),
    );
    expect(operations.length).toBeGreaterThan(35);
    const ids = operations.map((one) => one.operationId);
    expect([...new Set(ids)]).toEqual(ids);
    for (const one of operations) {
      const inPath =
        one.parameters?.filter((parameter) => parameter.in === 'path').map((parameter) => `{${parameter.name}}`) ?? [];
      expect(inPath, one.path).toEqual(one.path.match(/\{\w+\}/g) ?? []);
      // What is described is there: nobody answers 404 for the address itself or 405 for the method.
      const response = await host.raw(one.path.replaceAll(/\{\w+\}/g, 'x'), { method: one.method.toUpperCase() });
      expect(response.status, `${one.method} ${one.path}`).not.toBe(405);
      await response.body?.cancel();
    }
  });
});
