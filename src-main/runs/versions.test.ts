import { describe, expect, it } from 'vitest';
import { emptyMessage, type Message } from '#contract/message';
import { applyRunEvent, emptyRunView, viewMessages } from '#contract/run-view';
import { done, type ManualCore, manualCore, said } from '../testing/manual-core.ts';

/** What a viewer shows that has heard every event. */
function shown(core: ManualCore): string[] {
  const view = core.store.events
    .after('s', 0, 10_000)
    .reduce((known, event) => applyRunEvent(known, event), emptyRunView('s'));
  return viewMessages(view).map((row) => `${row.role}: ${row.content}`);
}

async function threeTurns(): Promise<ManualCore> {
  const core = await manualCore();
  await core.turn('s', 'one', 'answer one');
  await core.turn('s', 'two', 'answer two');
  await core.turn('s', 'three', 'answer three');
  return core;
}

function messageId(core: ManualCore, content: string): string {
  const row = core.store.messages.all('s').find((message) => message.content === content);
  if (row === undefined) throw new Error(`no message says ${content}`);
  return row.id;
}

describe('versions of a turn', () => {
  it('[E8-28] an edited message takes the place of its turn and of all that followed, for the model as well', async () => {
    const core = await threeTurns();
    await core.runs.submit({ sessionId: 's', input: 'two, edited', replaceFrom: messageId(core, 'two') }, null);
    await core.settle();
    core.calls.at(-1)?.push(said('another answer'), done);
    await core.settle();
    const expected = ['user: one', 'assistant: answer one', 'user: two, edited', 'assistant: another answer'];
    expect(core.transcript('s')).toEqual(expected);
    expect(shown(core)).toEqual(expected);
    expect(core.calls.at(-1)?.request?.history).toMatchObject([{ content: 'one' }, { content: 'answer one' }]);
    expect(core.store.sessions.get('s')?.message_count).toBe(4);
    expect(core.runs.snapshot('s').versions).toMatchObject([{ preview: 'two', message_count: 4 }]);
  });

  it('[E8-28] nothing that was replaced is lost: it comes back, and what stood in its place is kept', async () => {
    const core = await threeTurns();
    const first = core.transcript('s');
    await core.runs.submit({ sessionId: 's', input: 'two, edited', replaceFrom: messageId(core, 'two') }, null);
    await core.settle();
    core.calls.at(-1)?.push(said('another answer'), done);
    await core.settle();
    const second = core.transcript('s');
    const [version] = core.runs.snapshot('s').versions;
    const after = await core.runs.switchVersion('s', version?.version_id ?? '');
    expect(core.transcript('s')).toEqual(first);
    expect(core.events.at(-1)).toMatchObject({ event: 'history.changed', reason: 'version', reload: true });
    expect(after).toMatchObject([{ preview: 'two, edited', message_count: 2 }]);
    await core.runs.switchVersion('s', after[0]?.version_id ?? '');
    expect(core.transcript('s')).toEqual(second);
    expect(core.store.sessions.get('s')?.message_count).toBe(4);
    const again = await core.reopen();
    expect(again.transcript('s')).toEqual(second);
    expect(again.runs.snapshot('s').versions).toMatchObject([{ preview: 'two' }]);
  });

  it('[E8-28] regenerating asks the same again, with another model where one is named', async () => {
    const core = await threeTurns();
    const ack = await core.runs.regenerate('s', { model: 'other' });
    await core.settle();
    expect(ack.status).toBe('started');
    expect(core.calls.at(-1)).toMatchObject({ input: 'three', request: { model: 'other' } });
    core.calls.at(-1)?.push(said('better'), done);
    await core.settle();
    expect(core.transcript('s').slice(-2)).toEqual(['user: three', 'assistant: better']);
    expect(shown(core)).toEqual(core.transcript('s'));
    expect(core.store.sessions.get('s')?.message_count).toBe(6);
  });

  it('[E8-28] a failed answer is asked for again', async () => {
    const core = await manualCore();
    await core.runs.submit({ sessionId: 's', input: 'one' }, null);
    await core.settle();
    const error = { code: 'upstream_error' as const, message: 'It broke.', retry: { kind: 'no' as const } };
    core.calls.at(-1)?.push(said('half'), { type: 'failed', error, usage: null });
    await core.settle();
    await core.runs.regenerate('s', {});
    await core.settle();
    core.calls.at(-1)?.push(said('whole'), done);
    await core.settle();
    expect(core.transcript('s')).toEqual(['user: one', 'assistant: whole']);
  });

  it('[E8-28] [E3-08] an edit of what is being answered stops that answer and goes first', async () => {
    const core = await threeTurns();
    await core.runs.submit({ sessionId: 's', input: 'four' }, null);
    await core.settle();
    core.calls.at(-1)?.push(said('partial'));
    await core.settle();
    await core.runs.submit({ sessionId: 's', input: 'waiting' }, null);
    await core.runs.submit({ sessionId: 's', input: 'four, edited', replaceFrom: messageId(core, 'four') }, null);
    await core.settle();
    expect(core.calls.map((call) => call.input)).toEqual(['one', 'two', 'three', 'four', 'four, edited']);
    core.calls.at(-1)?.push(said('fine'), done);
    await core.settle();
    core.calls.at(-1)?.push(said('last'), done);
    await core.settle();
    expect(core.transcript('s').slice(6)).toEqual([
      'user: four, edited',
      'assistant: fine',
      'user: waiting',
      'assistant: last',
    ]);
    expect(shown(core)).toEqual(core.transcript('s'));
    // The stopped half is kept like everything else.
    expect(core.runs.snapshot('s').versions).toMatchObject([{ preview: 'four', message_count: 2 }]);
  });

  it('[E8-10] [decision 12] taking the new version back puts the old one in its place', async () => {
    const core = await threeTurns();
    const before = core.transcript('s');
    await core.runs.submit({ sessionId: 's', input: 'two, edited', replaceFrom: messageId(core, 'two') }, null);
    await core.settle();
    core.calls.at(-1)?.push(said('another answer'), done);
    await core.settle();
    await core.runs.rollBack('s', core.store.messages.newestRunId('s') ?? '');
    expect(core.transcript('s')).toEqual(before);
    expect(core.runs.snapshot('s').versions).toEqual([]);
    expect(core.store.sessions.get('s')?.message_count).toBe(6);
  });

  it('[E8-28] only what began a turn can be edited, and only while it is shown', async () => {
    const core = await threeTurns();
    const two = messageId(core, 'two');
    const edit = (replaceFrom: string) => core.runs.submit({ sessionId: 's', input: 'x', replaceFrom }, null);
    await expect(edit(messageId(core, 'answer two'))).rejects.toMatchObject({ code: 'invalid_payload' });
    await expect(edit('nobody')).rejects.toMatchObject({ code: 'not_found' });
    await edit(two);
    await core.settle();
    await expect(edit(two)).rejects.toMatchObject({ code: 'not_found' });
    const { versions } = core.runs.snapshot('s');
    await expect(core.runs.switchVersion('s', versions[0]?.version_id ?? '')).rejects.toMatchObject({
      code: 'conflict_active_run',
    });
  });

  it('[E8-28] a version of a turn that is itself set aside waits for that one', async () => {
    const core = await threeTurns();
    await core.runs.regenerate('s', {});
    await core.settle();
    core.calls.at(-1)?.push(said('three again'), done);
    await core.settle();
    const inner = core.runs.snapshot('s').versions[0];
    await core.runs.submit({ sessionId: 's', input: 'two, edited', replaceFrom: messageId(core, 'two') }, null);
    await core.settle();
    core.calls.at(-1)?.push(said('fresh'), done);
    await core.settle();
    await expect(core.runs.switchVersion('s', inner?.version_id ?? '')).rejects.toMatchObject({ code: 'conflict' });
    const outer = core.runs.snapshot('s').versions.find((version) => version.version_id !== inner?.version_id);
    await core.runs.switchVersion('s', outer?.version_id ?? '');
    await core.runs.switchVersion('s', inner?.version_id ?? '');
    expect(core.transcript('s').slice(-2)).toEqual(['user: three', 'assistant: answer three']);
  });
});

