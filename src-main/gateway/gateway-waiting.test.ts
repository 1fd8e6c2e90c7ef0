import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ProfileKind } from '#contract/records';
import { ERA_TWO, RESPONSES } from '../../e2e/fake-upstream/capabilities.ts';
import { FakeUpstream } from '../../e2e/fake-upstream/fake-upstream.ts';
import {
  answer,
  endlessStream,
  rateLimited,
  type Script,
  stall,
  text,
  tooManyRuns,
} from '../../e2e/fake-upstream/script.ts';
import { AbortReason } from '../platform/app-failure.ts';
import { type Clock, ManualClock, systemClock } from '../platform/clock.ts';
import { Gateway, type RetryNotice } from './gateway.ts';
import { eventsOf, Reading, rejectionOf, requestOf, SECRET, textOf } from './testing/calls.ts';
import { fixedLease } from './testing/fixed-lease.ts';

let fake: FakeUpstream;
let leases: { taken: number; held: number };
let gateway: Gateway;

beforeEach(async () => {
  fake = await FakeUpstream.start();
  leases = { taken: 0, held: 0 };
});

afterEach(async () => {
  await fake.close();
});

function gatewayOf(kind: ProfileKind, clock: Clock = systemClock, baseUrl = fake.url): Gateway {
  gateway = new Gateway({
    profiles: {
      byName: (name) => ({ id: 'p1', name, kind, baseUrl: kind === 'demo' ? '' : baseUrl, defaultModel: 'm1' }),
    },
    credentials: {
      lease: async () => {
        leases.taken++;
        leases.held++;
        return fixedLease('c1', SECRET, () => leases.held--);
      },
    },
    settings: () => ({ headersTimeoutMs: 5000, idleTimeoutMs: 5000, totalTimeoutMs: 60_000 }),
    clock,
    random: () => 0.5,
  });
  return gateway;
}

const signal = () => new AbortController().signal;

/** Moves the clock until it is so; requests that are under way get time of their own in between. */
async function hurry(clock: ManualClock, isOver: () => boolean): Promise<void> {
  for (let round = 0; round < 2000; round++) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (isOver()) return;
    clock.advance(100);
  }
  throw new Error('It never ended.');
}

/** A start that is watched: what it said on its way, and how it ended. */
function watch(kind: ProfileKind, clock: ManualClock, given = signal(), baseUrl = fake.url) {
  const retries: RetryNotice[] = [];
  const underWay: boolean[] = [];
  let isOver = false;
  const started = gatewayOf(kind, clock, baseUrl).start('work', requestOf(), given, {
    retrying: (notice) => retries.push(notice),
    underWay: (is) => underWay.push(is),
  });
  const settled = started.then(
    () => undefined,
    () => undefined,
  );
  void settled.then(() => {
    isOver = true;
  });
  return {
    retries,
    underWay,
    started,
    /** Resolves once so many tries have failed. */
    failed: (count: number) => vi.waitFor(() => expect(retries).toHaveLength(count), { interval: 5 }),
    /** Moves the clock over every wait until the start is over. */
    hurry: () => hurry(clock, () => isOver),
  };
}

const NETWORK: ProfileKind[] = ['hermes', 'openai-chat', 'anthropic'];
const ANSWER_PATH = /^\/v1\/(runs|chat\/completions|messages)$/;

