import { describe, expect, test, vi } from 'vitest';
import type { ProfileKind } from '#contract/records';
import {
  answer,
  endlessStream,
  fail,
  rateLimited,
  type Script,
  type Step,
  stall,
  text,
  toScript,
  waitForRelease,
} from '../../e2e/fake-upstream/script.ts';
import { AbortReason, AppFailure } from '../platform/app-failure.ts';
import { ManualClock, systemClock } from '../platform/clock.ts';
import { eventsOf, Reading, rejectionOf, requestOf, terminalOf, textOf } from './testing/calls.ts';
import { openPooledGateway, type PooledGateway } from './testing/pooled-gateway.ts';

const NETWORK: ProfileKind[] = ['openai-chat', 'anthropic', 'hermes'];
const SOCKET_BOUND: ProfileKind[] = ['openai-chat', 'anthropic'];

async function withKeys(count: number, options: Parameters<typeof openPooledGateway>[0] = {}): Promise<PooledGateway> {
  const world = await openPooledGateway(options);
  for (let number = 1; number <= count; number++) await world.add(`k${number}`, { priority: number });
  return world;
}

/** A script for one key. */
const on = (world: PooledGateway, label: string, script: Script | Step[]): Script => ({
  ...toScript(script),
  key: world.secret(label),
});

/** The whole of one request: its text, or the code of its failure. */
async function whole(world: PooledGateway, fields = {}, stepMs?: number): Promise<string> {
  const started = await world.hurry(
    world.start({ sessionId: null, ...fields }).catch((thrown: { code: string }) => thrown.code),
    stepMs,
  );
  if (typeof started === 'string') return started;
  const events = await world.hurry(eventsOf(started.run), stepMs);
  const terminal = terminalOf(events);
  return terminal.type === 'failed' ? `${textOf(events)}${terminal.error.code}` : textOf(events);
}

