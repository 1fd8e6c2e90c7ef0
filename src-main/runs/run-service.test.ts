import { describe, expect, it } from 'vitest';
import type { Settings } from '#contract/settings';
import type { UpstreamEvent } from '../gateway/upstream-event.ts';
import { ManualClock } from '../platform/clock.ts';
import { deferred } from '../platform/deferred.ts';
import { countingIds, openRunsHarness, type RunsHarness } from '../testing/runs-harness.ts';
import { ScriptedUpstream, type UpstreamScript } from '../testing/scripted-upstream.ts';
import { tempDir } from '../testing/temp-dir.ts';

const done: UpstreamEvent = { type: 'completed', output: null, finishReason: 'stop', usage: null };
const text = (value: string): UpstreamEvent => ({ type: 'text', text: value });

interface Setup extends RunsHarness {
  upstream: ScriptedUpstream;
  clock: ManualClock;
  /** Lets the upstream take its next step, and waits until what follows is stored. */
  step(count?: number): Promise<void>;
  names(): string[];
  reopen(): Promise<Setup>;
}

/** A core whose upstream moves only when told. */
async function setUp(
  script: (input: string) => UpstreamScript,
  options: {
    style?: 'stop-request' | 'close-socket';
    dir?: string;
    nextId?: () => string;
    settings?: Partial<Settings>;
  } = {},
): Promise<Setup> {
  const dir = options.dir ?? tempDir();
  const nextId = options.nextId ?? countingIds();
  const clock = new ManualClock();
  const waiting: (() => void)[] = [];
  const upstream = new ScriptedUpstream({
    style: options.style ?? 'close-socket',
    script: (request) => script(request.input.content),
    step: () => {
      const gate = deferred<void>();
      waiting.push(gate.resolve);
      return gate.promise;
    },
  });
  const port = upstream.connect();
  const harness = await openRunsHarness({
    dir,
    upstream: port,
    clock,
    nextId,
    ...(options.settings === undefined ? {} : { settings: options.settings }),
  });
  const settle = async () => {
    for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    ...harness,
    upstream,
    clock,
    async step(count = 1) {
      for (let index = 0; index < count; index++) {
        await settle();
        waiting.shift()?.();
        await settle();
      }
    },
    names: () => harness.events.map((event) => event.event),
    async reopen() {
      harness.kill();
      port.die();
      return setUp(script, { ...options, dir, nextId });
    },
  };
}

