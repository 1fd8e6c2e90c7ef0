import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeUpstream } from '../../../../e2e/fake-upstream/fake-upstream.ts';
import {
  approval,
  cancel,
  cut,
  cutMidCharacter,
  endStream,
  fail,
  finish,
  frame,
  raw,
  reasoning,
  type Script,
  type Step,
  stall,
  text,
  toolEnd,
  toolStart,
  waitForRelease,
} from '../../../../e2e/fake-upstream/script.ts';
import { AbortReason } from '../../../platform/app-failure.ts';
import { ManualClock } from '../../../platform/clock.ts';
import {
  contextOf,
  eventsOf,
  Reading,
  reasoningOf,
  rejectionOf,
  requestOf,
  SECRET,
  terminalOf,
  textOf,
} from '../../testing/calls.ts';
import type { UpstreamRequest, UpstreamRun } from '../../upstream-adapter.ts';
import { adapterFor } from '../registry.ts';
import { UNREACHABLE_LIMIT_MS } from './hermes-run.ts';

const hermes = adapterFor('hermes');
let fake: FakeUpstream;

beforeEach(async () => {
  fake = await FakeUpstream.start();
});

afterEach(() => fake.close());

const start = (
  script: Script | Step[] | null,
  fields: Parameters<typeof contextOf>[2] = {},
  request: Partial<UpstreamRequest> = {},
): Promise<UpstreamRun> => {
  if (script !== null) fake.next(script);
  return hermes.start(requestOf(request), contextOf('hermes', fake.url, fields));
};

const idOf = (run: UpstreamRun): string => run.upstreamRunId ?? '';