describe.each(NETWORK)('[E10-15] five keys of %s and failures of every kind', (kind) => {
  test('each request goes through them in exactly this order', async () => {
    const clock = new ManualClock();
    const world = await withKeys(5, { kind, clock });
    const { fake } = world;
    const inAMinute = () => new Date(clock.now() + 60_000).toUTCString();

    fake.next(
      on(world, 'k1', answer(401, '')),
      on(world, 'k2', answer(402, '')),
      on(world, 'k3', answer(403, '')),
      on(world, 'k4', rateLimited('300')),
      on(world, 'k5', [text('one')]),
    );
    expect(await whole(world)).toBe('one');
    expect(world.keysUsed()).toEqual(['k1', 'k2', 'k3', 'k4', 'k5']);
    expect(world.of('k1')).toMatchObject({ state: 'ready', failureCount: 1 });
    expect(world.of('k2')).toMatchObject({ state: 'ready', failureCount: 0, failures: 1 });
    expect(world.of('k3')).toMatchObject({ state: 'ready', failureCount: 1 });
    expect(world.of('k4')).toMatchObject({ state: 'cooling', rests: [{ kind: 'rate_limit', source: 'provider' }] });
    expect(world.of('k5')).toMatchObject({ state: 'ready', successes: 1 });

    // The date form of Retry-After, and 529. Nobody waits for k4.
    fake.next(
      on(world, 'k1', rateLimited(inAMinute())),
      on(world, 'k2', answer(529, '')),
      on(world, 'k3', [text('two')]),
    );
    expect(await whole(world)).toBe('two');
    expect(world.keysUsed().slice(5)).toEqual(['k1', 'k2', 'k3']);
    expect(world.of('k1').rests[0]?.untilMs).toBeGreaterThan(clock.now() + 50_000);
    expect(world.of('k3')).toMatchObject({ failureCount: 0, successes: 1 });

    // 500 may have been executed: the request is over, and the next one begins with the next key.
    fake.next(on(world, 'k3', answer(500, '')));
    expect(await whole(world)).toBe('upstream_error');
    expect(world.keysUsed().slice(8)).toEqual(['k3']);
    fake.next(on(world, 'k5', answer(402, { error: { message: 'Insufficient balance' } })));
    const last = whole(world);
    // Nothing is left but keys that rest: the least bad one is tried, and works again.
    fake.next(on(world, 'k2', [text('three')]));
    expect(await last).toBe('quota_exhausted');
    expect(world.of('k5').state).toBe('exhausted');
    expect(await whole(world)).toBe('three');
    expect(world.keysUsed().slice(9)).toEqual(['k5', 'k2']);
    expect(world.of('k2').state).toBe('ready');
    for (const { inFlight } of world.world.pool.records.list()) expect(inFlight).toBe(0);
  });

  test('the only key that is refused is asked once, and the person hears of the key', async () => {
    const world = await withKeys(1, { kind });
    world.fake.setDefault(answer(401, ''));
    expect(await whole(world)).toBe('upstream_auth');
    expect(world.keysUsed()).toEqual(['k1']);
    expect(world.of('k1').failureCount).toBe(1);
  });

  test('when all have refused, the last refusal is told and nobody is asked twice', async () => {
    const world = await withKeys(3, { kind });
    world.fake.setDefault(answer(403, { error: { message: 'no such plan' } }));
    expect(await whole(world)).toBe('upstream_auth');
    expect(world.keysUsed()).toEqual(['k1', 'k2', 'k3']);
  });

  test('at most six calls, whatever there is', async () => {
    const world = await withKeys(8, { kind });
    world.fake.setDefault(answer(403, ''));
    expect(await whole(world)).toBe('upstream_auth');
    expect(world.keysUsed()).toHaveLength(6);
  });

  test.each([
    ['a stall before the answer', { steps: [], headersGate: 'never' }],
    ['a broken connection', [text('x'), { do: 'cut' }]],
  ] as [string, Script | Step[]][])('[E9-06] [BUG-A36] %s is not sent to another key', async (_what, script) => {
    const world = await withKeys(2, { kind });
    world.fake.next(script);
    await whole(world, {}, 20);
    expect(world.keysUsed()).toEqual(['k1']);
  });

  test('[E10-21] a suspicion of abuse ends the request, and no other key of the account is asked', async () => {
    const world = await withKeys(3, { kind });
    world.fake.setDefault(answer(429, { error: { message: 'Suspicious activity detected on this account' } }));
    expect(await whole(world)).toBe('account_flagged');
    expect(await whole(world)).toBe('account_flagged');
    expect(world.keysUsed()).toEqual(['k1']);
    expect(world.world.pool.records.list().map(({ state }) => state)).toEqual(['cooling', 'cooling', 'cooling']);
    expect(world.world.news.filter((news) => news.kind === 'flagged')).toHaveLength(1);
  });

  test('[BUG-D1] a permit lasts to the end of the answer, not to its headers', async () => {
    const world = await openPooledGateway({ kind });
    await world.add('k1', { maxInFlight: 1 });
    world.fake.next([text('first'), waitForRelease('go')], [text('second')]);
    const first = await world.start();
    const reading = new Reading(first.run);
    await reading.until((events) => textOf(events) === 'first');
    const second = world.start();
    await vi.waitFor(() => expect(world.retries).toMatchObject([{ attempt: 0, code: 'credentials_busy' }]));
    expect(world.keysUsed()).toHaveLength(1);
    world.fake.release('go');
    await reading.done;
    expect(textOf(await eventsOf((await second).run))).toBe('second');
    expect(world.fake.recorder.peakLiveByKey[world.secret('k1')]).toBe(1);
  });

  test('[BUG-D2] an answer that breaks in the middle is no success of its key', async () => {
    const world = await withKeys(1, { kind });
    world.fake.next([text('half'), fail('Overloaded', 'overloaded_error')]);
    expect(await whole(world)).toContain('half');
    expect(world.of('k1')).toMatchObject({ successes: 0, failures: 1 });
    // An agent does not say of what kind its failure is.
    const failure = kind === 'hermes' ? 'upstream_error' : 'overload';
    expect(world.records).toMatchObject([{ outcome: 'failure', failure, isRepeated: false }]);
    expect(world.records[0]?.firstPartMs).not.toBeNull();
  });
});