describe.each(NETWORK)('[E9-07] %s that takes no more just now', (kind) => {
  test('is waited for, a little longer each time, and every wait is told', async () => {
    const clock = new ManualClock();
    fake.next(tooManyRuns(), rateLimited('3'), [text('at last')]);
    const start = watch(kind, clock);
    await start.failed(1);
    expect(leases.held).toBe(0);
    clock.advance(499);
    expect(fake.requestsTo('POST', ANSWER_PATH)).toHaveLength(1);
    clock.advance(1);
    await start.failed(2);
    clock.advance(2999);
    expect(fake.requestsTo('POST', ANSWER_PATH)).toHaveLength(2);
    await start.hurry();
    const { run } = await start.started;
    expect(textOf(await eventsOf(run))).toBe('at last');
    expect(start.retries).toMatchObject([
      { attempt: 1, waitMs: 500, code: 'upstream_rate_limited' },
      { attempt: 2, waitMs: 3125, code: 'upstream_rate_limited' },
    ]);
    expect(start.retries[0]?.reason).toContain('takes no more requests');
    expect(start.underWay).toEqual([true, false, true, false, true]);
    expect(leases).toEqual({ taken: 3, held: 0 });
  });

  test('fails with its own words after the sixth refusal', async () => {
    const clock = new ManualClock();
    fake.setDefault(tooManyRuns(3));
    const start = watch(kind, clock);
    const failing = rejectionOf(start.started);
    await start.hurry();
    const failure = await failing;
    expect(failure).toMatchObject({ code: 'upstream_rate_limited' });
    expect((failure as Error).message).toContain('max 3');
    expect(fake.requestsTo('POST', ANSWER_PATH)).toHaveLength(6);
    expect(start.retries).toHaveLength(5);
    expect(leases).toEqual({ taken: 6, held: 0 });
  });

  test('[E4-01] an abort ends the wait at once, and nothing more is sent', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    fake.setDefault(rateLimited('30'));
    const start = watch(kind, clock, controller.signal);
    const failing = rejectionOf(start.started);
    await start.failed(1);
    const reason = new AbortReason('user');
    const atMs = performance.now();
    controller.abort(reason);
    expect(await failing).toBe(reason);
    expect(performance.now() - atMs).toBeLessThan(100);
    expect(clock.pending).toBe(0);
    expect(fake.requestsTo('POST', ANSWER_PATH)).toHaveLength(1);
    expect(start.underWay).toEqual([true, false]);
  });

  test('[E4-01] somebody who only waits to hear that nothing is under way can leave then', async () => {
    const controller = new AbortController();
    const reason = new AbortReason('user');
    fake.next(tooManyRuns());
    const starting = gatewayOf(kind, new ManualClock()).start('work', requestOf(), controller.signal, {
      underWay: (is) => {
        if (!is) controller.abort(reason);
      },
    });
    expect(await rejectionOf(starting)).toBe(reason);
  });

  test('a refusal that is final does not claim that nothing was executed', async () => {
    fake.next(answer(500, ''));
    const start = watch(kind, new ManualClock());
    await rejectionOf(start.started);
    expect(start.underWay).toEqual([true]);
  });

  test.each([
    ['429 of a quota', answer(429, { error: { code: 'insufficient_quota', message: 'x' } }), 'quota_exhausted'],
    ['a wait of two minutes', rateLimited('120'), 'upstream_rate_limited'],
    ['401', answer(401, ''), 'upstream_auth'],
    ['400', answer(400, ''), 'upstream_rejected'],
    ['500', answer(500, ''), 'upstream_error'],
    ['503 without a time', answer(503, ''), 'upstream_overloaded'],
  ])('[BUG-A36] %s fails at once', async (_what, script: Script, code) => {
    fake.next(script);
    const start = watch(kind, new ManualClock());
    expect(await rejectionOf(start.started)).toMatchObject({ code });
    expect(start.retries).toEqual([]);
    expect(fake.requestsTo('POST', ANSWER_PATH)).toHaveLength(1);
  });

  test('[BUG-A36] a connection that breaks after the request was sent is not tried again', async () => {
    const clock = new ManualClock();
    fake.next({ steps: [], headersGate: 'never' });
    const start = watch(kind, clock);
    const failing = rejectionOf(start.started);
    await fake.gates.reached('never');
    const address = fake.url;
    await fake.close();
    expect(await failing).toMatchObject({ code: 'upstream_unreachable' });
    expect(start.retries).toEqual([]);
    fake = await FakeUpstream.start({ port: Number(new URL(address).port) });
    expect(fake.requests).toHaveLength(0);
  });

  test('an agent that is not up yet gets the message once it is', async () => {
    const clock = new ManualClock();
    const address = fake.url;
    await fake.close();
    const start = watch(kind, clock, signal(), address);
    await start.failed(1);
    expect(start.retries[0]?.code).toBe('upstream_unreachable');
    fake = await FakeUpstream.start({ port: Number(new URL(address).port) });
    await start.hurry();
    const { run } = await start.started;
    expect(textOf(await eventsOf(run))).toContain('hello');
    expect(fake.recorder.startedRuns).toBe(1);
  });
});

