import { describe, expect, it } from 'vitest';
import { applyRunEvent, emptyRunView, viewMessages } from '#contract/run-view';
import { deferred } from '../platform/deferred.ts';
import { done, type ManualCore, manualCore, said } from '../testing/manual-core.ts';

async function answering(): Promise<ManualCore> {
  const core = await manualCore({ style: 'stop-request' });
  await core.runs.submit({ sessionId: 's', input: 'a' }, null);
  await core.settle();
  core.calls[0]?.push(said('before '));
  await core.settle();
  return core;
}

function shown(core: ManualCore): string[] {
  const view = core.store.events
    .after('s', 0, 1000)
    .reduce((known, event) => applyRunEvent(known, event), emptyRunView('s'));
  return viewMessages(view).map((row) => `${row.role}: ${row.content}`);
}

describe('a message into the running answer', () => {
  it('[E2-18] stands where it was put, and the answer goes on after it', async () => {
    const core = await answering();
    const ack = await core.runs.submit({ sessionId: 's', input: 'shorter', strategy: 'steer' }, null);
    expect(ack).toMatchObject({ status: 'steered', run_id: core.events[0]?.run_id, position: 0 });
    expect(core.calls[0]?.steers).toEqual(['shorter']);
    core.calls[0]?.push(said('after'), done);
    await core.settle();
    const expected = ['user: a', 'assistant: before ', 'user: shorter', 'assistant: after'];
    expect(core.transcript('s')).toEqual(expected);
    expect(shown(core)).toEqual(expected);
    await core.turn('s', 'b', 'c');
    expect(core.calls[1]?.request?.history.map((message) => message.role)).toEqual([
      'user',
      'assistant',
      'user',
      'assistant',
    ]);
  });

  it('[E2-18] an answer that takes none now leaves it in the queue', async () => {
    const core = await answering();
    const [call] = core.calls;
    if (call !== undefined) call.takesSteers = false;
    expect(await core.runs.submit({ sessionId: 's', input: 'later', strategy: 'steer' }, null)).toMatchObject({
      status: 'queued',
      position: 1,
    });
    call?.push(done);
    await core.settle();
    expect(core.calls[1]?.input).toBe('later');
  });

  it('[E2-18] with nothing running it is a message like any other', async () => {
    const core = await manualCore();
    expect(await core.runs.submit({ sessionId: 's', input: 'hi', strategy: 'steer' }, null)).toMatchObject({
      status: 'started',
    });
  });

  it('[E2-18] what was taken and never reached the model goes out next, and stands in the conversation once', async () => {
    const core = await answering();
    await core.runs.submit({ sessionId: 's', input: 'waiting' }, null);
    await core.runs.submit({ sessionId: 's', input: 'too late', strategy: 'steer' }, null);
    core.calls[0]?.push(said('after'), { type: 'steered', text: 'too late', accepted: false }, done);
    await core.settle();
    expect(core.calls[1]?.input).toBe('too late');
    core.calls[1]?.push(said('now'), done);
    await core.settle();
    expect(core.transcript('s').slice(0, 5)).toEqual([
      'user: a',
      'assistant: before ',
      'assistant: after',
      'user: too late',
      'assistant: now',
    ]);
    expect(core.calls[2]?.input).toBe('waiting');
    expect(shown(core).slice(0, 5)).toEqual(core.transcript('s').slice(0, 5));
  });

  it('[E2-18] [E4-01] a stop does not wait for an upstream that is slow to take a message', async () => {
    const core = await answering();
    void core.runs.submit({ sessionId: 's', input: 'x', strategy: 'steer' }, null);
    void core.runs.abort('s');
    await core.settle();
    core.clock.advance(60);
    await core.settle();
    expect(core.calls[0]?.stops).toBe(1);
  });
});