describe.each(SOCKET_BOUND)('[E10-15] the first part of an answer of %s', (kind) => {
  const overloaded = [fail('Overloaded', 'overloaded_error')];

  test('before it, a failure inside a 200 moves on to another key, unseen', async () => {
    const world = await withKeys(3, { kind });
    world.fake.next(overloaded, [fail('slow', 'rate_limit_error')], [text('whole')]);
    const started = await world.start();
    const events = await world.hurry(eventsOf(started.run));
    expect(textOf(events)).toBe('whole');
    expect(terminalOf(events).type).toBe('completed');
    expect(world.keysUsed()).toEqual(['k1', 'k2', 'k3']);
    expect(started.credentialId).toBe(world.ids.get('k3'));
    expect(world.moves).toEqual([world.ids.get('k2'), world.ids.get('k3')]);
    expect(world.records.map(({ outcome, isRepeated, isFallback }) => [outcome, isRepeated, isFallback])).toEqual([
      ['failure', true, false],
      ['failure', true, true],
      ['success', false, true],
    ]);
  });

  test('after it, nothing moves: what was shown stays, and the failure is told', async () => {
    const world = await withKeys(3, { kind });
    world.fake.next([text('half'), ...overloaded]);
    expect(await whole(world)).toBe('halfupstream_overloaded');
    expect(world.keysUsed()).toEqual(['k1']);
    expect(world.of('k1').state).toBe('cooling');
  });

  test('[BUG-A36] an error that may have come after work does not move on either', async () => {
    const world = await withKeys(3, { kind });
    world.fake.next([fail('broke', 'api_error')]);
    expect(await whole(world)).toBe('upstream_error');
    expect(world.keysUsed()).toEqual(['k1']);
  });

  test('[E4-01] a stop while it waits to move on ends it, and nothing more is sent', async () => {
    const world = await withKeys(1, { kind });
    world.fake.setDefault(overloaded);
    const started = await world.start();
    const reading = new Reading(started.run);
    await vi.waitFor(() => expect(world.retries).toHaveLength(1));
    const atMs = performance.now();
    await started.run.stop();
    await reading.done;
    expect(performance.now() - atMs).toBeLessThan(100);
    expect(terminalOf(reading.events).type).toBe('cancelled');
    expect(world.keysUsed()).toHaveLength(1);
    expect(world.of('k1').inFlight).toBe(0);
  });

  test('an abort there leaves no key behind', async () => {
    const world = await withKeys(1, { kind });
    world.fake.setDefault(overloaded);
    const controller = new AbortController();
    const started = await world.start({}, controller.signal);
    const reading = new Reading(started.run);
    await vi.waitFor(() => expect(world.retries).toHaveLength(1));
    controller.abort(new AbortReason('user'));
    await reading.done;
    expect(terminalOf(reading.events).type).toBe('cancelled');
    expect(world.of('k1').inFlight).toBe(0);
  });
});

test('a Hermes run that failed before its first word is not started elsewhere: it may have acted', async () => {
  const world = await withKeys(2, { kind: 'hermes' });
  world.fake.next([fail('Overloaded', 'overloaded_error')]);
  expect(await whole(world)).toBe('upstream_error');
  expect(world.keysUsed()).toEqual(['k1']);
});

test('[E10-15] a stall after the first part fails, books a timeout, and keeps what was shown', async () => {
  const world = await withKeys(2);
  world.fake.next([text('half'), stall()]);
  expect(await whole(world, {}, 20)).toBe('halftimeout');
  expect(world.keysUsed()).toEqual(['k1']);
  expect(world.of('k1')).toMatchObject({ state: 'cooling', rests: [{ kind: 'timeout' }] });
});

