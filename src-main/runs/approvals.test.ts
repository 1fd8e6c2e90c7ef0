import { describe, expect, it } from 'vitest';
import { deferred } from '../platform/deferred.ts';
import { done, type ManualCore, manualCore, said } from '../testing/manual-core.ts';

const ask = (id: string) => ({
  type: 'approval-request' as const,
  approvalId: id,
  command: `rm ${id}`,
  description: `Remove ${id}`,
  choices: ['once' as const, 'session' as const, 'always' as const, 'deny' as const],
});

async function asking(...ids: string[]): Promise<ManualCore> {
  const core = await manualCore({ style: 'stop-request' });
  await core.runs.submit({ sessionId: 's', input: 'a' }, null);
  await core.settle();
  core.calls[0]?.push(said('May I? '), ...ids.map(ask));
  await core.settle();
  return core;
}

const pending = (core: ManualCore) => core.runs.snapshot('s').approvals.map((approval) => approval.approval_id);

describe('[E2-16] [BUG-B9] an agent that asks for permission', () => {
  it('two questions stand side by side, and each answer closes its own', async () => {
    const core = await asking('one', 'two');
    expect(pending(core)).toEqual(['one', 'two']);
    expect(core.runs.snapshot('s').state).toBe('waiting');
    await core.runs.approve('s', 'two', 'deny', false);
    await core.settle();
    expect(pending(core)).toEqual(['one']);
    expect(core.runs.snapshot('s').state).toBe('waiting');
    await core.runs.approve('s', 'one', 'once', false);
    await core.settle();
    expect(core.runs.snapshot('s')).toMatchObject({ approvals: [], state: 'running' });
  });

  it('one answer for all of them closes every question', async () => {
    const core = await asking('one', 'two', 'three');
    await core.runs.approve('s', 'two', 'session', true);
    await core.settle();
    expect(pending(core)).toEqual([]);
    const answered = core.events.flatMap((event) => (event.event === 'approval.resolved' ? [event.approval_id] : []));
    expect(answered).toEqual(['two', 'one', 'three']);
    expect(core.runs.snapshot('s').state).toBe('running');
  });

  it('a second answer to the same question, or one to none, never reaches the agent, which might take it for the next one', async () => {
    const core = await asking('one', 'two');
    const [call] = core.calls;
    if (call === undefined) throw new Error('Nothing was asked.');
    call.approvalGate = deferred<void>();
    const first = core.runs.approve('s', 'one', 'once', false);
    const late = { code: 'conflict' };
    // Two clicks: the second while the first is on its way, a third after it, and one to a question that never was.
    await expect(core.runs.approve('s', 'one', 'once', false)).rejects.toMatchObject(late);
    call.approvalGate.resolve();
    await first;
    await expect(core.runs.approve('s', 'one', 'deny', false)).rejects.toMatchObject(late);
    await expect(core.runs.approve('s', 'invented', 'always', false)).rejects.toMatchObject(late);
    await core.settle();
    expect(call.decisions).toEqual(['one: once']);
    expect(pending(core)).toEqual(['two']);
  });

  it('[E5-04] whoever comes later sees the question, and what of it was answered', async () => {
    const core = await asking('one', 'two');
    await core.runs.approve('s', 'one', 'once', false);
    await core.settle();
    const names = core.runs.snapshot('s').events.map((event) => event.event);
    expect(names).toEqual(['run.started', 'approval.requested', 'approval.requested', 'approval.resolved']);
  });

  it('[E5-06] a restart keeps the question, and its answer reaches the run', async () => {
    const core = await asking('one');
    const again = await core.reopen();
    await again.settle();
    expect(again.runs.snapshot('s')).toMatchObject({ state: 'waiting' });
    expect(pending(again)).toEqual(['one']);
    expect(await again.runs.approve('s', 'one', 'once', false)).toMatchObject({ resolved: 1 });
    await again.settle();
    expect(pending(again)).toEqual([]);
    again.attached[0]?.push(done);
    await again.settle();
    expect(again.events.at(-1)).toMatchObject({ event: 'run.completed' });
  });

  it('[E4-01] a stop while it waits ends the run; an answer after that is late', async () => {
    const core = await asking('one');
    void core.runs.abort('s');
    await core.settle();
    core.clock.advance(60);
    core.calls[0]?.push({ type: 'cancelled', usage: null });
    await core.settle();
    expect(core.runs.snapshot('s')).toMatchObject({ state: 'idle', approvals: [] });
    await expect(core.runs.approve('s', 'one', 'once', false)).rejects.toMatchObject({ code: 'conflict' });
  });
});
