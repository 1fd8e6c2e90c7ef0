import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isTerminalEvent, type LoggedEvent } from '#contract/events';
import type { UpstreamEvent } from '../gateway/upstream-event.ts';
import { ManualClock } from '../platform/clock.ts';
import { deferred } from '../platform/deferred.ts';
import { dataPaths } from '../platform/paths.ts';
import { type ManualCall, manualUpstream } from '../testing/manual-upstream.ts';
import { countingIds, openRunsHarness, type RunsHarness } from '../testing/runs-harness.ts';
import { tempDir } from '../testing/temp-dir.ts';
import type { UpstreamPort } from './upstream-port.ts';

// Laws that a planted defect breaks at once (npm run test:mutants). The property test knows them all and finds more, but a
// defect may leave it waiting for an answer that never comes. Here everything is bounded by turns of the event loop.

const TURNS = 200;
const done: UpstreamEvent = { type: 'completed', output: null, finishReason: 'stop', usage: null };

interface Core extends RunsHarness {
  calls: ManualCall[];
  dir: string;
  clock: ManualClock;
  /** Turns of the event loop until something holds; fails when it does not within a bound. */
  until(what: string, isTrue: () => boolean): Promise<void>;
  /** The answer of a promise that has to come within a bound. */
  answer<T>(what: string, promise: Promise<T>): Promise<T>;
  ends(): string[];
}

async function openCore(
  style: 'stop-request' | 'close-socket' = 'close-socket',
  wrap: (port: UpstreamPort) => UpstreamPort = (port) => port,
): Promise<Core> {
  const dir = tempDir();
  const clock = new ManualClock();
  const { port, calls } = manualUpstream(style);
  const harness = await openRunsHarness({ dir, upstream: wrap(port), clock, nextId: countingIds() });
  onTestFinished(() => void harness.store.db.close());
  const until = async (what: string, isTrue: () => boolean): Promise<void> => {
    for (let turn = 0; turn < TURNS; turn++) {
      if (isTrue()) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`Not within ${TURNS} turns: ${what}`);
  };
  return {
    ...harness,
    calls,
    dir,
    clock,
    until,
    async answer(what, promise) {
      let isSettled = false;
      const settled = promise.finally(() => {
        isSettled = true;
      });
      settled.catch(() => undefined);
      await until(what, () => isSettled);
      return settled;
    },
    ends: () =>
      harness.events.flatMap((event) => (isTerminalEvent(event.event) ? [`${event.run_id ?? ''} ${event.event}`] : [])),
  };
}