describe('[E10-16] a key that was refused', () => {
  const refreshing = async (answers: boolean[]) => {
    const asked: string[] = [];
    const refresh = async (id: string) => {
      asked.push(id);
      return answers.shift() ?? false;
    };
    const world = await withKeys(2, { source: { refresh } });
    return { world, asked };
  };

  test('is renewed once and tried again itself, without a mark against it', async () => {
    const { world, asked } = await refreshing([true]);
    world.fake.next(answer(401, ''), [text('again')]);
    expect(await whole(world)).toBe('again');
    expect(world.keysUsed()).toEqual(['k1', 'k1']);
    expect(asked).toEqual([world.ids.get('k1')]);
    expect(world.of('k1')).toMatchObject({ failureCount: 0, failures: 0 });
  });

  test('is refused for good the second time', async () => {
    const { world, asked } = await refreshing([true, true]);
    world.fake.next(answer(401, ''), answer(401, ''), [text('other')]);
    expect(await whole(world)).toBe('other');
    expect(world.keysUsed()).toEqual(['k1', 'k1', 'k2']);
    expect(asked).toHaveLength(1);
    expect(world.of('k1').failureCount).toBe(1);
  });

  test('that cannot be renewed counts at once', async () => {
    const { world } = await refreshing([false]);
    world.fake.next(answer(401, ''), [text('other')]);
    expect(await whole(world)).toBe('other');
    expect(world.keysUsed()).toEqual(['k1', 'k2']);
  });

  test('whose renewal fails steps aside without a mark, and its words are told where no other key is left', async () => {
    const asked: string[] = [];
    const refresh = async (_id: string, refused: string) => {
      asked.push(refused);
      throw new AppFailure('upstream_auth', 'It was revoked. Sign in again.');
    };
    const world = await withKeys(2, { source: { refresh } });
    world.fake.next(answer(401, ''), [text('other')]);
    expect(await whole(world)).toBe('other');
    expect(world.of('k1')).toMatchObject({ failures: 0, inFlight: 0 });
    world.fake.next(answer(401, ''), answer(401, ''));
    await expect(world.start()).rejects.toMatchObject({ message: 'It was revoked. Sign in again.' });
    expect(asked).toEqual([world.secret('k1'), world.secret('k1'), world.secret('k2')]);
    expect(world.of('k2')).toMatchObject({ failures: 0, inFlight: 0 });
  });
});

describe('waiting', () => {
  test('[E10-14] all rest: the request waits for the first one, says how long, and is served by it', async () => {
    const clock = new ManualClock();
    const world = await withKeys(2, { clock });
    world.fake.next(rateLimited('40'), rateLimited('8'));
    const first = world.start();
    await vi.waitFor(() => expect(world.keysUsed()).toHaveLength(1));
    await vi.waitFor(() => expect(world.retries).toHaveLength(1));
    clock.advance(100);
    await vi.waitFor(() => expect(world.retries).toHaveLength(2));
    expect(world.retries[1]).toMatchObject({ attempt: 2, waitMs: 8250 - 125, code: 'upstream_rate_limited' });
    clock.advance(7900);
    expect(world.keysUsed()).toEqual(['k1', 'k2']);
    world.fake.next([text('there')]);
    const { run } = await world.hurry(first);
    expect(textOf(await eventsOf(run))).toBe('there');
    expect(world.keysUsed()).toEqual(['k1', 'k2', 'k2']);
  });

  test('[E10-09] [E4-01] an abort in the line leaves at once and sends nothing', async () => {
    const world = await openPooledGateway({});
    await world.add('k1', { maxInFlight: 1 });
    world.fake.next([endlessStream()]);
    const holding = new AbortController();
    const held = await world.start({}, holding.signal);
    const controller = new AbortController();
    const failing = rejectionOf(world.start({}, controller.signal));
    await vi.waitFor(() => expect(world.retries).toHaveLength(1));
    const reason = new AbortReason('user');
    controller.abort(reason);
    expect(await failing).toBe(reason);
    expect(world.keysUsed()).toHaveLength(1);
    holding.abort(new AbortReason('user'));
    await eventsOf(held.run);
    await vi.waitFor(() => expect(world.fake.recorder.liveWith(world.secret('k1'))).toBe(0));
    expect(world.of('k1').inFlight).toBe(0);
  });

  test('[E10-10] one limit for all requests, however often each is repeated', async () => {
    const world = await withKeys(4, { settings: { maxRequestsInFlight: 3 }, clock: systemClock });
    for (let times = 0; times < 6; times++) world.fake.next(answer(529, ''));
    const answers = await Promise.all(Array.from({ length: 12 }, () => whole(world)));
    expect(answers.every((each) => each.includes('hello'))).toBe(true);
    expect(world.fake.recorder.peakLiveRuns).toBeLessThanOrEqual(3);
  });
});

