import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '#contract/records';
import { applyRunEvent, emptyRunView, viewMessages } from '#contract/run-view';
import type { Settings } from '#contract/settings';
import type { UpstreamEvent } from '../gateway/upstream-event.ts';
import { ManualClock } from '../platform/clock.ts';
import { deferred } from '../platform/deferred.ts';
import { manualUpstream } from '../testing/manual-upstream.ts';
import { countingIds, openRunsHarness } from '../testing/runs-harness.ts';
import { tempDir } from '../testing/temp-dir.ts';

const done: UpstreamEvent = { type: 'completed', output: null, finishReason: 'stop', usage: null };
const text = (value: string): UpstreamEvent => ({ type: 'text', text: value });

/** Lets commits happen and what follows from them. */
async function turns(count = 15): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A clock that is never asked twice in the same millisecond. */
class TickingClock extends ManualClock {
  override now(): number {
    this.advance(1);
    return super.now();
  }
}

async function open(
  style: 'stop-request' | 'close-socket',
  options: { dir?: string; nextId?: () => string; settings?: Partial<Settings>; clock?: ManualClock } = {},
) {
  const upstream = manualUpstream(style);
  const clock = options.clock ?? new ManualClock();
  const dir = options.dir ?? tempDir();
  const nextId = options.nextId ?? countingIds();
  const core = await openRunsHarness({
    dir,
    upstream: upstream.port,
    clock,
    nextId,
    ...(options.settings === undefined ? {} : { settings: options.settings }),
  });
  const send = async (input: string, more: { sessionId?: string; idempotencyKey?: string; queueId?: string } = {}) => {
    const ack = await core.runs.submit({ sessionId: 's', input, ...more }, null);
    await turns();
    return ack;
  };
  return { ...core, upstream, clock, dir, nextId, send, names: () => core.events.map((event) => event.event) };
}

describe('what cannot be read', () => {
  it('[BUG-A39] is counted at the end of the answer, and an answer without it says nothing of it', async () => {
    const core = await open('close-socket');
    await core.send('a');
    core.upstream.calls[0]?.push(text('hi'), { type: 'unreadable' }, { type: 'unreadable' }, done);
    await turns();
    await core.send('b');
    core.upstream.calls[1]?.push(text('hi'), done);
    await turns();
    const ends = core.events.filter((event) => event.event === 'run.completed');
    expect(ends.map((end) => end.unreadable_parts)).toEqual([2, undefined]);
    expect(core.warnings).toEqual([
      { fields: { run: ends[0]?.run_id, parts: 2 }, message: 'parts of an answer could not be read' },
    ]);
  });
});

