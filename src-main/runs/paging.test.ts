import { describe, expect, it } from 'vitest';
import { emptyMessage, type Message } from '#contract/message';
import { applyRunEvent, emptyRunView } from '#contract/run-view';
import { done, type ManualCore, manualCore, said } from '../testing/manual-core.ts';
import { PAGE_ROWS } from './page-rows.ts';

async function withRows(count: number): Promise<ManualCore> {
  const core = await manualCore();
  await core.turn('s', 'first', 'answer');
  const rows = Array.from(
    { length: count - 2 },
    (_, at): Message => ({
      ...emptyMessage({ id: `m${at}`, session_id: 's', run_id: null, role: 'user', created_at_ms: at }),
      content: `row ${at}`,
      status: 'final',
    }),
  );
  await core.store.committer.commit(() => {
    core.store.messages.append('s', rows);
    core.store.sessions.setMessageCount('s', count);
  });
  return core;
}

describe('the pages of a conversation', () => {
  it('[E5-08] a page holds the newest 500: with exactly 500 rows there is nothing before, with 501 there is', async () => {
    const exact = (await withRows(PAGE_ROWS)).runs.snapshot('s');
    expect([exact.messages.length, exact.hasMoreBefore, exact.messageTotal]).toEqual([500, false, 500]);
    const over = (await withRows(PAGE_ROWS + 1)).runs.snapshot('s');
    expect([over.messages.length, over.hasMoreBefore, over.messageTotal]).toEqual([500, true, 501]);
    expect(over.messages.at(-1)?.content).toBe('row 498');
    expect(over.messages[0]?.content).toBe('answer');
  });

  it('[E5-08] older pages fit to the newest one while an answer is being written', async () => {
    const core = await withRows(PAGE_ROWS + 100);
    await core.runs.submit({ sessionId: 's', input: 'now' }, null);
    await core.settle();
    core.calls[1]?.push(said('streaming'));
    await core.settle();
    const newest = core.runs.snapshot('s').messages;
    const older = core.store.messages.page('s', PAGE_ROWS, newest[0]?.id);
    expect(older.hasMoreBefore).toBe(false);
    const ids = [...older.messages, ...newest].map((row) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(PAGE_ROWS + 100 + 2);
    core.calls[1]?.push(done);
    await core.settle();
    expect(core.store.messages.page('s', PAGE_ROWS, newest[0]?.id).messages).toEqual(older.messages);
  });

  it('[BUG-A16] a part of an answer touches the rows of its own run and leaves every other row the same object', async () => {
    const core = await manualCore();
    await core.turn('s', 'first', 'answer');
    await core.runs.submit({ sessionId: 's', input: 'second' }, null);
    await core.settle();
    core.calls[1]?.push(said('a'));
    await core.settle();
    const events = core.store.events.after('s', 0, 1000);
    const before = events.slice(0, -1).reduce(applyRunEvent, emptyRunView('s'));
    const last = events.at(-1);
    if (last === undefined) throw new Error('nothing was logged');
    const after = applyRunEvent(before, last);
    expect(last.event).toBe('message.delta');
    expect(after.settled).toBe(before.settled);
    expect(after.live[0]).toBe(before.live[0]);
  });

  it('[BUG-A17] no row ever has the id of another, also after a rollback and across conversations', async () => {
    const core = await manualCore();
    for (const session of ['s', 't']) {
      await core.turn(session, 'one', 'answer');
      await core.turn(session, 'two', 'answer');
      await core.runs.rollBack(session, core.store.messages.newestRunId(session) ?? '');
      await core.turn(session, 'three', 'answer');
    }
    const told = core.events.flatMap((event) => {
      if (event.event === 'run.peer_user_message') return [`${event.run_id} ${event.message.id}`];
      return event.event === 'message.delta' ? [`${event.run_id} ${event.message_id}`] : [];
    });
    const rows = new Set(told.map((pair) => pair.split(' ')[1]));
    expect(rows.size).toBe(new Set(told).size);
    expect(rows.size).toBe(12);
  });

  it('[BUG-A15] calls and their arguments reach the model as the JSON that they are', async () => {
    const core = await manualCore();
    await core.runs.submit({ sessionId: 's', input: 'one' }, null);
    await core.settle();
    const call = { callId: 'c1', name: 'look', preview: null };
    core.calls[0]?.push(
      said('Looking. '),
      { type: 'tool-start', ...call, arguments: '{"path":"a b"}' },
      { type: 'tool-end', callId: 'c1', name: 'look', durationSeconds: 1, isError: false, output: 'seen' },
      said('Done.'),
      done,
    );
    await core.settle();
    await core.turn('s', 'two', 'x');
    const sent = core.calls[1]?.request?.history ?? [];
    expect(sent[1]).toMatchObject({
      role: 'assistant',
      toolCalls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"path":"a b"}' } }],
    });
    expect(JSON.stringify(sent)).not.toContain('[object');
  });

  it('[decision 4] a message that waits has its run from the start: pending, and interrupted once it was taken back', async () => {
    const core = await manualCore();
    await core.runs.submit({ sessionId: 's', input: 'one' }, null);
    const waiting = await core.runs.submit({ sessionId: 's', input: 'two', queueId: 'q2' }, null);
    expect(core.store.queue.byRunId(waiting.run_id)).toMatchObject({ queueId: 'q2' });
    await core.runs.cancelQueued('s', 'q2');
    expect(core.store.runs.get(waiting.run_id)).toMatchObject({ status: 'interrupted', queueId: 'q2' });
  });
});
