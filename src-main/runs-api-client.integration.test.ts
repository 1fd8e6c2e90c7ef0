import { describe, expect, it } from 'vitest';
import { text, waitForRelease } from '../e2e/fake-upstream/script.ts';
import { clientOf, eventually, heldRun, human, said, startRunsApiHost, statusOf } from './testing/runs-api-host.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('every method of the official client', () => {
  it('[E8-02] a batch begins each of its runs, or none where one cannot be taken', async () => {
    const host = await startRunsApiHost();
    const { client } = host;
    const runs = await client.runs.createBatch([
      { assistantId: 'fake', input: human('one'), metadata: { at: 1 } },
      { assistantId: 'demo', input: human('two'), streamMode: 'updates', multitaskStrategy: 'enqueue' },
    ]);
    expect(runs.map((run) => run.assistant_id)).toEqual(['fake', 'demo']);
    expect(runs[0]).toMatchObject({ metadata: { at: 1 } });
    for (const run of runs) await client.runs.join(run.thread_id, run.run_id);
    expect(await statusOf(host, runs[1]?.thread_id ?? '', runs[1]?.run_id ?? '')).toBe('success');
    const threads = await client.threads.count();
    await expect(
      client.runs.createBatch([
        { assistantId: 'fake', input: human('one') },
        { assistantId: 'fake', input: human('two'), webhook: 'http://127.0.0.1:1/' },
      ]),
    ).rejects.toThrow('422');
    const invented = [
      { assistant_id: 'fake', input: human('one') },
      { assistant_id: 'fake', made_up: 1 },
    ];
    const refused = await host.raw('/api/runs/batch', { method: 'POST', body: JSON.stringify(invented) });
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ error: 'unsupported_run_option', field: '1.made_up' });
    // What cannot be seen before the first has begun takes the others with it.
    await expect(
      client.runs.createBatch([
        { assistantId: 'fake', input: human('one') },
        { assistantId: 'nobody', input: human('two') },
      ]),
    ).rejects.toThrow('404');
    for (const status of ['pending', 'running'] as const) {
      const live = await client.threads.search({ status: 'busy' });
      expect(live, status).toEqual([]);
    }
    expect(await client.threads.count()).toBeGreaterThanOrEqual(threads);
    expect((await host.raw('/api/runs/batch', { method: 'POST', body: '[]' })).status).toBe(422);
  });

  it('[E8-06] cancelMany stops what is named or what has not ended, and finds everything before it stops anything', async () => {
    const host = await startRunsApiHost();
    const { client } = host;
    const done = await client.runs.create('t', 'fake', { input: human('done') });
    await client.runs.join('t', done.run_id);
    const one = await heldRun(host, 't', 'one', 'never');
    const waiting = await client.runs.create('t', 'fake', { input: human('two'), multitaskStrategy: 'enqueue' });
    const other = await heldRun(host, 'other', 'three', 'never');
    await expect(client.runs.cancelMany({ threadId: 't', runIds: [one.run_id, other.run_id] })).rejects.toThrow('404');
    expect(await statusOf(host, 't', one.run_id)).toBe('running');
    await client.runs.cancelMany({ status: 'pending' });
    expect(await statusOf(host, 't', waiting.run_id)).toBe('interrupted');
    expect(await statusOf(host, 't', one.run_id)).toBe('running');
    // One that has ended is no reason to leave the others.
    await client.runs.cancelMany({ threadId: 't', runIds: [done.run_id, one.run_id] });
    expect(await statusOf(host, 't', one.run_id)).toBe('interrupted');
    expect(await statusOf(host, 't', done.run_id)).toBe('success');
    await client.runs.cancelMany({ status: 'all', action: 'rollback' });
    expect(await client.runs.get('other', other.run_id)).toMatchObject({
      status: 'error',
      error: 'Rolled back by user',
    });
    await client.runs.cancelMany({ status: 'all' });
    await expect(client.runs.cancelMany({})).rejects.toThrow('422');
  });

  it('[E8-20] a run that has ended can be forgotten: its record and votes go, its messages and its spend stay', async () => {
    const host = await startRunsApiHost();
    const { client } = host;
    const run = await client.runs.create('t', 'fake', { input: human('one') });
    await client.runs.join('t', run.run_id);
    const path = `/api/threads/t/runs/${run.run_id}`;
    await host.raw(`${path}/feedback`, { method: 'PUT', body: JSON.stringify({ rating: 1 }) });
    const usage = async () =>
      (await host.raw('/api/threads/t/token-usage')).json() as Promise<{ total_tokens: number }>;
    const spent = await usage();
    const before = said((await client.threads.getState('t')).values);
    await client.runs.delete('t', run.run_id);
    await expect(client.runs.get('t', run.run_id)).rejects.toThrow('404');
    await expect(client.runs.delete('t', run.run_id)).rejects.toThrow('404');
    expect(await client.runs.list('t')).toEqual([]);
    expect(said((await client.threads.getState('t')).values)).toEqual(before);
    expect(await usage()).toMatchObject({ total_tokens: spent.total_tokens });
    const messages = (await (await host.raw('/api/threads/t/messages')).json()) as { data: { feedback: unknown }[] };
    expect(messages.data.map((row) => row.feedback)).toEqual([null, null]);
    // The conversation goes on, in the window as well.
    expect(said(await client.runs.wait('t', 'fake', { input: human('two') }))).toHaveLength(4);
    expect(await host.ask('sessions.page', { sessionId: 't' })).toMatchObject({ messageTotal: 4 });
    const live = await heldRun(host, 't', 'three');
    await expect(client.runs.delete('t', live.run_id)).rejects.toThrow('409');
    host.fake.release('go');
    const { key } = await host.ask<{ key: string }>('localApi.createClient', { name: 'r', scopes: ['runs:cancel'] });
    await expect(clientOf(host.url, key).runs.delete('t', live.run_id)).rejects.toThrow('403');
  });

  it('[E8-05] [E8-07] [E8-09] a run is joined in several modes, and listed by some of its fields, as the client writes lists', async () => {
    const host = await startRunsApiHost();
    const { client } = host;
    const run = await client.runs.create('t', 'fake', { input: human('one'), ifNotExists: 'create' });
    const events = new Set<string>();
    for await (const frame of client.runs.joinStream('t', run.run_id, { streamMode: ['messages-tuple', 'updates'] })) {
      events.add(frame.event);
    }
    expect([...events].toSorted()).toEqual(['end', 'messages', 'metadata', 'updates']);
    const [listed] = await client.runs.list('t', { select: ['run_id', 'status'] });
    expect(listed).toEqual({ run_id: run.run_id, status: 'success' });
    const repeated = await host.raw(`/api/threads/t/runs/${run.run_id}/stream?stream_mode=updates&stream_mode=values`);
    expect(await repeated.text()).toContain('event: updates');
    for (const odd of ['[', '["values"', '[1]', '{}', '["values","nope"]']) {
      const path = `/api/threads/t/runs/${run.run_id}/stream?stream_mode=${encodeURIComponent(odd)}`;
      expect((await host.raw(path)).status, odd).toBe(422);
    }
  });

  it('assistants show their graph, schemas and version; threads are pruned', async () => {
    const { client } = await startRunsApiHost();
    const graph = await client.assistants.getGraph('demo', { xray: true });
    expect(graph.nodes.map((node) => node.id)).toEqual(['__start__', 'agent', 'tools', '__end__']);
    expect(await client.assistants.getSchemas('demo')).toMatchObject({
      graph_id: 'demo',
      input_schema: { type: 'object', required: ['messages'] },
      context_schema: { properties: { model: {} } },
    });
    expect(await client.assistants.getSubgraphs('demo', { namespace: 'x', recurse: true })).toEqual({});
    expect(await client.assistants.getSubgraphs('demo')).toEqual({});
    expect(await client.assistants.getVersions('demo')).toMatchObject([{ assistant_id: 'demo', version: 1 }]);
    expect(await client.assistants.count({ graphId: 'demo' })).toBe(1);
    for (const asked of [client.assistants.getGraph('x'), client.assistants.getSchemas('x')]) {
      await expect(asked).rejects.toThrow('404');
    }
    for (const threadId of ['a', 'b']) await client.threads.create({ threadId });
    expect(await client.threads.prune(['a', 'b', 'b', 'nobody'])).toEqual({ pruned_count: 2 });
    await expect(client.threads.prune(['a'], { strategy: 'keep_latest' })).rejects.toThrow('422');
  });

  it('[BUG-C11] what is not there says so and what to do instead, at once and without a second try', async () => {
    const host = await startRunsApiHost();
    const { client } = host;
    await client.threads.create({ threadId: 't' });
    const asked: [string, () => Promise<unknown>, string][] = [
      ['crons.create', () => client.crons.create('demo', { schedule: '* * * * *' }), 'no scheduled runs'],
      [
        'crons.createForThread',
        () => client.crons.createForThread('t', 'demo', { schedule: '* * * * *' }),
        'no scheduled',
      ],
      ['crons.search', () => client.crons.search(), 'no scheduled'],
      ['crons.count', () => client.crons.count(), 'no scheduled'],
      ['crons.update', () => client.crons.update('c', { schedule: '* * * * *' }), 'no scheduled'],
      ['crons.delete', () => client.crons.delete('c'), 'no scheduled'],
      ['store.putItem', () => client.store.putItem(['a'], 'k', {}), 'no key-value store'],
      ['store.getItem', () => client.store.getItem(['a'], 'k'), 'no key-value store'],
      ['store.deleteItem', () => client.store.deleteItem(['a'], 'k'), 'no key-value store'],
      ['store.searchItems', () => client.store.searchItems(['a']), 'no key-value store'],
      ['store.listNamespaces', () => client.store.listNamespaces(), 'no key-value store'],
      ['assistants.create', () => client.assistants.create({ graphId: 'demo' }), 'in the window'],
      ['assistants.update', () => client.assistants.update('demo', { name: 'x' }), 'in the window'],
      ['assistants.delete', () => client.assistants.delete('demo'), 'in the window'],
      ['assistants.setLatest', () => client.assistants.setLatest('demo', 1), 'in the window'],
      ['threads.joinStream', () => client.threads.joinStream('t').next(), 'Follow one of its runs'],
    ];
    for (const [name, ask, sentence] of asked) {
      const thrown = await ask().then(
        () => null,
        (error: Error) => error,
      );
      expect(thrown?.message, name).toContain('404');
      expect(thrown?.message, name).toContain(sentence);
    }
    // Who may not ask is not told either.
    expect((await fetch(`${host.url}/api/store/items`)).status).toBe(401);
  });
});

