import { describe, expect, it } from 'vitest';
import { finish, reasoning, text, toolEnd, toolStart, waitForRelease } from '../e2e/fake-upstream/script.ts';
import { connectChat } from './testing/chat-client.ts';
import { collect, heldRun, human, OWNER_TOKEN, readFrames, said, startRunsApiHost } from './testing/runs-api-host.ts';

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