/** Moves the clock until the run is over, so that polling takes no real time. */
async function hurry(clock: ManualClock, reading: Reading, stepMs = 1000): Promise<void> {
  let isOver = false;
  void reading.done.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    clock.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('the request', () => {
  test('[E9-05] our history goes out explicitly, under a throw-away session and an idempotency key', async () => {
    const run = await start(
      [text('ok')],
      {},
      {
        runId: 'our-run',
        instructions: 'Be brief.',
        parameters: { reasoningEffort: 'high' },
        history: [
          { role: 'user', content: 'q1', parts: null },
          {
            role: 'assistant',
            content: '',
            toolCalls: [{ id: 'c', type: 'function', function: { name: 'ls', arguments: '{}' } }],
          },
          { role: 'tool', content: 'a.txt', toolCallId: 'c', toolName: 'ls' },
          { role: 'assistant', content: 'a1', toolCalls: null },
        ],
        input: {
          content: 'look',
          blocks: [
            { type: 'text', text: 'look' },
            { type: 'image', name: 'x.png', path: '/tmp/x.png', media_type: 'image/png' },
          ],
        },
      },
    );
    await eventsOf(run);
    const sent = fake.requestsTo('POST', '/v1/runs')[0];
    expect(sent?.body).toEqual({
      input: 'look\n[Image: /tmp/x.png]',
      session_id: 'sluice_our-run',
      conversation_history: [
        { role: 'user', content: 'q1' },
        { role: 'user', content: '[Tool result: ls]\na.txt' },
        { role: 'assistant', content: 'a1' },
      ],
      instructions: 'Be brief.',
      model: 'test-model',
      model_options: { reasoning_effort: 'high' },
    });
    expect(sent?.headers).toMatchObject({ 'idempotency-key': 'our-run', authorization: `Bearer ${SECRET}` });
    expect(fake.requestsTo('GET', /events$/)[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
    expect(fake.requestsTo('GET', /events$/)[0]?.path).not.toContain(SECRET);
  });

  test('[E2-12] an accepted run without an id is a failure of its own', async () => {
    const failure = await rejectionOf(start({ steps: [], withoutRunId: true }));
    expect(failure).toMatchObject({ code: 'upstream_no_run_id' });
    expect((failure as Error).message).toContain('No run_id in upstream response');
  });
});

describe('the stream', () => {
  test('[BUG-B6] both names of reasoning, both names of its field, and the end of thinking', async () => {
    const run = await start([
      reasoning('a'),
      frame({ event: 'thinking.delta', delta: 'b' }),
      { do: 'reasoningAvailable', text: 'The ans' },
      text('The answer'),
    ]);
    const events = await eventsOf(run);
    expect(reasoningOf(events)).toBe('ab');
    expect(events).toContainEqual({ type: 'reasoning-end', text: 'The ans' });
    expect(textOf(events)).toBe('The answer');
  });

  test('[BUG-A39] a part that is no valid data is told, and its text comes with the end', async () => {
    const events = await eventsOf(
      await start([
        text('The '),
        raw('data: {"event":"message.delta","delta":"ans\n\n'),
        raw('data: 7\n\n'),
        text('wer'),
      ]),
    );
    expect(events.filter((event) => event.type === 'unreadable')).toHaveLength(2);
    expect(textOf(events)).toBe('The wer');
    expect(terminalOf(events)).toMatchObject({ type: 'completed' });
  });

  test('[BUG-B2] tools without ids, arguments and outputs, as the runs API gives them', async () => {
    const events = await eventsOf(
      await start([
        toolStart('bash', { preview: 'ls' }),
        toolEnd('bash', { durationSeconds: 1.25, isError: true }),
        text('x'),
      ]),
    );
    expect(events).toContainEqual({ type: 'tool-start', callId: null, name: 'bash', preview: 'ls', arguments: null });
    expect(events).toContainEqual({
      type: 'tool-end',
      callId: null,
      name: 'bash',
      durationSeconds: 1.25,
      isError: true,
      output: null,
    });
  });

  test('events that nobody knows and frames that are no JSON pass without harm', async () => {
    const events = await eventsOf(
      await start([
        frame({ event: 'subagent.start', goal: 'x' }),
        raw('data: {oops\n\n'),
        raw('data: 7\n\n'),
        text('fine'),
      ]),
    );
    expect(events.map((event) => event.type)).toEqual(['unreadable', 'unreadable', 'text', 'completed']);
  });

  test('[E2-11] the closing output comes with the terminal event and is not said twice', async () => {
    const events = await eventsOf(
      await start([text('all '), text('of it'), finish({ usage: { input: 5, output: 2 } })]),
    );
    expect(textOf(events)).toBe('all of it');
    expect(terminalOf(events)).toMatchObject({ output: 'all of it', usage: { input_tokens: 5, output_tokens: 2 } });
  });

  test('frames with a name of their own are heard as well', async () => {
    const named = frame({ event: 'message.delta', delta: 'named ' }, 'message.delta');
    expect(textOf(await eventsOf(await start([named, text('and not')])))).toBe('named and not');
  });

  test('[E2-13] [BUG-A10] a run that was cancelled elsewhere ends as cancelled', async () => {
    const events = await eventsOf(await start([text('a'), { do: 'cancel' }]));
    expect(terminalOf(events)).toEqual({ type: 'cancelled', usage: null });
  });

  test('a failed run keeps the upstream’s reason in its sentence', async () => {
    const terminal = terminalOf(await eventsOf(await start([fail('no such tool')])));
    expect(terminal).toMatchObject({ type: 'failed', error: { code: 'upstream_error' } });
    expect(terminal.type === 'failed' && terminal.error.message).toContain('no such tool');
  });
});

describe('[E2-15] [BUG-A9] a lost stream is no lost run', () => {
  test.each([
    ['a cut', cut()],
    ['a cut in the middle of a character', cutMidCharacter()],
    ['an orderly end without a last word', endStream()],
  ])('%s is polled to the whole answer, over one event connection and one run', async (_name, lost) => {
    const clock = new ManualClock();
    const reading = new Reading(
      await start(
        [
          text('Hello '),
          lost,
          text('wor'),
          waitForRelease('go'),
          text('ld'),
          finish({ usage: { input: 1, output: 2 } }),
        ],
        { clock },
      ),
    );
    await vi.waitFor(() => expect(fake.requestsTo('GET', /run_[0-9a-f]+$/).length).toBeGreaterThan(0));
    fake.release('go');
    await hurry(clock, reading);
    expect(textOf(reading.events)).toBe('Hello world');
    expect(terminalOf(reading.events)).toMatchObject({
      type: 'completed',
      output: 'Hello world',
      usage: { input_tokens: 1 },
    });
    expect(fake.recorder).toMatchObject({ eventConnections: 1, startedRuns: 1 });
    expect(fake.stops).toHaveLength(0);
  });

  test('[decision 34] the event source never reconnects by itself', async () => {
    const clock = new ManualClock();
    const reading = new Reading(await start([raw('retry: 1\n\n'), text('a'), cut(), waitForRelease('go')], { clock }));
    await fake.gates.reached('go');
    await new Promise((resolve) => setTimeout(resolve, 60));
    fake.release('go');
    await hurry(clock, reading);
    expect(fake.recorder.eventConnections).toBe(1);
  });

  test('an event stream that answers with another media type is polled', async () => {
    const clock = new ManualClock();
    const reading = new Reading(await start({ steps: [text('hi'), finish()], contentType: 'text/plain' }, { clock }));
    await hurry(clock, reading);
    expect(textOf(reading.events)).toBe('hi');
  });

  test('[E2-22] silence is a lost stream, not a failed run', async () => {
    const clock = new ManualClock();
    const run = await start([text('a'), waitForRelease('go'), text('b')], { clock });
    const reading = new Reading(run);
    await reading.until((events) => textOf(events) === 'a');
    clock.advance(5000);
    await vi.waitFor(() => expect(fake.requestsTo('GET', /run_[0-9a-f]+$/).length).toBeGreaterThan(0));
    fake.release('go');
    await hurry(clock, reading);
    expect(textOf(reading.events)).toBe('ab');
    expect(fake.stops).toHaveLength(0);
  });

  test.each([
    ['failed', [cut(), fail('broke')], { type: 'failed', error: { code: 'upstream_error' } }],
    ['cancelled', [cut(), { do: 'cancel' }], { type: 'cancelled' }],
    [
      'interrupted',
      { steps: [cut(), finish()], finalStatus: 'interrupted' },
      { type: 'failed', error: { code: 'interrupted' } },
    ],
  ] satisfies [string, Script | Step[], object][])('the status %s ends the run', async (_status, script, terminal) => {
    const clock = new ManualClock();
    const reading = new Reading(await start(script, { clock }));
    await hurry(clock, reading);
    expect(terminalOf(reading.events)).toMatchObject(terminal);
  });

  test('errors of the status requests are waited out', async () => {
    const clock = new ManualClock();
    fake.nextStatus(
      { status: 500 },
      { status: 404 },
      { status: 200, body: '<html>' },
      { status: 429 },
      { status: 404 },
    );
    const reading = new Reading(await start([text('a'), cut(), text('b')], { clock }));
    await hurry(clock, reading);
    expect(textOf(reading.events)).toBe('ab');
  });

  test('an agent that no longer knows the run loses it', async () => {
    const clock = new ManualClock();
    const run = await start([text('a'), cut(), waitForRelease('never')], { clock });
    const reading = new Reading(run);
    await fake.gates.reached('never');
    fake.forgetRun(idOf(run));
    await hurry(clock, reading);
    expect(textOf(reading.events)).toBe('a');
    expect(terminalOf(reading.events)).toMatchObject({ type: 'failed', error: { code: 'upstream_lost' } });
  });

  test('an agent that is away for five minutes loses the run, and is told to stop', async () => {
    const clock = new ManualClock();
    const run = await start([text('a'), cut(), waitForRelease('never')], { clock });
    const reading = new Reading(run);
    await fake.gates.reached('never');
    fake.setStatus({ status: 502 });
    const startMs = clock.now();
    await hurry(clock, reading, 5000);
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(UNREACHABLE_LIMIT_MS);
    expect(terminalOf(reading.events)).toMatchObject({ type: 'failed', error: { code: 'upstream_lost' } });
    await vi.waitFor(() => expect(fake.stops).toHaveLength(1));
  });

  test('a key that is refused while polling ends the run at once', async () => {
    const clock = new ManualClock();
    fake.nextStatus({ status: 401 });
    const reading = new Reading(await start([text('a'), cut(), waitForRelease('never')], { clock }));
    await hurry(clock, reading);
    expect(terminalOf(reading.events)).toMatchObject({ type: 'failed', error: { code: 'upstream_auth' } });
  });

  test('[E2-22] the whole run has a deadline, and the agent is told', async () => {
    const clock = new ManualClock();
    const reading = new Reading(
      await start([text('a'), stall()], { clock, deadlines: { totalTimeoutMs: 60_000, idleTimeoutMs: 90_000 } }),
    );
    await reading.until((events) => events.length > 0);
    clock.advance(60_000);
    await hurry(clock, reading);
    expect(terminalOf(reading.events)).toMatchObject({ type: 'failed', error: { code: 'timeout' } });
    await vi.waitFor(() => expect(fake.stops).toHaveLength(1));
  });

  test('an abort while polling ends at once and tells the agent nothing', async () => {
    const controller = new AbortController();
    const clock = new ManualClock();
    const reading = new Reading(
      await start([text('a'), cut(), waitForRelease('never')], { clock, signal: controller.signal }),
    );
    await vi.waitFor(() => expect(fake.requestsTo('GET', /run_[0-9a-f]+$/).length).toBeGreaterThan(0));
    controller.abort(new AbortReason('shutdown'));
    await reading.done;
    expect(terminalOf(reading.events).type).toBe('cancelled');
    expect(fake.stops).toHaveLength(0);
  });
});

test('[BUG-B5] a run that completes with nothing says so, and nothing is made up for it', async () => {
  const events = await eventsOf(await start([finish({ output: '' })]));
  expect(events).toEqual([{ type: 'completed', output: '', finishReason: 'stop', usage: null }]);
});

test('[BUG-B8] a cancelled run has the figures that came before its end, or none', async () => {
  expect(terminalOf(await eventsOf(await start([text('a'), cancel()])))).toEqual({ type: 'cancelled', usage: null });
});

describe('stop', () => {
  test('[E4-02] is told to the agent within 100 ms, and the events go on to its own end', async () => {
    const run = await start([text('a'), stall()]);
    const reading = new Reading(run);
    await reading.until((events) => events.length > 0);
    const atMs = performance.now();
    expect(await run.stop()).toBe('stopping');
    expect((fake.stops[0]?.atMs ?? 0) - atMs).toBeLessThan(100);
    await reading.done;
    expect(terminalOf(reading.events).type).toBe('cancelled');
  });

  test('[BUG-A4] a second stop joins the first', async () => {
    const run = await start([text('a'), stall()]);
    const reading = new Reading(run);
    expect(await Promise.all([run.stop(), run.stop()])).toEqual(['stopping', 'stopping']);
    await reading.done;
    expect(fake.stops).toHaveLength(1);
  });

  test('of a run that is over says so', async () => {
    const run = await start([text('a')]);
    await eventsOf(run);
    expect(await run.stop()).toBe('stopped');
  });

  test('of a run that nobody knows is gone', async () => {
    const run = await start([stall()]);
    fake.forgetRun(idOf(run));
    expect(await run.stop()).toBe('gone');
  });

  test('[BUG-B3] a 404 from an agent that has only forgotten how to stop is no success', async () => {
    const run = await start({ steps: [text('a'), waitForRelease('go')], onStop: 'unknown' });
    expect(await run.stop()).toBe('failed');
    fake.release('go');
    expect(terminalOf(await eventsOf(run)).type).toBe('completed');
  });

  test('[E2-22] is bounded by 10 s when the agent does not answer', async () => {
    const clock = new ManualClock();
    const run = await start({ steps: [stall()], onStop: 'hang' }, { clock });
    const stopping = run.stop();
    await vi.waitFor(() => expect(fake.stops).toHaveLength(1));
    clock.advance(10_000);
    expect(await stopping).toBe('failed');
  });

  test('[BUG-B4] [E4-02] an end that the stream does not tell is found by polling', async () => {
    const clock = new ManualClock();
    const run = await start({ steps: [text('a'), stall()], onStop: 'ignore' }, { clock });
    const reading = new Reading(run);
    await reading.until((events) => events.length > 0);
    fake.setStatus({ status: 200, body: JSON.stringify({ run_id: idOf(run), status: 'cancelled' }) });
    expect(await run.stop()).toBe('stopping');
    let isOver = false;
    void reading.done.then(() => {
      isOver = true;
    });
    await vi.waitFor(() => {
      clock.advance(250);
      expect(isOver).toBe(true);
    });
    expect(terminalOf(reading.events).type).toBe('cancelled');
  });

  test('[E4-02] [E4-04] what the agent still writes while it stops is read to its end', async () => {
    const clock = new ManualClock();
    const steps = [text('a'), waitForRelease('late'), text(' and the last words'), cancel()];
    const run = await start({ steps, onStop: 'ignore' }, { clock });
    const reading = new Reading(run);
    await reading.until((events) => events.length > 0);
    expect(await run.stop()).toBe('stopping');
    const looks = () => fake.requestsTo('GET', /\/v1\/runs\/[^/]+$/).length;
    await vi.waitFor(() => {
      clock.advance(1000);
      expect(looks()).toBeGreaterThanOrEqual(2);
    });
    fake.release('late');
    await reading.done;
    const said = reading.events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('');
    expect(said).toBe('a and the last words');
    expect(terminalOf(reading.events).type).toBe('cancelled');
  });

  test('still works after the run was let go', async () => {
    const controller = new AbortController();
    const run = await start([stall()], { signal: controller.signal });
    controller.abort(new AbortReason('grace-over'));
    expect(await run.stop()).toBe('stopping');
  });
});

describe('[E2-16] approvals', () => {
  const asked = (reading: Reading) => reading.events.filter((event) => event.type === 'approval-request');

  test('are asked, answered and echoed, with the upstream’s own id', async () => {
    const run = await start([approval('rm -r x', { id: 'req-1', choices: ['once', 'deny'] }), text('done')]);
    const reading = new Reading(run);
    await reading.until((events) => events.length > 0);
    expect(asked(reading)).toEqual([
      {
        type: 'approval-request',
        approvalId: 'req-1',
        command: 'rm -r x',
        description: 'rm -r x',
        choices: ['once', 'deny'],
      },
    ]);
    expect(await run.approve?.('req-1', 'once', false)).toEqual({ resolved: 1 });
    await reading.done;
    expect(fake.requestsTo('POST', /approval$/)[0]?.body).toEqual({ choice: 'once', request_id: 'req-1' });
    expect(reading.events).toContainEqual({
      type: 'approval-resolved',
      approvalId: 'req-1',
      choice: 'once',
      resolved: 1,
    });
    expect(textOf(reading.events)).toBe('done');
  });

  test('without an id get one of ours, which the upstream never sees', async () => {
    const run = await start([approval('ls'), approval('pwd'), text('done')]);
    const reading = new Reading(run);
    for (const count of [1, 2]) {
      await reading.until(() => asked(reading).length === count);
      const id = (asked(reading)[count - 1] as { approvalId: string }).approvalId;
      expect(id).toBe(`${idOf(run)}-approval-${count}`);
      await run.approve?.(id, 'session', count === 2);
    }
    await reading.done;
    expect(fake.requestsTo('POST', /approval$/).map((sent) => sent.body)).toEqual([
      { choice: 'session' },
      { choice: 'session', all: true },
    ]);
  });

  test('a late answer is a conflict', async () => {
    const run = await start([text('a'), stall()]);
    expect(await rejectionOf(run.approve?.('x', 'once', false) ?? Promise.resolve())).toMatchObject({
      code: 'conflict',
    });
    await run.stop();
    fake.forgetRun(idOf(run));
    expect(await rejectionOf(run.approve?.('x', 'once', false) ?? Promise.resolve())).toMatchObject({
      code: 'conflict',
    });
  });

  test('[BUG-B9] a lost stream does not hide what is waited for, nor ask for it twice', async () => {
    const clock = new ManualClock();
    const run = await start([text('a'), cut(), approval('ls', { id: 'r' }), text('b')], { clock });
    const reading = new Reading(run);
    await vi.waitFor(() => {
      clock.advance(500);
      expect(asked(reading)).toHaveLength(1);
    });
    const polls = fake.requestsTo('GET', /run_[0-9a-f]+$/).length;
    await vi.waitFor(() => {
      clock.advance(5000);
      expect(fake.requestsTo('GET', /run_[0-9a-f]+$/).length).toBeGreaterThan(polls + 1);
    });
    await run.approve?.('r', 'deny', false);
    await hurry(clock, reading);
    expect(asked(reading)).toHaveLength(1);
    expect(textOf(reading.events)).toBe('ab');
  });
});

describe('attach', () => {
  const attach = (id: string, clock: ManualClock, url = fake.url) =>
    hermes.attach?.(id, contextOf('hermes', url, { clock }));

  test('takes up a running run by polling and adds no text of its own', async () => {
    const clock = new ManualClock();
    const first = await start([text('old '), waitForRelease('go'), text('new')]);
    const run = await attach(idOf(first), clock);
    expect(run).toMatchObject({ upstreamRunId: first.upstreamRunId, status: 'running' });
    if (run === null || run === undefined) throw new Error('not attached');
    const reading = new Reading(run);
    fake.release('go');
    await hurry(clock, reading);
    expect(reading.events).toMatchObject([{ type: 'completed', output: 'old new' }]);
    expect(fake.recorder.eventConnections).toBe(0);
  });

  test('is null for a run that the agent does not know', async () => {
    expect(await attach('run_unknown', new ManualClock())).toBeNull();
  });

  test('waits for an agent that is not up yet', async () => {
    const clock = new ManualClock();
    const first = await start([text('done')]);
    await eventsOf(first);
    fake.nextStatus({ status: 503 });
    const run = await attach(idOf(first), clock);
    if (run === null || run === undefined) throw new Error('not attached');
    const reading = new Reading(run);
    await hurry(clock, reading);
    expect(terminalOf(reading.events)).toMatchObject({ type: 'completed', output: 'done' });
  });

  test('[E5-06] waits 1 s for the agent to say whether it has the run, and polls then', async () => {
    const clock = new ManualClock();
    const first = await start([text('done')]);
    await eventsOf(first);
    fake.holdStatus('never');
    const attaching = attach(idOf(first), clock);
    await fake.gates.reached('never');
    clock.advance(1000);
    const run = await attaching;
    expect(run).toMatchObject({ status: 'unknown' });
    if (run === null || run === undefined) throw new Error('not attached');
    fake.holdStatus(null);
    const reading = new Reading(run);
    await hurry(clock, reading);
    expect(terminalOf(reading.events)).toMatchObject({ type: 'completed', output: 'done' });
  });

  test('fails where the key is refused', async () => {
    fake.nextStatus({ status: 403 });
    expect(await rejectionOf(attach('run_x', new ManualClock()) ?? Promise.resolve())).toMatchObject({
      code: 'upstream_auth',
    });
  });
});

test('an agent of the first era answers the same', async () => {
  fake.pretendEraOne();
  expect(textOf(await eventsOf(await start([text('a'), text('b')])))).toBe('ab');
});

describe('words of others and words that come late', () => {
  test('[E4-01] [BUG-A3] a run that is accepted after the stop was given up is stopped at once', async () => {
    const controller = new AbortController();
    fake.holdBodies('late');
    const starting = start([stall()], { signal: controller.signal });
    starting.catch(() => undefined);
    await vi.waitFor(() => expect(fake.requestsTo('POST', '/v1/runs')).toHaveLength(1));
    controller.abort(new AbortReason('grace-over'));
    await expect(starting).rejects.toMatchObject({ kind: 'grace-over' });
    expect(fake.stops).toHaveLength(0);
    fake.release('late');
    await vi.waitFor(() => expect(fake.stops).toHaveLength(1));
  });

  test('[BUG-B1] events of another run are nothing of ours', async () => {
    const run = await start([
      text('mine '),
      frame({ event: 'message.delta', run_id: 'run_other', delta: 'ALIEN ' }),
      frame({ event: 'run.failed', run_id: 'run_other', error: 'not ours' }),
      text('end'),
    ]);
    const events = await eventsOf(run);
    expect(textOf(events)).toBe('mine end');
    expect(terminalOf(events).type).toBe('completed');
  });
});