describe('laws that a planted defect breaks', () => {
  it('[E2-02] [BUG-A1] [decision 39] a message while a run is live waits, and starts once that one has ended', async () => {
    const core = await openCore();
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.until('the first call', () => core.calls.length === 1);
    const second = await core.answer('the second message', core.runs.submit({ sessionId: 's', input: 'b' }, null));
    expect(second.status).toBe('queued');
    expect(core.calls.map((call) => call.input)).toEqual(['a']);
    core.calls[0]?.push({ type: 'text', text: 'one' }, done);
    await core.until('the second call', () => core.calls.length === 2);
    expect(core.store.runs.unfinished()).toHaveLength(1);
    expect(core.errors).toEqual([]);
  });

  it('[E2-02] [BUG-A1] [decision 39] messages at every turn of a run’s end: one call at a time, in their order', async () => {
    const core = await openCore();
    // However many turns an end takes, some of these messages arrive while it is being stored.
    const moments = Array.from({ length: 7 }, (_, turns) => [0, 1, 2, 4, 7].map((steps) => ({ turns, steps }))).flat();
    for (const { turns, steps } of moments) {
      const sessionId = `s${turns}-${steps}`;
      const calls = () => core.calls.filter((call) => call.input.startsWith(sessionId));
      const submit = (name: string) => core.runs.submit({ sessionId, input: `${sessionId} ${name}` }, null);
      await submit('a');
      await submit('b');
      await core.until('the first call', () => calls().length === 1);
      const ended = new Set(calls());
      calls()[0]?.push({ type: 'text', text: 'one' }, done);
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      for (let step = 0; step < steps; step++) await Promise.resolve();
      const late = core.answer('the late message', submit('c'));
      for (let served = 1; served < 3; served++) {
        await core.until(`call ${served + 1}`, () => calls().length > served);
        const open = calls().filter((call) => !ended.has(call) && !call.signal.aborted);
        expect(open, `${turns} turns and ${steps} steps`).toHaveLength(1);
        open[0]?.push({ type: 'text', text: 'more' }, done);
        for (const call of open) ended.add(call);
      }
      await late;
      await core.until('three ends', () => core.store.runs.unfinished().length === 0);
      expect(calls().map((call) => call.input.at(-1))).toEqual(['a', 'b', 'c']);
      expect(core.errors).toEqual([]);
    }
  });

  for (const style of ['close-socket', 'stop-request'] as const) {
    it(`[E4-01] [BUG-A3] [decision 39] a stop before the upstream accepted reaches it (${style})`, async () => {
      const gate = deferred<void>();
      let signal: AbortSignal | null = null;
      const core = await openCore(style, (port) => ({
        ...port,
        start: async (...given: Parameters<UpstreamPort['start']>) => {
          given[3]?.underWay?.(true);
          signal = given[2];
          // The request has left: only the upstream can stop what it may have begun.
          given[3]?.underWay?.(true);
          await Promise.race([
            gate.promise,
            new Promise<never>((_, reject) =>
              given[2].addEventListener('abort', () => reject(given[2].reason as Error), { once: true }),
            ),
          ]);
          return port.start(...given);
        },
      }));
      await core.runs.submit({ sessionId: 's', input: 'a' }, null);
      await core.until('the request', () => signal !== null);
      const stopped = core.runs.abort('s');
      await core.until('the announcement', () => core.events.some((event) => event.event === 'abort.started'));
      if (style === 'stop-request') {
        gate.resolve();
        await core.until('the stop request', () => core.calls[0]?.stops === 1);
        core.calls[0]?.push({ type: 'cancelled', usage: null });
      }
      expect(await core.answer('the stop', stopped)).toMatchObject({ status: 'aborted', synced: true });
      expect(core.ends()).toHaveLength(1);
      expect(core.ends()[0]).toContain('abort.completed');
      expect(core.events.some((event) => event.event === 'run.started')).toBe(false);
    });

    it(`[E4-05] [BUG-A4] [decision 39] a second stop joins the first: one announcement, one request, one answer for all (${style})`, async () => {
      const core = await openCore(style);
      // By name: a stop that names no run is known again before it reaches the session.
      const { run_id: runId } = await core.runs.submit({ sessionId: 's', input: 'a' }, null);
      await core.until('the call', () => core.calls.length === 1);
      core.calls[0]?.push({ type: 'text', text: 'part' });
      await core.until('text', () => core.events.some((event) => event.event === 'message.delta'));
      const stops = [core.runs.abort('s', runId), core.runs.abort('s', runId)];
      await core.until('the announcement', () => core.events.some((event) => event.event === 'abort.started'));
      if (style === 'stop-request') {
        // A run that lives on its connection is over by now; here the upstream takes its time.
        stops.push(core.runs.abort('s', runId));
        await core.until('the request', () => (core.calls[0]?.stops ?? 0) > 0);
        core.calls[0]?.push({ type: 'cancelled', usage: null });
      }
      const answers = await core.answer('every stop', Promise.all(stops));
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect(core.events.filter((event) => event.event === 'abort.started')).toHaveLength(1);
      expect(core.calls[0]?.stops).toBe(style === 'stop-request' ? 1 : 0);
      expect(core.ends()).toHaveLength(1);
      expect(core.errors).toEqual([]);
    });
  }

  it('[BUG-C5] [decision 39] a rollback waits for the end of its run, and the next message for both', async () => {
    const core = await openCore('stop-request');
    const first = await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.until('the call', () => core.calls.length === 1);
    core.calls[0]?.push({ type: 'text', text: 'part' });
    await core.until('text', () => core.events.some((event) => event.event === 'message.delta'));
    await expect(core.answer('the refusal', core.runs.rollBack('s', first.run_id))).rejects.toMatchObject({
      code: 'conflict',
    });
    await core.runs.submit({ sessionId: 's', input: 'b', strategy: 'rollback' }, null);
    await core.until('the request', () => core.calls[0]?.stops === 1);
    expect(core.calls).toHaveLength(1);
    expect(core.store.messages.all('s')[0]?.content).toBe('a');
    core.calls[0]?.push({ type: 'text', text: ' and its end' }, { type: 'cancelled', usage: null });
    await core.until('the next call', () => core.calls.length === 2);
    const order = core.events
      .map((event) => event.event)
      .filter((name) => /abort.completed|rolled_back|peer/.test(name));
    expect(order).toEqual(['run.peer_user_message', 'abort.completed', 'run.rolled_back', 'run.peer_user_message']);
    expect(core.store.messages.all('s').map((row) => row.content)).toEqual(['b']);
    expect(core.calls[1]?.input).toBe('b');
  });

  it('[BUG-C5] [decision 39] a late rollback of an older run changes nothing', async () => {
    const core = await openCore();
    const first = await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.until('the call', () => core.calls.length === 1);
    core.calls[0]?.push({ type: 'text', text: 'one' }, done);
    await core.until('the end', () => core.ends().length === 1);
    await core.runs.submit({ sessionId: 's', input: 'b' }, null);
    await core.until('the next call', () => core.calls.length === 2);
    await expect(core.answer('the refusal', core.runs.rollBack('s', first.run_id))).rejects.toMatchObject({
      code: 'conflict',
    });
    core.calls[1]?.push({ type: 'text', text: 'two' }, done);
    await core.until('both ends', () => core.ends().length === 2);
    expect(core.store.messages.all('s').map((row) => row.content)).toEqual(['a', 'one', 'b', 'two']);
  });

  it('[E5-07] [decision 39] an event is in the database before anybody hears of it', async () => {
    const core = await openCore();
    const other = new Database(dataPaths(core.dir).database, { readonly: true });
    onTestFinished(() => void other.close());
    const line = other.prepare('select payload from run_events where session_id = ? and seq = ?').pluck();
    const early: LoggedEvent[] = [];
    core.log.subscribe((event) => {
      if (line.get(event.session_id, event.seq) === undefined) early.push(event);
    });
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.until('the call', () => core.calls.length === 1);
    core.calls[0]?.push({ type: 'reasoning', text: 'hm' }, { type: 'text', text: 'one' }, done);
    await core.until('the end', () => core.ends().length === 1);
    expect(core.events.length).toBeGreaterThan(4);
    expect(early).toEqual([]);
  });

  it('[E5-07] [decision 39] the last words before an end are stored before it, however fast they came', async () => {
    const core = await openCore();
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.until('the call', () => core.calls.length === 1);
    // The clock stands still: nothing but the end can send what waits for company.
    core.calls[0]?.push({ type: 'text', text: 'first ' });
    await core.until('text', () => core.events.some((event) => event.event === 'message.delta'));
    core.calls[0]?.push({ type: 'text', text: 'last' }, done);
    await core.until('the end', () => core.ends().length === 1);
    const names = core.events.map((event) => event.event);
    expect(names.lastIndexOf('message.delta')).toBeLessThan(names.indexOf('run.completed'));
    expect(core.store.messages.all('s').at(-1)?.content).toBe('first last');
  });

  it('[E3-03] [E3-04] [decision 39] each waiting message is taken once, and an end says how many wait before the next is taken', async () => {
    const core = await openCore();
    for (const input of ['a', 'b', 'c']) await core.runs.submit({ sessionId: 's', input }, null);
    for (let served = 0; served < 3; served++) {
      await core.until(`call ${served + 1}`, () => core.calls.length > served);
      core.calls[served]?.push({ type: 'text', text: 'one' }, done);
      await core.until(`end ${served + 1}`, () => core.ends().length > served);
    }
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(core.calls.map((call) => call.input)).toEqual(['a', 'b', 'c']);
    const said = core.events.flatMap((event) => (event.event === 'run.completed' ? [event.queue_remaining] : []));
    expect(said).toEqual([2, 1, 0]);
    expect(core.store.queue.list('s')).toEqual([]);
    expect(core.errors).toEqual([]);
  });

  it('[decision 9] [decision 39] a refused key pauses what waits; another failure does not', async () => {
    for (const [code, calls] of [
      ['upstream_auth', 1],
      ['upstream_error', 2],
    ] as const) {
      const core = await openCore();
      await core.runs.submit({ sessionId: 's', input: 'a' }, null);
      await core.runs.submit({ sessionId: 's', input: 'b' }, null);
      await core.until('the call', () => core.calls.length === 1);
      core.calls[0]?.push({ type: 'failed', error: { code, message: 'No.', retry: { kind: 'no' } }, usage: null });
      await core.until('the end', () => core.ends().length === 1);
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(core.calls, code).toHaveLength(calls);
      expect(core.store.sessions.get('s')?.queue_paused ?? null, code).toBe(calls === 1 ? 'failure' : null);
    }
  });
});
