import { describe, expect, it } from 'vitest';
import { applyRunEvent, emptyRunView, viewMessages } from '#contract/run-view';
import { done, type ManualCore, manualCore, said } from '../testing/manual-core.ts';

/** A run whose stop its upstream never confirmed. */
async function letGo(options: Parameters<typeof manualCore>[0] = {}): Promise<ManualCore> {
  const core = await manualCore({ style: 'stop-request', ...options });
  await core.runs.submit({ sessionId: 's', input: 'a' }, null);
  await core.settle();
  core.calls[0]?.push(said('The first part'));
  await core.settle();
  core.clock.advance(50);
  await core.settle();
  void core.runs.abort('s');
  await core.settle();
  core.clock.advance(50);
  await core.settle();
  core.clock.advance(5000);
  await core.settle();
  return core;
}

const usage = { input_tokens: 3, output_tokens: 5, total_tokens: 8, cost_usd: null };

describe('a stop that was not confirmed', () => {
  it('[E4-04] the upstream is asked until it says how the run ended, and its usage and missing text are booked', async () => {
    const core = await letGo();
    expect(core.names()).toContain('abort.timeout');
    expect(core.store.runs.list('s', 1)[0]).toMatchObject({ status: 'interrupted', synced: false, usage: null });
    expect(core.attached).toHaveLength(1);
    const output = 'The first part and the rest';
    core.attached[0]?.push({ type: 'completed', output, finishReason: 'stop', usage: usage as never });
    await core.settle();
    expect(core.events.at(-1)).toMatchObject({ event: 'run.reconciled', delta: ' and the rest', usage });
    expect(core.store.runs.list('s', 1)[0]).toMatchObject({ status: 'interrupted', synced: true, usage });
    expect(core.transcript('s')).toEqual(['user: a', 'assistant: The first part and the rest']);
    const view = core.store.events
      .after('s', 0, 1000)
      .reduce((known, event) => applyRunEvent(known, event), emptyRunView('s'));
    expect(viewMessages(view).map((row) => row.content)).toEqual(['a', output]);
    expect(core.store.followUps.list()).toEqual([]);
  });

  it('[E4-04] goes on after a restart, with the stop repeated', async () => {
    const stopped: string[] = [];
    const core = await letGo({
      upstream: {
        stopRun: (_profile, id) => {
          stopped.push(id);
          return Promise.resolve('stopping');
        },
      },
    });
    const again = await core.reopen();
    await again.settle();
    expect(stopped).toEqual(['up-a', 'up-a']);
    expect(again.attached.map((call) => call.input)).toEqual(['up-a']);
    again.attached[0]?.push({ type: 'cancelled', usage: null });
    await again.settle();
    expect(again.store.runs.list('s', 1)[0]).toMatchObject({ synced: true });
    expect(again.store.followUps.list()).toEqual([]);
  });

  it('[E4-04] [E4-07] the next message does not wait for it', async () => {
    const core = await letGo();
    await core.turn('s', 'b', 'second answer');
    expect(core.transcript('s')).toContain('assistant: second answer');
    core.attached[0]?.push({ type: 'completed', output: 'The first part, late', finishReason: 'stop', usage: null });
    await core.settle();
    expect(core.transcript('s')).toEqual([
      'user: a',
      'assistant: The first part, late',
      'user: b',
      'assistant: second answer',
    ]);
  });

  it('[E4-03] [E4-04] an answer that came only after the stop gets its row', async () => {
    const core = await manualCore({ style: 'stop-request' });
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.settle();
    void core.runs.abort('s');
    await core.settle();
    core.clock.advance(50);
    await core.settle();
    core.clock.advance(5000);
    await core.settle();
    core.attached[0]?.push({ type: 'completed', output: 'All of it.', finishReason: 'stop', usage: null });
    await core.settle();
    expect(core.transcript('s')).toEqual(['user: a', 'assistant: All of it.']);
    const view = core.store.events
      .after('s', 0, 1000)
      .reduce((known, event) => applyRunEvent(known, event), emptyRunView('s'));
    expect(viewMessages(view).map((row) => row.content)).toEqual(['a', 'All of it.']);
    expect(view.messageTotal).toBe(2);
  });

  it('[E4-04] is given up after half an hour, and what is stored stays as it is', async () => {
    const core = await letGo();
    core.clock.advance(30 * 60_000);
    await core.settle();
    expect(core.store.followUps.list()).toEqual([]);
    expect(core.names()).not.toContain('run.reconciled');
    expect(core.store.runs.list('s', 1)[0]).toMatchObject({ status: 'interrupted', synced: false });
  });

  it('[E4-04] a run that was being stopped when the process died is asked about, too', async () => {
    const core = await manualCore({ style: 'stop-request' });
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.settle();
    core.calls[0]?.push(said('part'));
    await core.settle();
    void core.runs.abort('s');
    await core.settle();
    core.clock.advance(60);
    await core.settle();
    const again = await core.reopen();
    await again.settle();
    expect(again.store.runs.list('s', 1)[0]).toMatchObject({ status: 'interrupted', synced: false });
    again.attached[0]?.push(said('part'), done);
    await again.settle();
    expect(again.store.runs.list('s', 1)[0]).toMatchObject({ status: 'interrupted', synced: true });
  });

  it('[E4-04] a confirmed stop leaves nothing to ask', async () => {
    const core = await manualCore({ style: 'stop-request' });
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.settle();
    void core.runs.abort('s');
    await core.settle();
    core.clock.advance(60);
    core.calls[0]?.push({ type: 'cancelled', usage: null });
    await core.settle();
    expect(core.events.at(-1)).toMatchObject({ event: 'abort.completed', synced: true });
    expect(core.store.followUps.list()).toEqual([]);
    expect(core.store.runs.list('s', 1)[0]?.synced).toBe(true);
  });
});