test('[E9-07] a limit on runs lets one in as soon as another has ended', async () => {
  fake.setMaxRuns(1);
  fake.next([stall()], [text('second')]);
  const clock = new ManualClock();
  const controller = new AbortController();
  const first = await gatewayOf('hermes', clock).start('work', requestOf(), controller.signal);
  const start = watch('hermes', clock);
  await start.failed(1);
  await first.run.stop();
  await eventsOf(first.run);
  await start.hurry();
  expect(textOf(await eventsOf((await start.started).run))).toBe('second');
  expect(fake.recorder.peakLiveRuns).toBe(1);
});

test('[E9-07] the demo shows it: two refusals, then an answer', async () => {
  const clock = new ManualClock();
  const retries: RetryNotice[] = [];
  const starting = gatewayOf('demo', clock).start('demo', requestOf({ input: { content: '/busy' } }), signal(), {
    retrying: (notice) => retries.push(notice),
  });
  let isStarted = false;
  void starting.then(() => {
    isStarted = true;
  });
  await hurry(clock, () => isStarted);
  expect(retries.map((notice) => notice.attempt)).toEqual([1, 2]);
  void (await starting).run.stop();
});

describe('[E9-03] [E2-22] what an upstream can do, and the run that waits for it', () => {
  const probes = () => fake.requestsTo('GET', '/v1/capabilities').length;
  const run = async () => eventsOf((await gateway.start('work', requestOf(), signal())).run);

  test('an agent that does not know the question is asked once, and costs a run one short request', async () => {
    gatewayOf('hermes');
    await run();
    await run();
    expect(probes()).toBe(1);
    expect(fake.recorder.startedRuns).toBe(2);
  });

  test('an agent that hangs on the question delays the first run by 3 s, and no other', async () => {
    const clock = new ManualClock();
    fake.setCapabilities({ steps: [], headersGate: 'never' });
    gatewayOf('hermes', clock);
    const underWay: boolean[] = [];
    const first = gateway.start('work', requestOf(), signal(), { underWay: (is) => underWay.push(is) });
    await fake.gates.reached('never');
    clock.advance(2999);
    expect(fake.requestsTo('POST', '/v1/runs')).toHaveLength(0);
    expect(underWay).toEqual([]);
    clock.advance(1);
    await eventsOf((await first).run);
    await run();
    expect(probes()).toBe(1);
    clock.advance(30_000);
    await run();
    await run();
    expect(probes()).toBe(2);
    expect(fake.recorder.startedRuns).toBe(4);
  });

  test('[E4-01] an abort while the first run waits sends no run', async () => {
    const controller = new AbortController();
    fake.setCapabilities({ steps: [], headersGate: 'never' });
    const failing = rejectionOf(gatewayOf('hermes').start('work', requestOf(), controller.signal));
    await fake.gates.reached('never');
    const reason = new AbortReason('user');
    controller.abort(reason);
    expect(await failing).toBe(reason);
    expect(fake.requestsTo('POST', '/v1/runs')).toHaveLength(0);
    expect(leases.held).toBe(0);
    await gateway.close();
    await vi.waitFor(() => expect(fake.recorder.aborts).toHaveLength(1));
  });

  test('asking ahead spares the first run the question, and never fails', async () => {
    fake.setCapabilities(ERA_TWO);
    gatewayOf('hermes');
    await gateway.questions.warmCapabilities('work');
    const before = fake.requests.length;
    await run();
    expect(fake.requests[before]?.path).toBe('/v1/runs');
    expect(probes()).toBe(1);
    expect(await gateway.questions.capabilities('work', signal())).toMatchObject({ steer: true, approvals: true });
    const address = fake.url;
    await fake.close();
    await gatewayOf('hermes', systemClock, address).questions.warmCapabilities('work');
    expect(leases.held).toBe(0);
  });

  test('[decision 14] [decision 11] an agent with responses alone is answered there, and the run says how it is stopped', async () => {
    fake.setCapabilities(RESPONSES);
    fake.next([endlessStream(100)]);
    const { run: answering } = await gatewayOf('hermes').start('work', requestOf(), signal());
    expect(gateway.stopStyle('work')).toBe('stop-request');
    expect(answering.stopStyle).toBe('close-socket');
    expect(answering.upstreamSessionId).toBeNull();
    const reading = new Reading(answering);
    await reading.until((events) => events.length > 0);
    await answering.stop();
    await reading.done;
    await vi.waitFor(() => expect(fake.recorder.aborts).toHaveLength(1));
    expect(fake.requestsTo('POST', '/v1/responses')).toHaveLength(1);
  });

  test('other kinds are never asked, and can nothing of it', async () => {
    gatewayOf('openai-chat');
    await run();
    const told = await gateway.questions.capabilities('work', signal());
    expect(Object.values(told).some((can) => can)).toBe(false);
    expect(probes()).toBe(0);
    expect(await gatewayOf('demo').questions.capabilities('demo', signal())).toMatchObject({
      steer: true,
      clarify: true,
    });
  });
});