describe('splitting a conversation off', () => {
  it('[E8-28] holds everything up to the message, goes its own way and leaves its origin as it is', async () => {
    const core = await threeTurns();
    const before = core.transcript('s');
    const fork = await core.runs.fork('s', messageId(core, 'answer two'));
    expect(core.transcript(fork)).toEqual(before.slice(0, 4));
    expect(core.store.sessions.get(fork)).toMatchObject({ forked_from_session_id: 's', message_count: 4 });
    await core.turn(fork, 'another way', 'indeed');
    expect(core.calls.at(-1)?.request?.history).toHaveLength(4);
    await core.runs.rollBack(fork, core.store.messages.newestRunId(fork) ?? '');
    await core.runs.deleteSession('s');
    expect(core.transcript(fork)).toEqual(before.slice(0, 4));
    expect(core.runs.snapshot(fork).runs).toHaveLength(2);
  });

  it('[E8-28] needs a stored message of that conversation', async () => {
    const core = await threeTurns();
    await expect(core.runs.fork('s', 'nobody')).rejects.toMatchObject({ code: 'not_found' });
    await expect(core.runs.fork('none', 'nobody')).rejects.toMatchObject({ code: 'not_found' });
    expect(core.store.sessions.total()).toBe(1);
  });

  it('[E8-28] a fork that a kill cut short was never there', async () => {
    const core = await threeTurns();
    const forking = core.runs.fork('s', messageId(core, 'answer three'));
    forking.catch(() => undefined);
    while (core.store.sessions.hidden().length === 0) await new Promise((resolve) => setImmediate(resolve));
    const again = await core.reopen();
    await again.settle();
    expect(again.store.sessions.hidden()).toEqual([]);
    expect(again.store.sessions.list(10, 0).map((session) => session.id)).toEqual(['s']);
    expect(again.store.sessions.list(10, 0, true)).toEqual([]);
    const rows = again.store.db.prepare('select count(*) from messages').pluck().get();
    expect(rows).toBe(6);
  });
});