describe('files in a message', () => {
  it('[E8-02] an image and a file reach the model, the window and the thread; nothing is fetched from elsewhere', async () => {
    const host = await startRunsApiHost();
    const { client, fake } = host;
    fake.next([text('A dot.')]);
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
      {
        type: 'file',
        file: {
          filename: 'note.txt',
          file_data: `data:text/plain;base64,${Buffer.from('a remark').toString('base64')}`,
        },
      },
    ];
    const values = await client.runs.wait('t', 'fake', { input: { messages: [{ type: 'human', content }] } });
    expect(said(values)).toEqual([expect.stringContaining('What is this?'), 'ai: A dot.']);
    expect((values as { messages: unknown[] }).messages[0]).toMatchObject({
      additional_kwargs: {
        attachments: [
          { type: 'image', name: 'image-1.png', media_type: 'image/png' },
          { type: 'file', name: 'note.txt', media_type: 'text/plain' },
        ],
      },
    });
    const sent = JSON.stringify(fake.requests.at(-1)?.body);
    expect(sent).toContain(PNG);
    expect(sent).toContain('a remark');
    const page = await host.ask<{ messages: { content_blocks: { type: string; path?: string }[] | null }[] }>(
      'sessions.page',
      { sessionId: 't' },
    );
    expect(page.messages[0]?.content_blocks?.map((block) => block.type)).toEqual(['text', 'image', 'file']);
    // The next run still shows it to the model: it belongs to the conversation.
    await client.runs.wait('t', 'fake', { input: human('And now?') });
    expect(JSON.stringify(fake.requests.at(-1)?.body)).toContain(PNG);
    const count = fake.requests.length;
    for (const url of ['http://127.0.0.1:1/a.png', 'https://example.org/a.png', 'file:///etc/passwd']) {
      const response = await host.raw('/api/threads/t/runs/wait', {
        method: 'POST',
        body: JSON.stringify({
          assistant_id: 'fake',
          input: { messages: [{ type: 'human', content: [{ type: 'image_url', image_url: { url } }] }] },
        }),
      });
      expect(response.status, url).toBe(422);
      expect(await response.json()).toMatchObject({
        field: 'input.messages[0].content[0]',
        detail: expect.stringContaining('fetches nothing from elsewhere') as string,
      });
    }
    expect(fake.requests).toHaveLength(count);
  });

  it('[E8-10] a run that holds files can be taken back, and one that is refused leaves no message', async () => {
    const host = await startRunsApiHost();
    const { client, fake } = host;
    const message = { type: 'human', content: [{ type: 'image_url', image_url: `data:image/png;base64,${PNG}` }] };
    fake.next([text('Half '), waitForRelease('never')]);
    const run = await client.runs.create('t', 'fake', { input: { messages: [message] } });
    await eventually(async () => expect((await client.runs.get('t', run.run_id)).status).toBe('running'));
    await expect(client.runs.create('t', 'fake', { input: { messages: [message] } })).rejects.toThrow('409');
    await client.runs.cancel('t', run.run_id, true, 'rollback');
    expect(said((await client.threads.getState('t')).values)).toEqual([]);
  });
});
