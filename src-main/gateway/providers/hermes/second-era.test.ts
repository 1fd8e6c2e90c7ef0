import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ERA_TWO } from '../../../../e2e/fake-upstream/capabilities.ts';
import { FakeUpstream } from '../../../../e2e/fake-upstream/fake-upstream.ts';
import {
  answer,
  approval,
  awaitSteer,
  clarify,
  cut,
  finish,
  frame,
  type Script,
  type Step,
  stall,
  text,
  toolEnd,
  toolStart,
  waitForRelease,
  webPage,
} from '../../../../e2e/fake-upstream/script.ts';
import { AbortReason } from '../../../platform/app-failure.ts';
import { ManualClock } from '../../../platform/clock.ts';
import { contextOf, eventsOf, Reading, rejectionOf, requestOf, terminalOf, textOf } from '../../testing/calls.ts';
import type { UpstreamRun } from '../../upstream-adapter.ts';
import type { UpstreamEvent } from '../../upstream-event.ts';
import { adapterFor } from '../registry.ts';
import { readCapabilities } from './read-capabilities.ts';

const hermes = adapterFor('hermes');
const CAN_ALL = readCapabilities(ERA_TWO);
let fake: FakeUpstream;

beforeEach(async () => {
  fake = await FakeUpstream.start({ capabilities: ERA_TWO });
});

afterEach(() => fake.close());

const context = (fields: Parameters<typeof contextOf>[2] = {}) =>
  contextOf('hermes', fake.url, { capabilities: CAN_ALL, ...fields });

const start = (
  script: Script | Step[],
  fields: Parameters<typeof contextOf>[2] = {},
  runId = 'r1',
): Promise<UpstreamRun> => {
  fake.next(script);
  return hermes.start(requestOf({ runId }), context(fields));
};

const detailsOf = (events: readonly UpstreamEvent[]) =>
  events.flatMap((event) => (event.type === 'tool-details' ? event.calls : []));