describe('versions under pressure', () => {
  it('[E8-28] of two regenerations during a stop the newer one stands, and no turn is doubled', async () => {
    const core = await manualCore({ style: 'stop-request' });
    await core.turn('s', 'one', 'answer one');
    await core.runs.submit({ sessionId: 's', input: 'two' }, null);
    await core.settle();
    core.calls.at(-1)?.push(said('part'));
    await core.settle();
    await core.runs.regenerate('s', { queueId: 'q1' });
    await core.runs.regenerate('s', { queueId: 'q2' });
    await core.settle();
    core.clock.advance(60);
    core.calls.at(-1)?.push({ type: 'cancelled', usage: null });
    await core.settle();
    core.calls.at(-1)?.push(said('again'), done);
    await core.settle();
    expect(core.transcript('s')).toEqual(['user: one', 'assistant: answer one', 'user: two', 'assistant: again']);
    expect(core.store.queue.count('s')).toBe(0);
  });

  it('[E8-28] an edit of a message that another window edited meanwhile is refused, and nothing is sent', async () => {
    const core = await threeTurns();
    const two = messageId(core, 'two');
    const [first, second] = await Promise.allSettled([
      core.runs.submit({ sessionId: 's', input: 'edit one', replaceFrom: two }, null),
      core.runs.submit({ sessionId: 's', input: 'edit two', replaceFrom: two }, null),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'not_found' } });
    await core.settle();
    expect(core.calls.map((call) => call.input)).toEqual(['one', 'two', 'three', 'edit one']);
  });

  it('[E8-28] [E3-05] an edit that waited through a restart replaces nothing that came since', async () => {
    const core = await threeTurns();
    await core.runs.submit({ sessionId: 's', input: 'four' }, null);
    await core.settle();
    core.calls.at(-1)?.push(said('part'));
    await core.settle();
    void core.runs.submit({ sessionId: 's', input: 'two, edited', replaceFrom: messageId(core, 'two') }, null);
    while (core.store.queue.count('s') === 0) await new Promise((resolve) => setImmediate(resolve));
    const again = await core.reopen();
    await again.settle();
    await again.runs.resumeQueue('s');
    await again.settle();
    again.calls.at(-1)?.push(said('late'), done);
    await again.settle();
    expect(again.transcript('s')).toHaveLength(10);
    expect(again.transcript('s').slice(-2)).toEqual(['user: two, edited', 'assistant: late']);
  });

  it('[E2-21] the same edit, regeneration or refused message again is answered by what became of it', async () => {
    const core = await threeTurns();
    const edit = { sessionId: 's', input: 'edited', replaceFrom: messageId(core, 'two'), queueId: 'q1' };
    const first = await core.runs.submit(edit, null);
    expect(await core.runs.submit(edit, null)).toMatchObject({ status: 'duplicate', run_id: first.run_id });
    await core.settle();
    core.calls.at(-1)?.push(said('x'), done);
    await core.settle();
    const again = await core.runs.regenerate('s', { queueId: 'q2' });
    expect(await core.runs.regenerate('s', { queueId: 'q2' })).toMatchObject({
      status: 'duplicate',
      run_id: again.run_id,
    });
    const own = { sessionId: 't', input: 'a', queueId: 'q3', strategy: 'reject' as const };
    const live = await core.runs.submit(own, null);
    expect(await core.runs.submit(own, null)).toMatchObject({ status: 'duplicate', run_id: live.run_id });
  });

  it('[E8-10] a rollback leaves counts and versions that are true, in a fork as well', async () => {
    const core = await threeTurns();
    const fork = await core.runs.fork('s', messageId(core, 'answer two'));
    await core.runs.rollBack(fork, core.store.messages.newestRunId(fork) ?? '');
    expect(core.transcript(fork)).toEqual(['user: one', 'assistant: answer one']);
    expect(core.store.sessions.get(fork)?.message_count).toBe(2);
    await core.runs.regenerate('s', {});
    await core.settle();
    core.calls.at(-1)?.push(said('three again'), done);
    await core.settle();
    const [version] = core.runs.snapshot('s').versions;
    await core.runs.switchVersion('s', version?.version_id ?? '');
    await core.runs.rollBack('s', core.store.messages.newestRunId('s') ?? '');
    expect(core.store.sessions.get('s')?.message_count).toBe(core.transcript('s').length);
    await core.runs.rollBack('s', core.store.messages.newestRunId('s') ?? '');
    const [left] = core.runs.snapshot('s').versions;
    await core.runs.switchVersion('s', left?.version_id ?? '');
    expect(core.transcript('s')).toEqual([
      'user: one',
      'assistant: answer one',
      'user: three',
      'assistant: three again',
    ]);
  });

  it('[E8-24] [E8-01] a run goes along with a fork as what it is there: with the messages that came along, and an end behind its beginning', async () => {
    const core = await threeTurns();
    const record = (sessionId: string) => {
      const run = core.store.runPages.run(core.store.messages.newestRunId(sessionId) ?? '');
      return [run?.firstHumanMessage, run?.lastAiMessage, run?.messageCount];
    };
    expect(record(await core.runs.fork('s', messageId(core, 'answer two')))).toEqual(['two', 'answer two', 2]);
    expect(record(await core.runs.fork('s', messageId(core, 'two')))).toEqual(['two', null, 1]);
    await core.runs.submit({ sessionId: 's', input: 'four' }, null);
    core.clock.advance(50);
    await core.settle();
    core.calls.at(-1)?.push({ type: 'text', text: 'half' });
    await core.settle();
    const live = core.runs.snapshot(await core.runs.fork('s', messageId(core, 'four'))).runs.at(-1);
    expect(live?.status).toBe('interrupted');
    expect(live?.endedAtMs).toBeGreaterThanOrEqual(live?.startedAtMs ?? Number.POSITIVE_INFINITY);
  });

  it('[E8-28] a fork is whole although the conversation changes while it is read', async () => {
    const core = await manualCore();
    await core.turn('s', 'first', 'answer');
    const rows = Array.from(
      { length: 1300 },
      (_, at): Message => ({
        ...emptyMessage({ id: `m${at}`, session_id: 's', run_id: null, role: 'user', created_at_ms: at }),
        content: `row ${at}`,
        status: 'final',
      }),
    );
    await core.store.committer.commit(() => core.store.messages.append('s', rows));
    await core.turn('s', 'last', 'end');
    const forking = core.runs.fork('s', messageId(core, 'end'));
    void core.runs
      .submit({ sessionId: 's', input: 'x', replaceFrom: messageId(core, 'first') }, null)
      .catch(() => undefined);
    const fork = await forking;
    expect(core.transcript(fork)).toHaveLength(1304);
    expect(core.transcript(fork).slice(0, 3)).toEqual(['user: first', 'assistant: answer', 'user: row 0']);
  });
});