describe('at concurrency 20', () => {
  test('[E10-08] no key ever serves more than its limit, by the upstream’s own count, and it ends at 0', async () => {
    const world = await openPooledGateway({ clock: systemClock, settings: { credentialMode: 'balanced' } });
    for (let number = 1; number <= 5; number++) await world.add(`k${number}`, { maxInFlight: 2 });
    world.fake.setDefault([text('a'), { do: 'wait', ms: 2 }, text('b')]);
    let left = 120;
    const lane = async () => {
      while (left-- > 0) expect(await whole(world)).toBe('ab');
    };
    await Promise.all(Array.from({ length: 20 }, lane));
    for (const label of world.ids.keys()) {
      const secret = world.secret(label);
      expect(world.fake.recorder.peakLiveByKey[secret]).toBe(2);
      await vi.waitFor(() => expect(world.fake.recorder.liveWith(secret)).toBe(0));
      expect(world.of(label)).toMatchObject({ inFlight: 0, failures: 0 });
      expect(world.of(label).successes).toBeGreaterThan(5);
    }
    expect(world.world.pool.waiting('p1')).toBe(0);
  });

  test('[E10-27] each call is booked to the key that it was made with, whatever failed on the way', async () => {
    const world = await openPooledGateway({
      clock: systemClock,
      settings: { credentialMode: 'balanced', cooldownsEnabled: false },
    });
    for (let number = 1; number <= 5; number++) await world.add(`k${number}`, { maxInFlight: 5 });
    const failures = [
      answer(402, ''),
      answer(529, ''),
      toScript([fail('Overloaded', 'overloaded_error')]),
      toScript([text('half'), fail('x', 'api_error')]),
      answer(400, ''),
      answer(500, ''),
    ];
    const runs = Array.from({ length: 200 }, (_, index) => `run-${index}-`);
    for (const [index, run] of runs.entries()) {
      const script = failures[index % 9];
      if (script !== undefined) world.fake.next({ ...script, match: run });
    }
    const waiting = [...runs];
    const lane = async () => {
      for (let run = waiting.pop(); run !== undefined; run = waiting.pop()) {
        await whole(world, { runId: run, input: { content: run, parts: null } });
      }
    };
    await Promise.all(Array.from({ length: 20 }, lane));
    // What the upstream saw, against what was booked: the same keys in the same order for every request.
    const seen = world.fake.requestsTo('POST', '/v1/chat/completions');
    for (const run of runs) {
      const keys = seen
        .filter(({ body }) => JSON.stringify(body).includes(run))
        .map(({ headers }) => headers.authorization);
      const booked = world.records.filter(({ runId }) => runId === run);
      const labels = new Map([...world.ids].map(([label, id]) => [id, `Bearer ${world.secret(label)}`]));
      expect(booked.map(({ credentialId }) => labels.get(credentialId ?? ''))).toEqual(keys);
      expect(booked.map(({ isRepeated }) => isRepeated)).toEqual(keys.map((_, at) => at < keys.length - 1));
    }
    expect(world.records).toHaveLength(seen.length);
    const successes = world.records.filter(({ outcome }) => outcome === 'success').length;
    expect(world.world.pool.records.list().reduce((sum, key) => sum + key.successes, 0)).toBe(successes);
  });
});