const transcripts = () => fake.requestsTo('GET', /\/api\/sessions\//);

const withTools: Step[] = [
  toolStart('bash', { id: 'c1', arguments: '{"cmd":"ls"}' }),
  toolEnd('bash', { id: 'c1', output: 'a.txt' }),
  text('one file'),
];

describe('[decision 14] the details of tools', () => {
  test('[BUG-B2] are fetched from the session after the end, and told right before it', async () => {
    const run = await start({ steps: [...withTools, finish()], hidesToolDetails: true });
    expect(run.upstreamSessionId).toBe('sluice_r1');
    const events = await eventsOf(run);
    expect(events).toContainEqual({ type: 'tool-start', callId: null, name: 'bash', preview: null, arguments: null });
    expect(events.at(-2)).toEqual({
      type: 'tool-details',
      calls: [{ name: 'bash', callId: 'c1', arguments: '{"cmd":"ls"}', output: 'a.txt', isError: null }],
    });
    expect(terminalOf(events).type).toBe('completed');
    expect(transcripts().map((sent) => sent.path)).toEqual(['/api/sessions/sluice_r1/messages']);
  });

  test('are not asked for where the run used no tool', async () => {
    expect(detailsOf(await eventsOf(await start([text('hi')])))).toEqual([]);
    expect(transcripts()).toHaveLength(0);
  });

  test('are not asked for where the agent keeps no sessions to look into', async () => {
    const run = await start({ steps: [...withTools, finish()], hidesToolDetails: true }, { capabilities: null });
    expect(detailsOf(await eventsOf(run))).toEqual([]);
    expect(transcripts()).toHaveLength(0);
  });

  test.each([
    ['404', answer(404, { error: { message: 'gone' } })],
    ['500', answer(500, 'boom')],
    ['a web page', webPage()],
    ['half a JSON', answer(200, '{"data":[', { 'content-type': 'application/json' })],
    ['rows of another shape', answer(200, { data: [{ role: 'tool' }, 7] })],
    ['9 MiB', answer(200, { data: 'x'.repeat(9 * 1024 * 1024) })],
  ])('[E2-12] %s instead of them leaves the run completed and without them', async (_what, script) => {
    fake.nextSessionAnswer(script);
    const events = await eventsOf(await start({ steps: [...withTools, finish()], hidesToolDetails: true }));
    expect(detailsOf(events)).toEqual([]);
    expect(textOf(events)).toBe('one file');
    expect(terminalOf(events).type).toBe('completed');
  });

  test('[E2-22] an agent that never answers holds up the end for 3 s, and the text not at all', async () => {
    const clock = new ManualClock();
    fake.nextSessionAnswer({ steps: [], headersGate: 'never' });
    const reading = new Reading(await start(withTools, { clock }));
    await fake.gates.reached('never');
    await reading.until((events) => textOf(events) === 'one file');
    clock.advance(2999);
    expect(reading.events.some((event) => event.type === 'completed')).toBe(false);
    clock.advance(1);
    await reading.done;
    expect(terminalOf(reading.events).type).toBe('completed');
  });

  test('[E4-02] somebody who waits for a stop waits for them half a second at most', async () => {
    const clock = new ManualClock();
    fake.nextSessionAnswer({ steps: [], headersGate: 'never' });
    const run = await start([...withTools, stall()], { clock });
    const reading = new Reading(run);
    await reading.until((events) => textOf(events) === 'one file');
    await run.stop();
    await fake.gates.reached('never');
    clock.advance(500);
    await reading.done;
    expect(terminalOf(reading.events).type).toBe('cancelled');
  });

  test('an abort while they are fetched ends the run at once, as the agent said', async () => {
    const controller = new AbortController();
    fake.nextSessionAnswer({ steps: [], headersGate: 'never' });
    const reading = new Reading(await start(withTools, { signal: controller.signal }));
    await fake.gates.reached('never');
    const atMs = performance.now();
    controller.abort(new AbortReason('shutdown'));
    await reading.done;
    expect(performance.now() - atMs).toBeLessThan(100);
    expect(terminalOf(reading.events).type).toBe('completed');
  });

  test('[BUG-B1] are fetched where the stream was lost, for nobody saw what ran', async () => {
    const clock = new ManualClock();
    const reading = new Reading(await start([text('a'), cut(), ...withTools], { clock }));
    let isOver = false;
    void reading.done.finally(() => {
      isOver = true;
    });
    await vi.waitFor(() => {
      clock.advance(500);
      expect(isOver).toBe(true);
    });
    expect(detailsOf(reading.events)).toMatchObject([{ callId: 'c1', output: 'a.txt' }]);
  });

  test('[E5-06] are fetched for a run that was taken up', async () => {
    const clock = new ManualClock();
    const first = await start({ steps: [...withTools, waitForRelease('go')], hidesToolDetails: true });
    const run = await hermes.attach?.(first.upstreamRunId ?? '', context({ clock }));
    if (run == null) throw new Error('not attached');
    expect(run.upstreamSessionId).toBe('sluice_r1');
    const reading = new Reading(run);
    fake.release('go');
    let isOver = false;
    void reading.done.finally(() => {
      isOver = true;
    });
    await vi.waitFor(() => {
      clock.advance(500);
      expect(isOver).toBe(true);
    });
    expect(detailsOf(reading.events)).toMatchObject([{ callId: 'c1' }]);
  });
});

describe('[E2-18] a message into the running answer', () => {
  test('is taken, reaches the agent, and its echo is not told again', async () => {
    const run = await start([text('a '), awaitSteer()]);
    const reading = new Reading(run);
    await reading.until((events) => textOf(events) === 'a ');
    expect(await run.steer?.('faster')).toBe(true);
    await reading.done;
    expect(textOf(reading.events)).toBe('a (steered: faster)');
    expect(reading.events.some((event) => event.type === 'steered')).toBe(false);
    expect(fake.requestsTo('POST', /steer$/)[0]?.body).toEqual({ input: 'faster' });
    expect(fake.recorder.steers).toMatchObject([{ text: 'faster', accepted: true }]);
  });

  test('is refused by a run that takes none, and goes to the queue', async () => {
    const run = await start({ steps: [text('a'), stall()], onSteer: 'refuse' });
    expect(await run.steer?.('faster')).toBe(false);
  });

  test('is refused by a run that is over, and by an agent that knows neither run nor way', async () => {
    const run = await start([text('a')]);
    await eventsOf(run);
    expect(await run.steer?.('late')).toBe(false);
    fake.forgetRun(run.upstreamRunId ?? '');
    expect(await run.steer?.('later')).toBe(false);
  });

  test('that the model never saw is told, so that it can be sent', async () => {
    const run = await start({ steps: [text('a'), waitForRelease('go'), finish()], onSteer: 'leave-unread' });
    const reading = new Reading(run);
    await reading.until((events) => events.length > 0);
    expect(await run.steer?.('too late')).toBe(true);
    fake.release('go');
    await reading.done;
    expect(reading.events).toContainEqual({ type: 'steered', text: 'too late', accepted: false });
    expect(terminalOf(reading.events).type).toBe('completed');
  });

  test('of somebody else is told', async () => {
    const events = await eventsOf(
      await start([frame({ event: 'run.steered', accepted: true, text: 'hi' }), text('a')]),
    );
    expect(events).toContainEqual({ type: 'steered', text: 'hi', accepted: true });
  });

  test('whose fate is unknown is a failure, not a refusal', async () => {
    const clock = new ManualClock();
    const run = await start([text('a'), stall()], { clock });
    fake.holdBodies('never');
    const steering = rejectionOf(run.steer?.('x') ?? Promise.resolve());
    await fake.gates.reached('never');
    clock.advance(10_000);
    expect(await steering).toMatchObject({ code: 'timeout' });
  });
});

describe('[E2-17] [BUG-A10] a question of the agent', () => {
  const asked = (reading: Reading) => reading.events.filter((event) => event.type === 'clarify-request');

  test('is asked, answered and echoed, with the agent’s own id', async () => {
    const run = await start([clarify('Which?', { id: 'q1', choices: ['a', 'b'] }), text('done')]);
    const reading = new Reading(run);
    await reading.until((events) => events.length > 0);
    expect(asked(reading)).toEqual([
      { type: 'clarify-request', clarifyId: 'q1', question: 'Which?', choices: ['a', 'b'] },
    ]);
    await run.clarify?.('q1', 'both');
    await reading.done;
    expect(fake.requestsTo('POST', /clarify$/)[0]?.body).toEqual({ clarify_id: 'q1', response: 'both' });
    expect(reading.events).toContainEqual({ type: 'clarify-resolved', clarifyId: 'q1', response: 'both' });
    expect(textOf(reading.events)).toBe('done');
  });

  test('without an id gets one of ours, which the agent never sees', async () => {
    const run = await start([clarify('Which?'), text('done')]);
    const reading = new Reading(run);
    await reading.until(() => asked(reading).length === 1);
    await run.clarify?.(`${run.upstreamRunId}-clarify-1`, 'a');
    await reading.done;
    expect(fake.requestsTo('POST', /clarify$/)[0]?.body).toEqual({ response: 'a' });
  });

  test('that is addressed by its request is answered by both names', async () => {
    const run = await start([frame({ event: 'clarify.request', request_id: 'q', question: 'x?' }), stall()]);
    const reading = new Reading(run);
    await reading.until(() => asked(reading).length === 1);
    await rejectionOf(run.clarify?.('q', 'a') ?? Promise.resolve());
    expect(fake.requestsTo('POST', /clarify$/)[0]?.body).toEqual({ clarify_id: 'q', request_id: 'q', response: 'a' });
    await run.stop();
    await reading.done;
  });

  test('a late answer, a second one and one to a question that nobody asked are conflicts', async () => {
    const run = await start([clarify('Which?', { id: 'q1' }), stall()]);
    const reading = new Reading(run);
    await reading.until(() => asked(reading).length === 1);
    const clarifying = (id: string) => rejectionOf(run.clarify?.(id, 'a') ?? Promise.resolve());
    expect(await clarifying('other')).toMatchObject({ code: 'conflict' });
    await run.clarify?.('q1', 'a');
    expect(await clarifying('q1')).toMatchObject({ code: 'conflict' });
    expect(fake.requestsTo('POST', /clarify$/)).toHaveLength(1);
    await run.stop();
    await reading.done;
  });

  test('an answer that the agent no longer takes is a conflict', async () => {
    const run = await start([frame({ event: 'clarify.request', clarify_id: 'q', question: 'x?' }), stall()]);
    const reading = new Reading(run);
    await reading.until(() => asked(reading).length === 1);
    expect(await rejectionOf(run.clarify?.('q', 'a') ?? Promise.resolve())).toMatchObject({ code: 'conflict' });
    await run.stop();
    await reading.done;
  });

  test('[BUG-B9] is found in the status where the stream was lost, and told once', async () => {
    const clock = new ManualClock();
    const run = await start([text('a'), cut(), clarify('Which?', { id: 'q1' }), text('b')], { clock });
    const reading = new Reading(run);
    const looks = () => fake.requestsTo('GET', /run_[0-9a-f]+$/).length;
    await vi.waitFor(() => {
      clock.advance(500);
      expect(asked(reading)).toHaveLength(1);
    });
    const before = looks();
    await vi.waitFor(() => {
      clock.advance(5000);
      expect(looks()).toBeGreaterThan(before + 1);
    });
    expect(asked(reading)).toHaveLength(1);
    await run.clarify?.('q1', 'a');
    let isOver = false;
    void reading.done.finally(() => {
      isOver = true;
    });
    await vi.waitFor(() => {
      clock.advance(1000);
      expect(isOver).toBe(true);
    });
    expect(textOf(reading.events)).toBe('ab');
  });
});

test('[E2-16] choices under other names are the four', async () => {
  const run = await start([approval('rm', { id: 'r', choices: ['approve', 'allow_always', 'reject'] }), text('x')]);
  const reading = new Reading(run);
  await reading.until((events) => events.length > 0);
  expect(reading.events[0]).toMatchObject({ type: 'approval-request', choices: ['once', 'always', 'deny'] });
  await run.approve?.('r', 'deny', false);
  await reading.done;
});

describe('[E8-29] [BUG-A34] throw-away sessions', () => {
  const remove = (id: string, fields: Parameters<typeof contextOf>[2] = {}) =>
    hermes.deleteSession?.(id, context(fields)) ?? Promise.resolve('absent');

  test('are deleted once; after that they are gone', async () => {
    const run = await start([text('a')]);
    await eventsOf(run);
    expect(await remove(run.upstreamSessionId ?? '')).toBe('deleted');
    expect(await remove(run.upstreamSessionId ?? '')).toBe('gone');
    expect(fake.recorder.deletedSessions).toEqual(['sluice_r1']);
  });

  test.each([
    ['204', answer(204), 'deleted'],
    ['405', answer(405, ''), 'unsupported'],
    ['501', answer(501, ''), 'unsupported'],
  ])('an agent that answers %s: %s', async (_status, script, outcome) => {
    fake.nextSessionAnswer(script);
    expect(await remove('sluice_x')).toBe(outcome);
  });

  test('an agent that fails is to be asked again', async () => {
    fake.nextSessionAnswer(answer(500, 'boom'));
    expect(await rejectionOf(remove('sluice_x'))).toMatchObject({ code: 'upstream_error' });
  });

  test('an agent that does not offer it is not told to', async () => {
    fake.pretendEraOne();
    expect(await remove('sluice_x', { capabilities: null })).toBe('unsupported');
    expect(fake.requests.map((sent) => sent.method)).toEqual(['GET']);
  });

  test('an agent that cannot be asked whether it offers it is to be asked again', async () => {
    fake.setCapabilities(answer(503, ''));
    expect(await rejectionOf(remove('sluice_x', { capabilities: null }))).toMatchObject({
      code: 'upstream_overloaded',
    });
  });

  test('no other session is ever deleted', async () => {
    expect(await rejectionOf(remove('somebody-elses'))).toMatchObject({ code: 'invalid_payload' });
    expect(fake.requests).toHaveLength(0);
  });
});

describe('[E4-04] a run that no process holds any more', () => {
  const stop = (id: string) => hermes.stopRun?.(id, context());

  test('is stopped by its id', async () => {
    const run = await start([text('a'), stall()]);
    expect(await stop(run.upstreamRunId ?? '')).toBe('stopping');
    await vi.waitFor(() => expect(fake.recorder.liveRuns).toBe(0));
    expect(await stop(run.upstreamRunId ?? '')).toBe('stopped');
  });

  test('is gone where the agent does not know it', async () => {
    expect(await stop('run_unknown')).toBe('gone');
  });

  test('[BUG-B3] lives on where the agent has only forgotten how to stop it', async () => {
    const run = await start({ steps: [text('a'), stall()], onStop: 'unknown' });
    expect(await stop(run.upstreamRunId ?? '')).toBe('failed');
  });
});

describe('[E9-03] asking an agent what it can do', () => {
  const ask = (fields: Parameters<typeof contextOf>[2] = {}) =>
    hermes.capabilities?.(context(fields)) ?? Promise.resolve(null);

  test('tells it, with the key', async () => {
    expect(await ask()).toEqual(CAN_ALL);
    expect(fake.requestsTo('GET', '/v1/capabilities')[0]?.headers.authorization).toMatch(/^Bearer /);
  });

  test('an agent of the first era answers 404, which tells nothing', async () => {
    fake.pretendEraOne();
    expect(await ask()).toBeNull();
  });

  test.each([
    ['401', answer(401, ''), 'upstream_auth'],
    ['500', answer(500, ''), 'upstream_error'],
    ['a web page', webPage(), 'upstream_bad_response'],
  ])('%s is a failure of its own kind', async (_what, script, code) => {
    fake.setCapabilities(script);
    expect(await rejectionOf(ask())).toMatchObject({ code });
  });

  test('[E2-22] ends after 3 s', async () => {
    const clock = new ManualClock();
    fake.setCapabilities({ steps: [], headersGate: 'never' });
    const asking = rejectionOf(ask({ clock }));
    await fake.gates.reached('never');
    clock.advance(3000);
    expect(await asking).toMatchObject({ code: 'timeout' });
    await vi.waitFor(() => expect(fake.recorder.aborts).toHaveLength(1));
  });
});
