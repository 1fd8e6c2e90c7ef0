import { describe, expect, it } from 'vitest';
import { text } from '../e2e/fake-upstream/script.ts';
import { collect, eventually, human, said, startRunsApiHost, type Values } from './testing/runs-api-host.ts';

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
    await eventually(async () => expect(await client.threads.search()).toHaveLength(before));
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

  it('[E2-21] a key that named another thread’s run is refused instead of losing the message', async () => {
    const host = await startRunsApiHost();
    const send = async (path: string, config = {}) => {
      const response = await host.raw(path, {
        method: 'POST',
        headers: { 'idempotency-key': 'k1' },
        body: JSON.stringify({ assistant_id: 'fake', input: human('once'), ...config }),
      });
      return { status: response.status, body: (await response.json()) as { run_id?: string; code?: string } };
    };
    const first = await send('/api/threads/t/runs');
    const refused = { status: 409, body: { code: 'conflict' } };
    expect(await send('/api/threads/u/runs')).toMatchObject(refused);
    expect(await send('/api/runs', { config: { configurable: { thread_id: 'u' } } })).toMatchObject(refused);
    expect(await host.client.threads.search()).toHaveLength(1);
    expect((await send('/api/threads/t/runs')).body.run_id).toBe(first.body.run_id);
    expect((await send('/api/runs')).body.run_id).toBe(first.body.run_id);
  });

  it('[E8-13] a run that leaves nothing behind is there until whoever began it has read its end, however soon it ends', async () => {
    const host = await startRunsApiHost();
    const ends = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const request = { input: human(`gone ${index}`), streamMode: 'values', onCompletion: 'delete' };
        const frames = await collect(host.client.runs.stream(null, 'fake', request as never));
        return frames.map(({ event }) => event);
      }),
    );
    for (const events of ends) expect(events).toEqual(['metadata', 'values', 'values', 'end']);
    await eventually(async () => expect(await host.client.threads.search()).toEqual([]));
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