describe('a question of the agent', () => {
  const question = { type: 'clarify-request' as const, clarifyId: 'q1', question: 'Which one?', choices: ['A', 'B'] };

  it('[E2-17] [BUG-A10] waits for the person, also for one who comes later, and the reply is passed on', async () => {
    const core = await answering();
    core.calls[0]?.push(question);
    await core.settle();
    expect(core.runs.snapshot('s')).toMatchObject({
      state: 'waiting',
      clarifications: [{ clarify_id: 'q1', question: 'Which one?', choices: ['A', 'B'] }],
    });
    await core.runs.clarify('s', 'q1', 'neither');
    await core.settle();
    expect(core.calls[0]?.replies).toEqual(['q1: neither']);
    expect(core.runs.snapshot('s')).toMatchObject({ state: 'running', clarifications: [] });
    expect(core.events.at(-1)).toMatchObject({ event: 'clarify.resolved', clarify_id: 'q1', response: 'neither' });
    core.calls[0]?.push(done);
    await core.settle();
    await expect(core.runs.clarify('s', 'q1', 'B')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('[E2-17] is gone with its run', async () => {
    const core = await answering();
    core.calls[0]?.push(question);
    await core.settle();
    void core.runs.abort('s');
    await core.settle();
    core.clock.advance(60);
    core.calls[0]?.push({ type: 'cancelled', usage: null });
    await core.settle();
    expect(core.runs.snapshot('s').clarifications).toEqual([]);
  });
});

describe('a message into an answer that ends meanwhile', () => {
  const steer = (core: ManualCore, input: string, queueId: string) =>
    core.runs.submit({ sessionId: 's', input, queueId, strategy: 'steer' }, null);

  it('[E2-18] is waited for: once taken it is a row of that answer, whatever ended it', async () => {
    for (const end of [done, { type: 'cancelled' as const, usage: null }]) {
      const core = await answering();
      const gate = deferred<void>();
      const [call] = core.calls;
      if (call !== undefined) call.steerGate = gate;
      const ack = steer(core, 'quick', 'q1');
      await core.settle();
      call?.push(end);
      await core.settle();
      expect(core.runs.snapshot('s').isWorking).toBe(true);
      gate.resolve();
      await core.settle();
      expect(await ack).toMatchObject({ status: 'steered' });
      expect(core.transcript('s')).toEqual(['user: a', 'assistant: before ', 'user: quick']);
      expect(core.calls).toHaveLength(1);
    }
  });

  it('[E2-18] that the upstream never answered goes out as a message of its own, once', async () => {
    const core = await answering();
    const [call] = core.calls;
    if (call !== undefined) call.steerGate = deferred<void>();
    const ack = steer(core, 'lost', 'q1');
    await core.settle();
    call?.push(done);
    await core.settle();
    core.clock.advance(1000);
    await core.settle();
    expect(core.calls.map((each) => each.input)).toEqual(['a', 'lost']);
    call?.steerGate?.resolve();
    await core.settle();
    expect(await ack).toMatchObject({ status: 'steered' });
    expect(await steer(core, 'lost', 'q1')).toMatchObject({ status: 'duplicate' });
    expect(core.calls).toHaveLength(2);
  });

  it('[E2-21] [E2-18] the same message again is known, while the answer lives and after it', async () => {
    const core = await answering();
    await steer(core, 'once', 'q1');
    expect(await steer(core, 'once', 'q1')).toMatchObject({ status: 'duplicate' });
    core.calls[0]?.push(done);
    await core.settle();
    expect(await steer(core, 'once', 'q1')).toMatchObject({ status: 'duplicate' });
    expect(core.calls[0]?.steers).toEqual(['once']);
    expect(core.calls).toHaveLength(1);
    const again = await core.reopen();
    expect(await steer(again, 'once', 'q1')).toMatchObject({ status: 'duplicate' });
  });

  it('[E3-08] [E2-18] what came too late stands behind the message that interrupts', async () => {
    const core = await answering();
    await steer(core, 'too late', 'q1');
    await core.runs.submit({ sessionId: 's', input: 'instead', strategy: 'interrupt' }, null);
    await core.settle();
    core.clock.advance(60);
    core.calls[0]?.push({ type: 'steered', text: 'too late', accepted: false }, { type: 'cancelled', usage: null });
    await core.settle();
    expect(core.calls[1]?.input).toBe('instead');
    core.calls[1]?.push(done);
    await core.settle();
    expect(core.calls[2]?.input).toBe('too late');
  });

  it('[E8-28] a conversation that is being deleted takes none', async () => {
    const core = await answering();
    const deleting = core.runs.deleteSession('s');
    await expect(steer(core, 'x', 'q1')).rejects.toMatchObject({ code: 'not_found' });
    await core.settle();
    core.clock.advance(60);
    core.calls[0]?.push({ type: 'cancelled', usage: null });
    await core.settle();
    await deleting;
  });
});