describe('what happens at the same moment', () => {
  it('[E5-02] rows and runs have the times that their events tell, however long the writing takes', async () => {
    const core = await open('stop-request', { clock: new TickingClock() });
    await core.send('a');
    core.upstream.calls[0]?.push({ type: 'completed', output: 'whole', finishReason: 'stop', usage: null });
    await turns();
    const followed = core.events.reduce(applyRunEvent, emptyRunView('s'));
    const snapshot = core.runs.snapshot('s');
    expect(viewMessages(followed)).toEqual(snapshot.messages);
    const times = (run: RunRecord | undefined) => [run?.createdAtMs, run?.startedAtMs, run?.endedAtMs];
    expect(times(Object.values(followed.runs)[0])).toEqual(times(snapshot.runs[0]));
  });

  it('[E4-03] [BUG-A5] a stop that meets the end of its run says nothing inside the next one', async () => {
    const core = await open('stop-request');
    await core.send('a');
    core.upstream.calls[0]?.push(text('hi'));
    await turns();
    core.upstream.calls[0]?.push(done);
    const stopped = core.runs.abort('s');
    await turns();
    await stopped;
    await core.send('b');
    core.clock.advance(6000);
    await turns();
    expect(core.names()).not.toContain('abort.timeout');
  });

  it("[E4-03] a stop and the upstream's end at once: the stop is announced before it is told as the end, or neither is", async () => {
    const told = new Set<string>();
    const styles = ['close-socket', 'stop-request'] as const;
    const orders = styles.flatMap((style) => ['stop first', 'end first'].map((order) => ({ style, order })));
    for (const { style, order } of orders)
      for (let before = 0; before < 4; before++)
        for (let between = 0; between < 4; between++) {
          const core = await open(style);
          await core.send('a');
          const end = () => core.upstream.calls[0]?.push(done);
          core.upstream.calls[0]?.push(text('hi'));
          await turns(before);
          if (order === 'end first') end();
          for (let tick = 0; tick < between && order === 'end first'; tick++) await Promise.resolve();
          const stopped = core.runs.abort('s');
          for (let tick = 0; tick < between && order === 'stop first'; tick++) await Promise.resolve();
          if (order === 'stop first') end();
          await turns();
          const { status } = await stopped;
          const ends = core.names().filter((name) => name.startsWith('abort.') || name === 'run.completed');
          expect(ends.join(), `${style}, ${order}, ${before}, ${between}`).toBe(
            status === 'ignored' ? 'run.completed' : 'abort.started,abort.completed',
          );
          told.add(status);
        }
    expect(told).toEqual(new Set(['aborted', 'ignored']));
  });

  it('[E2-02] [BUG-A41] a message that arrives during a deletion is refused, and nothing of the session lives on', async () => {
    for (const busy of [true, false]) {
      const core = await open('close-socket');
      await core.send('a');
      if (!busy) core.upstream.calls[0]?.push(text('x'), done);
      await turns();
      const [deleted, late] = await Promise.allSettled([
        core.runs.deleteSession('s'),
        core.runs.submit({ sessionId: 's', input: 'b' }, null),
      ]);
      await turns();
      expect(deleted.status).toBe('fulfilled');
      // It came first or it was told; what was acknowledged is never lost without a word.
      if (late.status === 'rejected') expect(late.reason).toMatchObject({ code: 'not_found' });
      const again = await core.send('c');
      expect(again.status).toBe('started');
      const live = core.upstream.calls.filter((call) => !call.signal.aborted && call.input !== 'a');
      expect(live.map((call) => call.input)).toEqual(['c']);
    }
  });

  it('[E8-28] [BUG-A41] a deletion right after a stop also stops the message that went out in between', async () => {
    for (const style of ['close-socket', 'stop-request'] as const) {
      const core = await open(style);
      await core.send('a');
      await core.send('b');
      const stopped = core.runs.abort('s');
      core.upstream.calls[0]?.push({ type: 'cancelled', usage: null });
      await stopped;
      await turns();
      expect(core.upstream.calls.map((call) => call.input)).toEqual(['a', 'b']);
      const deleted = core.runs.deleteSession('s');
      await turns();
      const [, next] = core.upstream.calls;
      expect((next?.stops ?? 0) + Number(next?.signal.aborted)).toBe(1);
      next?.push({ type: 'cancelled', usage: null });
      await deleted;
      await turns();
      expect(core.errors).toEqual([]);
      expect(core.store.sessions.get('s')).toBeNull();
    }
  });

  it('[E8-28] a deletion that fails leaves the session as it was, with its queue', async () => {
    const core = await open('close-socket');
    await core.send('a');
    core.upstream.calls[0]?.push(text('x'), done);
    await turns();
    const other = new Database(core.store.db.name);
    other.exec('begin immediate');
    const refused = expect(core.runs.deleteSession('s')).rejects.toMatchObject({ code: 'storage_unavailable' });
    for (let tries = 0; tries < 10; tries++) {
      await turns(3);
      core.clock.advance(1000);
    }
    await refused;
    other.exec('rollback');
    other.close();
    await core.send('b');
    await core.send('c');
    core.upstream.calls[1]?.push(text('y'), done);
    await turns();
    expect(core.upstream.calls.map((call) => call.input)).toEqual(['a', 'b', 'c']);
  });

  it('[E8-28] a deletion that fails after it stopped an answer leaves the waiting messages visibly paused', async () => {
    const core = await open('close-socket');
    await core.send('a');
    await core.send('b');
    core.store.db.exec("create trigger refuse before delete on sessions begin select raise(abort, 'no'); end");
    await expect(core.runs.deleteSession('s')).rejects.toThrow('no');
    await turns();
    expect(core.runs.snapshot('s')).toMatchObject({ isWorking: false, queueLength: 1, queuePaused: 'user' });
    core.store.db.exec('drop trigger refuse');
    await core.runs.resumeQueue('s');
    await turns();
    expect(core.upstream.calls.map((call) => call.input)).toEqual(['a', 'b']);
  });

  it('[E8-26] [BUG-A38] leaving ends in bounded time although the store cannot be written, with every socket closed', async () => {
    const core = await open('stop-request');
    await core.send('a');
    const other = new Database(core.store.db.name);
    other.exec('begin immediate');
    core.upstream.calls[0]?.push(text('hello'));
    await turns();
    let ended = false;
    void core.runs.stop().then(() => {
      ended = true;
    });
    for (let second = 0; second < 5; second++) {
      core.clock.advance(1000);
      await turns(3);
    }
    expect(ended).toBe(true);
    expect(core.upstream.calls[0]?.signal.aborted).toBe(true);
    other.close();
  });

  it('[E8-26] a message whose commit is under way when the process leaves reaches no upstream', async () => {
    const core = await open('close-socket');
    const late = core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await Promise.resolve();
    await core.runs.stop();
    await Promise.allSettled([late]);
    await turns();
    expect(core.upstream.calls).toEqual([]);
  });

  it('[E2-21] one key in two sessions is one run, and costs nobody an answer', async () => {
    const core = await open('close-socket');
    await core.send('first', { sessionId: 's2' });
    const acks = await Promise.all([
      core.runs.submit({ sessionId: 's1', input: 'x', idempotencyKey: 'k' }, null),
      core.runs.submit({ sessionId: 's2', input: 'x', idempotencyKey: 'k' }, null),
    ]);
    expect(acks.map((ack) => ack.status).toSorted()).toEqual(['duplicate', 'started']);
    expect(new Set(acks.map((ack) => ack.run_id)).size).toBe(1);
    core.upstream.calls[0]?.push(text('LONG ANSWER'), done);
    await turns();
    expect(core.store.messages.all('s2').map((row) => row.content)).toEqual(['first', 'LONG ANSWER']);
    expect(core.errors).toEqual([]);
  });

  it('[BUG-A42] when only the next message cannot be written, the finished answer is kept and the queue waits', async () => {
    const core = await open('close-socket');
    await core.send('a');
    await core.send('b');
    core.store.db.exec(
      "create trigger refuse before insert on messages when new.role = 'user' begin select raise(abort, 'no'); end",
    );
    core.upstream.calls[0]?.push(text('kept'), done);
    await turns();
    expect(core.store.messages.all('s').map((row) => row.content)).toEqual(['a', 'kept']);
    expect(core.runs.snapshot('s')).toMatchObject({ isWorking: false, queueLength: 1 });
    expect(core.runs.snapshot('s').queuePaused).not.toBeNull();
    core.store.db.exec('drop trigger refuse');
    await core.runs.resumeQueue('s');
    await turns();
    expect(core.upstream.calls.map((call) => call.input)).toEqual(['a', 'b']);
  });

  it('[E2-16] [BUG-A28] an approval that is answered after its run ended does not speak inside the next run', async () => {
    const core = await open('stop-request');
    await core.send('a');
    await core.send('b');
    const first = core.upstream.calls[0];
    first?.push({
      type: 'approval-request',
      approvalId: 'p',
      command: 'rm',
      description: '',
      choices: ['once', 'deny'],
    });
    await turns();
    if (first !== undefined) first.approvalGate = deferred<void>();
    const answered = core.runs.approve('s', 'p', 'once', false);
    first?.push(text('x'), done);
    await turns();
    first?.approvalGate?.resolve();
    await answered;
    await turns();
    const end = core.names().indexOf('run.completed');
    expect(core.names().slice(end)).not.toContain('approval.resolved');
  });

  it('[E4-04] [E5-06] a run that is taken up is stopped at its upstream, even while others wait for a turn', async () => {
    const dir = tempDir();
    const nextId = countingIds();
    const before = await open('stop-request', { dir, nextId });
    await before.send('a');
    before.kill();
    const core = await open('stop-request', { dir, nextId, settings: { maxConcurrentRuns: 1 } });
    await turns();
    expect(core.names()).toContain('run.reattached');
    const stopped = core.runs.abort('s');
    await turns();
    expect(core.upstream.attached[0]?.stops).toBe(1);
    core.upstream.attached[0]?.push({ type: 'cancelled', usage: null });
    expect(await stopped).toMatchObject({ synced: true });
  });

  it('[E2-14] [E5-06] a run that is taken up after its tools is no empty answer', async () => {
    const dir = tempDir();
    const nextId = countingIds();
    const before = await open('stop-request', { dir, nextId });
    const { run_id } = await before.send('a');
    before.upstream.calls[0]?.push({ type: 'tool-start', callId: 'c', name: 'f', preview: null, arguments: '{}' });
    await turns();
    before.kill();
    const core = await open('stop-request', { dir, nextId });
    await turns();
    core.upstream.attached[0]?.push(done);
    await turns();
    expect(core.store.runs.get(run_id)?.status).toBe('success');
  });

  it('[E3-06] [E2-21] a cleared queue remembers its runs and keys', async () => {
    const core = await open('close-socket');
    await core.send('a');
    const queued = await core.send('b', { idempotencyKey: 'k' });
    expect(await core.runs.clearQueue('s')).toMatchObject({ removed: 1 });
    expect(core.store.runs.get(queued.run_id)?.status).toBe('interrupted');
    expect(await core.send('b', { idempotencyKey: 'k' })).toMatchObject({ status: 'duplicate', run_id: queued.run_id });
  });

  it('[E4-07] a stop by a person counts although an interrupt came first', async () => {
    const core = await open('stop-request', { settings: { stopPausesQueue: true } });
    await core.send('a');
    await core.send('later');
    const interrupting = core.runs.submit({ sessionId: 's', input: 'now', strategy: 'interrupt' }, null);
    const stopped = core.runs.abort('s');
    await interrupting;
    await turns();
    core.upstream.calls[0]?.push({ type: 'cancelled', usage: null });
    await stopped;
    await turns();
    expect(core.upstream.calls.map((call) => call.input)).toEqual(['a', 'now']);
    expect(core.runs.snapshot('s').queuePaused).toBe('user');
  });

  it('[E3-10] a raised limit lets the waiting in at once', async () => {
    const settings = { maxConcurrentRuns: 1 };
    const core = await open('close-socket', { settings });
    await core.send('a', { sessionId: 's1' });
    await core.send('b', { sessionId: 's2' });
    expect(core.upstream.calls.map((call) => call.input)).toEqual(['a']);
    core.settings.maxConcurrentRuns = 2;
    core.slots.serve();
    await turns();
    expect(core.upstream.calls.map((call) => call.input)).toEqual(['a', 'b']);
  });

  it('[E8-23] a name that a person gave during the run survives its rollback', async () => {
    const core = await open('close-socket');
    await core.send('a');
    core.upstream.calls[0]?.push(text('x'), done);
    await turns();
    const second = await core.send('b');
    core.store.sessions.rename('s', 'Mine', core.clock.now());
    core.upstream.calls[1]?.push(text('y'), done);
    await turns();
    await core.runs.rollBack('s', second.run_id);
    expect(core.store.sessions.get('s')?.title).toBe('Mine');
  });

  it('[E8-27] a full disk delays putting a store in order, never the start', async () => {
    const dir = tempDir();
    const nextId = countingIds();
    const before = await open('close-socket', { dir, nextId });
    const { run_id } = await before.send('a');
    before.kill();
    const holder = new Database(`${dir}/sluice.db`);
    holder.exec('begin immediate');
    const clock = new ManualClock();
    const upstream = manualUpstream('close-socket');
    const opening = openRunsHarness({ dir, upstream: upstream.port, clock, nextId });
    for (let second = 0; second < 3; second++) {
      await turns(5);
      clock.advance(1000);
    }
    const core = await opening;
    expect(core.store.runs.get(run_id)?.status).not.toBe('interrupted');
    holder.exec('rollback');
    holder.close();
    clock.advance(1000);
    await turns();
    expect(core.store.runs.get(run_id)?.status).toBe('interrupted');
  });
});
