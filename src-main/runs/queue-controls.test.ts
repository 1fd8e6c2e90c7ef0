import { describe, expect, it } from 'vitest';
import { done, manualCore, said } from '../testing/manual-core.ts';

describe('the queue in a person’s hands', () => {
  it('[E3-06] a pause lets the answer end and keeps the rest, until it is resumed', async () => {
    const core = await manualCore();
    for (const input of ['a', 'b', 'c']) await core.runs.submit({ sessionId: 's', input }, null);
    await core.settle();
    expect(await core.runs.pauseQueue('s')).toMatchObject({ paused: 'user', queue_length: 2 });
    core.calls[0]?.push(said('x'), done);
    await core.settle();
    expect(core.calls).toHaveLength(1);
    expect(core.runs.snapshot('s')).toMatchObject({ state: 'idle', queuePaused: 'user', queueLength: 2 });
    await core.runs.resumeQueue('s');
    await core.settle();
    expect(core.calls.map((call) => call.input)).toEqual(['a', 'b']);
  });

  it('[E3-06] an empty queue cannot be paused, and a pause twice says the same once', async () => {
    const core = await manualCore();
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    expect(await core.runs.pauseQueue('s')).toMatchObject({ paused: null });
    await core.runs.submit({ sessionId: 's', input: 'b' }, null);
    await core.runs.pauseQueue('s');
    await core.runs.pauseQueue('s');
    await core.settle();
    expect(core.names().filter((name) => name === 'queue.paused')).toHaveLength(1);
    await expect(core.runs.pauseQueue('none')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('[E3-07] with the setting every failure pauses the queue', async () => {
    const error = { code: 'upstream_error' as const, message: 'It broke.', retry: { kind: 'no' as const } };
    for (const pauseQueueOnFailure of [false, true]) {
      const core = await manualCore({ settings: { pauseQueueOnFailure } });
      for (const input of ['a', 'b']) await core.runs.submit({ sessionId: 's', input }, null);
      await core.settle();
      core.calls[0]?.push({ type: 'failed', error, usage: null });
      await core.settle();
      expect(core.calls).toHaveLength(pauseQueueOnFailure ? 1 : 2);
      expect(core.runs.snapshot('s').queuePaused).toBe(pauseQueueOnFailure ? 'failure' : null);
    }
  });

  it('[decision 18] a model that names a profile before the slash is asked there, and only then', async () => {
    const core = await manualCore();
    const profile = {
      kind: 'demo',
      base_url: '',
      default_model: 'own',
      context_length: null,
      created_at_ms: 0,
      updated_at_ms: 0,
    };
    await core.store.committer.commit(() => core.store.profiles.insert({ ...profile, id: 'p', name: 'work' } as never));
    const sent = async (session: string, model: string, named?: string) => {
      await core.runs.submit(
        { sessionId: session, input: 'x', model, ...(named === undefined ? {} : { profile: named }) },
        null,
      );
      const [run] = core.store.runs.list(session, 1);
      return [run?.profile, run?.model];
    };
    expect(await sent('s1', 'work/big')).toEqual(['work', 'big']);
    expect(await sent('s2', 'meta/llama')).toEqual(['demo', 'meta/llama']);
    expect(await sent('s3', 'work/big', 'demo')).toEqual(['demo', 'work/big']);
    expect(await sent('s4', '/big')).toEqual(['demo', '/big']);
  });
});

it('[E3-01] a long queue is stored whole once, and not again with every change', async () => {
  const core = await manualCore();
  await core.runs.submit({ sessionId: 's', input: 'a' }, null);
  const long = 'x'.repeat(20_000);
  for (let index = 0; index < 20; index++) await core.runs.submit({ sessionId: 's', input: `${index} ${long}` }, null);
  const bytes = core.store.db.prepare('select sum(length(payload)) from run_events').pluck().get() as number;
  expect(bytes).toBeLessThan(2 * 20 * 20_000);
  const [newest] = core.store.events
    .after('s', 0, 1000)
    .filter((event) => event.event === 'run.queued')
    .slice(-1);
  expect(newest).toMatchObject({ queue_length: 20 });
  expect(newest?.event === 'run.queued' && newest.queued_messages[19]?.content.length).toBe(20_003);
});