describe('[E9-03] [E10-25] the list of models, and the test of a key', () => {
  test('the list moves on from a key that is refused', async () => {
    const world = await openPooledGateway({});
    await world.add('k1');
    expect(await world.gateway.questions.models('work', new AbortController().signal)).toEqual(['fake-model']);
    expect(world.of('k1')).toMatchObject({ successes: 0, inFlight: 0 });
  });

  test('a test asks with just that key, and ends a refusal but no rest', async () => {
    const world = await withKeys(2);
    const id = world.ids.get('k2') ?? '';
    const lease = await world.world.pool.leaseFor(id, world.fake.url);
    const failure = { class: 'rate_limit', refused: true, status: 429, waitMs: 60_000, message: 'x' } as const;
    lease.report({ kind: 'failure', failure });
    lease.release();
    const count = await world.world.pool.leaseFor(id, world.fake.url);
    count.report({ kind: 'failure', failure: { ...failure, class: 'auth' } });
    count.release();
    expect(await world.gateway.questions.testCredential('work', id, new AbortController().signal)).toEqual({
      models: 1,
    });
    expect(world.of('k2')).toMatchObject({ failureCount: 0, state: 'cooling', inFlight: 0 });
    expect(world.fake.requestsTo('GET', '/v1/models')[0]?.headers.authorization).toBe(`Bearer ${world.secret('k2')}`);
  });
});

test('[E10-06] a conversation stays with its key until that one rests, and then with the other', async () => {
  const clock = new ManualClock();
  const world = await withKeys(2, { clock });
  const turn = () => whole(world, { sessionId: 'chat', input: { content: 'x', parts: null } });
  await world.world.pool.records.setDisabled(world.ids.get('k1') ?? '', true);
  await turn();
  await world.world.pool.records.setDisabled(world.ids.get('k1') ?? '', false);
  await turn();
  world.fake.next(on(world, 'k2', rateLimited('600')));
  await turn();
  await turn();
  expect(world.keysUsed()).toEqual(['k2', 'k2', 'k2', 'k1', 'k1']);
  expect(requestOf().sessionId).not.toBe('chat');
});

test('[BUG-D1] [E5-06] a run that is taken up again waits for no place, but has one until its end', async () => {
  const world = await openPooledGateway({ kind: 'hermes' });
  await world.add('k1', { maxInFlight: 1 });
  world.fake.next([waitForRelease('go'), text('on')]);
  const controller = new AbortController();
  const { run } = await world.start({}, controller.signal);
  // Another process would have it now; here the first reader just lets go.
  const again = await world.gateway.attach('work', run.upstreamRunId ?? '', new AbortController().signal);
  expect(world.of('k1').inFlight).toBe(2);
  controller.abort(new AbortReason('shutdown'));
  expect(world.of('k1').inFlight).toBe(1);
  world.fake.release('go');
  await world.hurry(eventsOf(again?.run ?? run));
  expect(world.of('k1')).toMatchObject({ inFlight: 0, successes: 1 });
});

test.each([
  ['a refusal', answer(401, ''), { failureCount: 1 }],
  ['a limit', rateLimited('300'), { rests: [{ kind: 'rate_limit' }] }],
  ['spent credit', answer(402, { error: { code: 'insufficient_quota' } }), { state: 'exhausted' }],
])(
  '[E10-17] [BUG-D6] %s is on disk before anybody hears of it: a kill right after changes nothing',
  async (_what, step, known) => {
    const world = await withKeys(1, { clock: systemClock });
    world.fake.next(step);
    await rejectionOf(world.start());
    const next = await world.world.reopen();
    expect(next.of(world.ids.get('k1') ?? '')).toMatchObject(known);
  },
);