describe('runs', () => {
  it('[E2-01] a first message makes session, row and run together, and names the session', async () => {
    const core = await setUp(() => [text('Hi'), done]);
    const ack = await core.runs.submit({ sessionId: 's', input: 'What is\na sluice?' }, null);
    expect(ack).toMatchObject({ status: 'started', position: 0 });
    expect(core.store.sessions.get('s')).toMatchObject({ title: 'What is a sluice?', message_count: 1 });
    expect(core.store.messages.all('s')).toMatchObject([
      { role: 'user', content: 'What is\na sluice?', run_id: ack.run_id },
    ]);
    expect(core.store.runs.get(ack.run_id)?.status).toBe('pending');
  });

  it('[E2-01] an empty message is refused and leaves nothing behind', async () => {
    const core = await setUp(() => [done]);
    await expect(core.runs.submit({ sessionId: 's', input: ' \n ' }, null)).rejects.toMatchObject({
      code: 'invalid_payload',
    });
    expect(core.store.sessions.get('s')).toBeNull();
  });

  it('[E2-01] a message of attachments alone is named after them', async () => {
    const core = await setUp(() => [done]);
    await core.runs.submit(
      { sessionId: 's', input: [{ type: 'image', name: 'plan.png', path: '/x/plan.png', media_type: 'image/png' }] },
      null,
    );
    expect(core.store.sessions.get('s')?.title).toBe('plan.png');
  });

  it('[E2-04] [E2-11] [decision 7] the terminal event follows the transaction that stored rows and status', async () => {
    const core = await setUp(() => [text('Hi'), done]);
    const { run_id } = await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    let storedAtEnd: unknown = null;
    core.log.subscribe((event) => {
      if (event.event === 'run.completed')
        storedAtEnd = [core.store.runs.get(run_id)?.status, core.store.messages.all('s').map((row) => row.content)];
    });
    await core.step(3);
    expect(core.names()).toEqual([
      'run.peer_user_message',
      'run.started',
      'message.delta',
      'usage.updated',
      'run.completed',
    ]);
    expect(storedAtEnd).toEqual(['success', ['a', 'Hi']]);
  });

  it('[E2-14] an end without text, tools or output is an error that a person sees', async () => {
    const core = await setUp(() => [done]);
    const { run_id } = await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.step(2);
    expect(core.store.runs.get(run_id)).toMatchObject({
      status: 'error',
      errorInfo: { code: 'upstream_empty_answer' },
    });
    expect(core.names().at(-1)).toBe('run.failed');
  });

  it('[E2-14] tools without text are an answer', async () => {
    const core = await setUp(() => [
      { type: 'tool-start', callId: 'c', name: 'f', preview: null, arguments: '{}' },
      done,
    ]);
    const { run_id } = await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.step(3);
    expect(core.store.runs.get(run_id)?.status).toBe('success');
  });

  it('[E2-19] a queued message is answered by the model that held when it was queued', async () => {
    const core = await setUp(() => [text('x'), done]);
    await core.runs.submit({ sessionId: 's', input: 'a', model: 'one' }, null);
    const queued = await core.runs.submit({ sessionId: 's', input: 'b', model: 'two' }, null);
    core.store.db.prepare("update sessions set model = 'three' where id = 's'").run();
    await core.step(3);
    expect(core.store.runs.get(queued.run_id)?.model).toBe('two');
  });

  it('[E2-21] the same key, or the same queue id, is the same run', async () => {
    const core = await setUp(() => [text('x'), done]);
    const first = await core.runs.submit({ sessionId: 's', input: 'a', queueId: 'q1', idempotencyKey: 'k1' }, null);
    expect(await core.runs.submit({ sessionId: 's', input: 'a', queueId: 'q1' }, null)).toMatchObject({
      status: 'duplicate',
      run_id: first.run_id,
    });
    expect(await core.runs.submit({ sessionId: 's', input: 'a', idempotencyKey: 'k1' }, null)).toMatchObject({
      status: 'duplicate',
      run_id: first.run_id,
    });
    const queued = await core.runs.submit({ sessionId: 's', input: 'b', queueId: 'q2', idempotencyKey: 'k2' }, null);
    expect(await core.runs.submit({ sessionId: 's', input: 'b', idempotencyKey: 'k2' }, null)).toMatchObject({
      status: 'duplicate',
      run_id: queued.run_id,
      position: 1,
    });
    await core.step(6);
    expect(core.upstream.inputs).toEqual(['a', 'b']);
  });

  it('[E2-20] a run names the one that it follows', async () => {
    const core = await setUp(() => [text('x'), done]);
    const first = await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.step(3);
    const second = await core.runs.submit({ sessionId: 's', input: 'b' }, null);
    expect(core.store.runs.get(second.run_id)?.followUpToRunId).toBe(first.run_id);
  });

  it('[E3-01] [E3-03] [E3-04] messages that wait go out in order, and the numbers say how many waited before each', async () => {
    const core = await setUp((input) => [text(`re ${input}`), done]);
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    expect(await core.runs.submit({ sessionId: 's', input: 'b' }, null)).toMatchObject({
      status: 'queued',
      position: 1,
    });
    expect(await core.runs.submit({ sessionId: 's', input: 'c' }, null)).toMatchObject({
      status: 'queued',
      position: 2,
    });
    await core.step(9);
    expect(core.store.messages.all('s').map((row) => row.content)).toEqual(['a', 're a', 'b', 're b', 'c', 're c']);
    const ends = core.events.flatMap((event) => (event.event === 'run.completed' ? [event.queue_remaining] : []));
    expect(ends).toEqual([2, 1, 0]);
    const after = core.names().slice(core.names().indexOf('run.completed'));
    expect(after.slice(0, 4)).toEqual(['run.completed', 'run.queued', 'run.peer_user_message', 'run.started']);
  });

  it('[E3-02] a cancelled message never goes out, and its run answers as interrupted', async () => {
    const core = await setUp((input) => [text(input), done]);
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    const queued = await core.runs.submit({ sessionId: 's', input: 'b', queueId: 'q' }, null);
    expect(await core.runs.cancelQueued('s', 'q')).toMatchObject({ removed: 1, queue_length: 0 });
    expect(await core.runs.cancelQueued('s', 'q')).toMatchObject({ removed: 0, reason: 'already_started' });
    expect(await core.runs.cancelQueued('s', 'never')).toMatchObject({ removed: 0, reason: 'not_found' });
    expect(core.store.runs.get(queued.run_id)?.status).toBe('interrupted');
    await core.step(6);
    expect(core.upstream.inputs).toEqual(['a']);
  });

  it('[E3-06] a waiting message can be edited and moved; one that was sent cannot', async () => {
    const core = await setUp((input) => [text(input), done]);
    await core.runs.submit({ sessionId: 's', input: 'a', queueId: 'qa' }, null);
    for (const name of ['b', 'c', 'd'])
      await core.runs.submit({ sessionId: 's', input: name, queueId: `q${name}` }, null);
    await core.runs.editQueued('s', 'qb', 'B!');
    const moved = await core.runs.moveQueued('s', 'qd', 0);
    expect(moved.queued_messages.map((item) => item.content)).toEqual(['d', 'B!', 'c']);
    await expect(core.runs.editQueued('s', 'qa', 'late')).rejects.toMatchObject({ code: 'conflict' });
    await expect(core.runs.editQueued('s', 'none', 'x')).rejects.toMatchObject({ code: 'not_found' });
    expect(await core.runs.clearQueue('s')).toMatchObject({ removed: 3, queue_length: 0 });
  });

  it('[E3-07] a refused key pauses the queue with one error instead of burning through it', async () => {
    const refused: UpstreamEvent = {
      type: 'failed',
      error: { code: 'upstream_auth', message: 'The key was refused.', retry: { kind: 'no' } },
      usage: null,
    };
    const core = await setUp((input) => (input === 'a' ? [refused] : [text('ok'), done]));
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    for (const name of ['b', 'c', 'd']) await core.runs.submit({ sessionId: 's', input: name }, null);
    await core.step(4);
    expect(core.names().filter((name) => name === 'run.failed')).toHaveLength(1);
    expect(core.events.at(-1)).toMatchObject({
      event: 'queue.paused',
      reason: 'failure',
      queue_length: 3,
      error: 'The key was refused.',
    });
    expect(core.upstream.inputs).toEqual(['a']);
    await core.runs.resumeQueue('s');
    await core.step(9);
    expect(core.upstream.inputs).toEqual(['a', 'b', 'c', 'd']);
  });

  it('[E3-08] [decision 10] interrupt stops the answer and goes first; the others keep their order', async () => {
    const core = await setUp((input) => [text(input), done]);
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.runs.submit({ sessionId: 's', input: 'b' }, null);
    await core.step(2);
    await core.runs.submit({ sessionId: 's', input: 'now', strategy: 'interrupt' }, null);
    await core.step(9);
    expect(core.upstream.inputs).toEqual(['a', 'now', 'b']);
    expect(core.store.messages.all('s').map((row) => [row.content, row.status])).toEqual([
      ['a', 'final'],
      ['a', 'aborted'],
      ['now', 'final'],
      ['now', 'final'],
      ['b', 'final'],
      ['b', 'final'],
    ]);
  });

  it('[E3-09] reject says that an answer is running and takes nothing', async () => {
    const core = await setUp(() => [text('x'), done]);
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await expect(core.runs.submit({ sessionId: 's', input: 'b', strategy: 'reject' }, null)).rejects.toMatchObject({
      code: 'conflict_active_run',
    });
    expect(core.store.queue.count('s')).toBe(0);
  });

  it('[E3-10] a full queue says so and keeps what it has', async () => {
    const core = await setUp(() => [text('x'), done], { settings: { maxQueuePerSession: 2 } });
    for (const name of ['a', 'b', 'c']) await core.runs.submit({ sessionId: 's', input: name }, null);
    await expect(core.runs.submit({ sessionId: 's', input: 'd' }, null)).rejects.toMatchObject({ code: 'queue_full' });
    expect(core.store.queue.count('s')).toBe(2);
  });

  it('[E3-10] no more runs than allowed call their upstreams at once, and each gets its turn', async () => {
    const core = await setUp((input) => [text(input), done], { settings: { maxConcurrentRuns: 1 } });
    await core.runs.submit({ sessionId: 's1', input: 'a' }, null);
    await core.runs.submit({ sessionId: 's2', input: 'b' }, null);
    await core.step(1);
    expect(core.upstream.inputs).toEqual(['a']);
    await core.step(5);
    expect(core.upstream.inputs).toEqual(['a', 'b']);
  });

  for (const [phase, steps] of [
    ['while it waits for the upstream', 0],
    ['before the first word', 1],
    ['in the middle of the text', 2],
  ] as const) {
    it(`[E4-01] [BUG-A3] a stop ${phase} ends the run once, and nothing goes on behind it`, async () => {
      const core = await setUp(() => [text('Half'), text(' more'), done]);
      const { run_id } = await core.runs.submit({ sessionId: 's', input: 'a' }, null);
      await core.step(steps);
      const ack = await core.runs.abort('s');
      expect(ack).toMatchObject({ status: 'aborted', run_id, synced: true });
      expect([...core.upstream.live.values()]).toEqual([0]);
      expect(core.names().filter((name) => name === 'abort.completed')).toHaveLength(1);
      expect(core.store.runs.get(run_id)?.status).toBe('interrupted');
      await core.step(3);
      expect(core.names().at(-1)).toBe('abort.completed');
    });
  }

  it('[E4-01] a stop with nothing to stop changes nothing', async () => {
    const core = await setUp(() => [text('x'), done]);
    expect(await core.runs.abort('s')).toMatchObject({ status: 'ignored', run_id: null });
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.step(3);
    const before = core.names().length;
    expect(await core.runs.abort('s')).toMatchObject({ status: 'ignored' });
    expect(core.names()).toHaveLength(before);
  });

  it('[E4-02] an upstream that never confirms is let go after the grace, visibly', async () => {
    const core = await setUp(() => [text('Half'), text(' more'), done], { style: 'stop-request' });
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.step(2);
    const stopped = core.runs.abort('s');
    await core.step(0);
    for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(core.upstream.stopRequests).toBe(1);
    core.clock.advance(5000);
    expect(await stopped).toMatchObject({ status: 'aborted', synced: false });
    expect(core.names()).toContain('abort.timeout');
    expect(core.names().at(-1)).toBe('abort.completed');
  });

  it('[E4-02] [E4-04] an upstream that confirms early ends the wait early', async () => {
    const core = await setUp(() => [text('Half'), text(' more'), done], { style: 'stop-request' });
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.step(2);
    const stopped = core.runs.abort('s');
    await core.step(2);
    expect(await stopped).toMatchObject({ synced: true });
    expect(core.names()).not.toContain('abort.timeout');
  });

  it('[E4-03] [BUG-A5] what the upstream still says while it is being stopped is stored, and only the stop is told', async () => {
    const end: UpstreamEvent = {
      type: 'completed',
      output: 'The whole answer',
      finishReason: 'stop',
      usage: {
        input_tokens: 3,
        output_tokens: 4,
        total_tokens: 7,
        cache_read_tokens: null,
        cache_write_tokens: null,
        reasoning_tokens: null,
      },
    };
    const core = await setUp(() => [end], { style: 'stop-request' });
    const { run_id } = await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.step(1);
    const run = core.upstream;
    // The upstream ignores the stop and completes.
    run.ignoreStop = true;
    const stopped = core.runs.abort('s');
    await core.step(2);
    await stopped;
    expect(core.names()).not.toContain('run.completed');
    expect(core.store.messages.all('s').map((row) => row.content)).toEqual(['a', 'The whole answer']);
    expect(core.store.runs.get(run_id)?.usage?.total_tokens).toBe(7);
  });

  it('[E4-05] [BUG-A4] a second stop joins the first', async () => {
    const core = await setUp(() => [text('Half'), text(' more'), done]);
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.step(2);
    const answers = await Promise.all([core.runs.abort('s'), core.runs.abort('s'), core.runs.abort('s')]);
    expect(answers.slice(1)).toEqual([answers[0], answers[0]]);
    expect(core.names().filter((name) => name.startsWith('abort.'))).toEqual(['abort.started', 'abort.completed']);
  });

  it('[E4-06] the partial answer is stored before the upstream is told to stop', async () => {
    const core = await setUp(() => [text('Half'), text(' more'), done], { style: 'stop-request' });
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.step(3);
    let storedAtStop: string[] = [];
    core.upstream.onStop = () => {
      storedAtStop = core.store.events
        .after('s', 0, 100)
        .flatMap((event) => (event.event === 'message.delta' ? [event.delta] : []));
    };
    const stopped = core.runs.abort('s');
    await core.step(2);
    await stopped;
    expect(storedAtStop.join('')).toBe('Half more');
  });

  it('[E4-07] a stop leaves the queue alone: the next message starts, and the answer counts what waited', async () => {
    const core = await setUp((input) => [text(input), done]);
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.runs.submit({ sessionId: 's', input: 'b' }, null);
    await core.step(1);
    await core.runs.abort('s');
    await core.step(3);
    expect(core.events.find((event) => event.event === 'abort.completed')).toMatchObject({ queue_length: 1 });
    expect(core.upstream.inputs).toEqual(['a', 'b']);
  });

  it('[E4-07] with the setting, a stop also pauses the queue', async () => {
    const core = await setUp((input) => [text(input), done], { settings: { stopPausesQueue: true } });
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.runs.submit({ sessionId: 's', input: 'b' }, null);
    await core.step(1);
    await core.runs.abort('s');
    await core.step(2);
    expect(core.upstream.inputs).toEqual(['a']);
    expect(core.events.at(-1)).toMatchObject({ event: 'queue.paused', reason: 'user' });
  });

  it('[E4-08] a stop for a run that is over does not reach the next one', async () => {
    const core = await setUp((input) => [text(input), done]);
    const first = await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.runs.submit({ sessionId: 's', input: 'b' }, null);
    await core.step(3);
    expect(await core.runs.abort('s', first.run_id)).toMatchObject({ status: 'ignored' });
    await core.step(3);
    expect(core.names().filter((name) => name === 'run.completed')).toHaveLength(2);
  });

  it('[E5-01] an unknown session is an empty state, not an error', async () => {
    const core = await setUp(() => [done]);
    expect(core.runs.snapshot('nobody')).toMatchObject({
      messages: [],
      isWorking: false,
      state: 'idle',
      lastSeq: 0,
      queueLength: 0,
    });
  });

  it('[E5-02] [decision 13] a snapshot in the middle of a stream and the events after it make the whole', async () => {
    const core = await setUp(() => [text('one '), text('two '), done]);
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.step(2);
    const snapshot = core.runs.snapshot('s');
    expect(snapshot).toMatchObject({ isWorking: true, state: 'running', lastSeq: 3 });
    expect(snapshot.messages.map((row) => row.content)).toEqual(['a', 'one ']);
    await core.step(2);
    const rest = core.runs.eventsAfter('s', snapshot.lastSeq);
    expect(rest?.map((event) => event.seq)).toEqual([4, 5, 6]);
    expect(core.runs.snapshot('s').messages.map((row) => row.content)).toEqual(['a', 'one two ']);
  });

  it('[E5-03] a position that never was is refused, so that the caller takes a whole snapshot', async () => {
    const core = await setUp(() => [text('x'), done]);
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.step(3);
    expect(core.runs.eventsAfter('s', 99)).toBeNull();
    expect(core.runs.eventsAfter('s', 5)).toEqual([]);
    expect(core.runs.eventsAfter('s', 0)).toHaveLength(5);
  });

  it('[E5-06] [E5-07] [BUG-A6] a killed process loses no character that was told, and says that it was interrupted', async () => {
    const core = await setUp(() => [text('one '), text('two '), done]);
    const { run_id } = await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.step(2);
    const told = core.events.flatMap((event) => (event.event === 'message.delta' ? [event.delta] : [])).join('');
    expect(told).toBe('one ');
    const again = await core.reopen();
    expect(again.store.messages.all('s').map((row) => [row.role, row.content, row.finish_reason])).toEqual([
      ['user', 'a', null],
      ['assistant', 'one ', 'interrupted'],
    ]);
    expect(again.store.runs.get(run_id)).toMatchObject({ status: 'interrupted', errorInfo: { code: 'interrupted' } });
    expect(again.runs.snapshot('s')).toMatchObject({ isWorking: false, state: 'idle' });
  });

  it('[E3-05] [BUG-A2] the queue survives a kill, stands still, and goes on in its order when told', async () => {
    const core = await setUp((input) => [text(input), done]);
    for (const name of ['a', 'b', 'c']) await core.runs.submit({ sessionId: 's', input: name }, null);
    await core.step(1);
    const again = await core.reopen();
    await again.step(3);
    expect(again.upstream.inputs).toEqual([]);
    expect(again.runs.snapshot('s')).toMatchObject({ queuePaused: 'restart', queueLength: 2 });
    await again.runs.resumeQueue('s');
    await again.step(6);
    expect(again.upstream.inputs).toEqual(['b', 'c']);
  });

  it('[E8-10] taking an answer back restores the bytes of the state before it, and keeps the spend', async () => {
    const spent: UpstreamEvent = {
      type: 'completed',
      output: null,
      finishReason: 'stop',
      usage: {
        input_tokens: 1,
        output_tokens: 2,
        total_tokens: 3,
        cache_read_tokens: null,
        cache_write_tokens: null,
        reasoning_tokens: null,
      },
    };
    const core = await setUp((input) => [text(input), spent]);
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.step(3);
    const state = () =>
      JSON.stringify([core.store.messages.all('s'), { ...core.store.sessions.get('s'), last_seq: 0 }]);
    const before = state();
    core.clock.advance(1000);
    const second = await core.runs.submit({ sessionId: 's', input: 'b' }, null);
    await core.step(3);
    expect(state()).not.toBe(before);
    await core.runs.rollBack('s', second.run_id);
    expect(state()).toBe(before);
    expect(core.store.runs.get(second.run_id)).toMatchObject({
      status: 'error',
      error: 'Rolled back by user',
      usage: { total_tokens: 3 },
    });
    expect(core.names().at(-1)).toBe('run.rolled_back');
    await expect(core.runs.rollBack('s', second.run_id)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('[E8-28] [BUG-A41] deleting a conversation in mid-answer stops the answer first and leaves nothing behind', async () => {
    const core = await setUp((input) => [text(input), text('more'), done]);
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.runs.submit({ sessionId: 's', input: 'b' }, null);
    await core.step(2);
    await core.runs.deleteSession('s');
    await core.step(4);
    for (const table of ['sessions', 'messages', 'runs', 'run_events', 'queued_runs', 'messages_fts']) {
      expect(core.store.db.prepare(`select count(*) from ${table}`).pluck().get(), table).toBe(0);
    }
    expect([...core.upstream.live.values()]).toEqual([0]);
    expect(core.errors).toEqual([]);
  });

  it('[E2-03] a run without a session tells only its caller and stores nothing', async () => {
    const core = await setUp(() => [text('x'), done]);
    const heard: string[] = [];
    const run = core.runs.startOneShot({ input: 'a' }, null, (event) =>
      heard.push(`${event.seq} ${event.event} ${event.session_id}`),
    );
    const ended = run.execute();
    await core.step(3);
    await ended;
    expect(heard).toEqual(['1 run.started null', '2 message.delta null', '3 run.completed null']);
    expect(core.store.db.prepare('select count(*) from runs').pluck().get()).toBe(0);
  });

  it('[BUG-A42] when settling itself fails, the run still ends visibly and the queue waits', async () => {
    const core = await setUp((input) => [text(input), done]);
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.runs.submit({ sessionId: 's', input: 'b' }, null);
    await core.step(2);
    core.store.db.exec(
      "create trigger refuse before insert on messages when new.role = 'assistant' begin select raise(abort, 'no'); end",
    );
    await core.step(1);
    expect(core.events.filter((event) => event.event === 'run.failed')).toHaveLength(1);
    expect(core.runs.snapshot('s')).toMatchObject({ isWorking: false, queuePaused: 'failure', queueLength: 1 });
    expect(core.errors.length).toBeGreaterThan(0);
  });

  it('[E5-09] a session at rest is forgotten at once, and comes back unnoticed', async () => {
    const core = await setUp(() => [text('x'), done]);
    for (let index = 0; index < 200; index++) {
      await core.runs.submit({ sessionId: `s${index}`, input: 'a' }, null);
      await core.step(3);
    }
    expect(core.runs.actorCount).toBe(0);
    expect(core.runs.snapshot('s0').messages).toHaveLength(2);
  });
});