describe('[E8-29] [BUG-A34] throw-away sessions, of any profile', () => {
  test('are deleted where the agent offers it', async () => {
    fake.setCapabilities(ERA_TWO);
    const { run } = await gatewayOf('hermes').start('work', requestOf(), signal());
    await eventsOf(run);
    expect(run.upstreamSessionId).toMatch(/^sluice_/);
    expect((await gateway.questions.capabilities('work', signal())).sessionDelete).toBe(true);
    expect(await gateway.deleteUpstreamSession('work', run.upstreamSessionId ?? '', signal())).toBe('deleted');
    expect(await gateway.deleteUpstreamSession('work', run.upstreamSessionId ?? '', signal())).toBe('gone');
    expect(leases.held).toBe(0);
  });

  test('stay where nobody offers it', async () => {
    expect((await gatewayOf('hermes').questions.capabilities('work', signal())).sessionDelete).toBe(false);
    expect(await gateway.deleteUpstreamSession('work', 'sluice_x', signal())).toBe('unsupported');
    expect((await gatewayOf('anthropic').questions.capabilities('work', signal())).sessionDelete).toBe(false);
    expect(await gateway.deleteUpstreamSession('work', 'sluice_x', signal())).toBe('unsupported');
    expect(leases.held).toBe(0);
  });
});

test('[E4-04] [E5-06] a run that no process holds is stopped by its id; elsewhere it died with its process', async () => {
  fake.next([stall()]);
  const controller = new AbortController();
  const { run } = await gatewayOf('hermes').start('work', requestOf(), controller.signal);
  controller.abort(new AbortReason('shutdown'));
  expect(await gateway.stopRun('work', run.upstreamRunId ?? '', signal())).toBe('stopping');
  expect(fake.stops).toHaveLength(1);
  expect(await gatewayOf('openai-chat').stopRun('work', 'x', signal())).toBe('gone');
  expect(leases.held).toBe(0);
});

test('[E2-17] [E2-18] steering and answering go through to the run, where it has them', async () => {
  fake.setCapabilities(ERA_TWO);
  fake.next([text('a'), stall()]);
  const { run } = await gatewayOf('hermes').start('work', requestOf(), signal());
  expect(await run.steer?.('on')).toBe(true);
  expect(await rejectionOf(run.clarify?.('q', 'a') ?? Promise.resolve())).toMatchObject({ code: 'conflict' });
  await run.stop();
  await eventsOf(run);
  const { run: plain } = await gatewayOf('openai-chat').start('work', requestOf(), signal());
  expect([plain.steer, plain.clarify, plain.approve]).toEqual([undefined, undefined, undefined]);
  await eventsOf(plain);
});
