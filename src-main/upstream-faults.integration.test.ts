import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isTerminalEvent, type LoggedEvent } from '#contract/events';
import type { ProfileKind } from '#contract/records';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import {
  answer,
  cut,
  cutMidCharacter,
  endlessStream,
  endStream,
  fail,
  rateLimited,
  raw,
  type Script,
  type Step,
  stall,
  text,
  wait,
  waitForRelease,
  webPage,
} from '../e2e/fake-upstream/script.ts';
import { Gateway } from './gateway/gateway.ts';
import { fixedLease } from './gateway/testing/fixed-lease.ts';
import { ManualClock } from './platform/clock.ts';
import { countingIds, openRunsHarness, type RunsHarness } from './testing/runs-harness.ts';
import { tempDir } from './testing/temp-dir.ts';

const SESSION = 's';
const SECRET = 'sk-test-abcdefghijklmnopqrstuvwxyz0123456789';
/** Real time that anything here may take; what it waits for takes milliseconds, or moves the clock. */
const PATIENCE_MS = 10_000;

interface World {
  fake: FakeUpstream;
  harness: RunsHarness;
  clock: ManualClock;
  /** Keys that were given out and not given back. */
  leases: () => number;
}

/** The runs core, the real gateway and adapters, and an upstream behind real sockets. */
async function openWorld(kind: ProfileKind, wrap?: (fakeUrl: string) => Promise<string>): Promise<World> {
  const fake = await FakeUpstream.start();
  onTestFinished(() => fake.close());
  const baseUrl = wrap === undefined ? fake.url : await wrap(fake.url);
  const clock = new ManualClock();
  let leases = 0;
  const settings = { headersTimeoutMs: 20_000, idleTimeoutMs: 10_000, totalTimeoutMs: 60_000 };
  const gateway = new Gateway({
    profiles: { byName: (name) => ({ id: name, name, kind, baseUrl, defaultModel: 'm' }) },
    credentials: {
      lease: async () => {
        leases++;
        return fixedLease('key', SECRET, () => void leases--);
      },
    },
    settings: () => settings,
    clock,
  });
  onTestFinished(() => gateway.close());
  const harness = await openRunsHarness({ dir: tempDir(), upstream: gateway, clock, nextId: countingIds(), settings });
  onTestFinished(() => harness.store.close());
  return { fake, harness, clock, leases: () => leases };
}

/** Turns of the event loop, with the clock moved a little at each, until something holds. */
async function until(world: World, what: string, isTrue: () => boolean, stepMs = 1): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`Not within ${PATIENCE_MS / 1000} s: ${what}`);
    world.clock.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const terminalsOf = (harness: RunsHarness, runId: string): LoggedEvent[] =>
  harness.events.filter((event) => isTerminalEvent(event.event) && event.run_id === runId);

const textOf = (harness: RunsHarness, runId: string): string =>
  harness.store.messages
    .all(SESSION)
    .filter((row) => row.role === 'assistant' && row.run_id === runId)
    .map((row) => row.content)
    .join('');

const shownOf = (harness: RunsHarness, runId: string): string =>
  harness.events
    .map((event) => (event.event === 'message.delta' && event.run_id === runId ? event.delta : ''))
    .join('');

interface Fault {
  name: string;
  kinds: ProfileKind[];
  script: Script | Step[];
  /** What is shown before the fault bites; the test waits for it. */
  shown?: string;
  /** The code of the failure, or the name of another end. */
  ends: string;
  /** The whole text that is kept; by default what was shown. */
  kept?: string | RegExp;
  pauses?: boolean;
  /** Steps of the clock, where a deadline or a poll has to come. */
  stepMs?: number;
}

const ALL: ProfileKind[] = ['openai-chat', 'anthropic', 'hermes'];
const SOCKET: ProfileKind[] = ['openai-chat', 'anthropic'];
const HERMES: ProfileKind[] = ['hermes'];

const FAULTS: Fault[] = [
  {
    name: 'silence before the headers',
    kinds: ALL,
    script: { steps: [], headersGate: 'never' },
    ends: 'timeout',
    stepMs: 500,
  },
  {
    name: 'silence in the stream',
    kinds: SOCKET,
    script: [text('part'), stall()],
    shown: 'part',
    ends: 'timeout',
    stepMs: 500,
  },
  {
    name: 'silence of an agent’s stream and run',
    kinds: HERMES,
    script: [text('part'), stall()],
    shown: 'part',
    ends: 'timeout',
    stepMs: 500,
  },
  { name: 'a cut', kinds: SOCKET, script: [text('part'), wait(20), cut()], shown: 'part', ends: 'upstream_lost' },
  {
    name: 'a cut in the middle of a character',
    kinds: SOCKET,
    script: [text('größe '), wait(20), cutMidCharacter()],
    shown: 'größe ',
    ends: 'upstream_lost',
  },
  {
    name: 'an end without a last word',
    kinds: SOCKET,
    script: [text('part'), wait(20), endStream()],
    shown: 'part',
    ends: 'upstream_lost',
  },
  {
    name: 'a cut of an agent’s stream, in the middle of a character',
    kinds: HERMES,
    script: [text('größe '), wait(20), cutMidCharacter(), text('und 世界')],
    shown: 'größe ',
    ends: 'run.completed',
    kept: 'größe und 世界',
    stepMs: 50,
  },
  { name: '429 for ever', kinds: ALL, script: rateLimited('1'), ends: 'upstream_rate_limited', stepMs: 500 },
  { name: '503 for ever', kinds: ALL, script: answer(503, ''), ends: 'upstream_overloaded', stepMs: 500 },
  { name: '500', kinds: ALL, script: answer(500, 'boom'), ends: 'upstream_error', stepMs: 500 },
  { name: '502 with a web page', kinds: ALL, script: webPage(502), ends: 'upstream_error', stepMs: 500 },
  { name: '200 with a web page', kinds: ALL, script: webPage(), ends: 'upstream_bad_response' },
  {
    name: '200 with an error in JSON',
    kinds: ALL,
    script: answer(200, { error: { type: 'invalid_request_error', message: 'no' } }),
    ends: 'upstream_rejected',
  },
  {
    name: '200 with half of a JSON',
    kinds: ALL,
    script: answer(200, '{"half":', { 'content-type': 'application/json' }),
    ends: 'upstream_bad_response',
  },
  {
    name: 'an error in the stream',
    kinds: SOCKET,
    script: [text('part'), wait(20), fail('it broke')],
    shown: 'part',
    ends: 'upstream_error',
  },
  {
    name: 'an agent’s run that fails',
    kinds: HERMES,
    script: [text('part'), wait(20), fail('it broke')],
    shown: 'part',
    ends: 'upstream_error',
  },
  {
    name: 'a broken frame',
    kinds: SOCKET,
    script: [text('part'), wait(20), raw('data: {"broken\n\n')],
    shown: 'part',
    ends: 'upstream_bad_response',
  },
  {
    name: 'a stream without an end',
    kinds: ALL,
    script: [endlessStream(200)],
    shown: 'word0 ',
    ends: 'timeout',
    kept: /^word0 word1 /,
    stepMs: 100,
  },
  {
    name: '401',
    kinds: ALL,
    script: answer(401, { error: { message: 'bad key' } }),
    ends: 'upstream_auth',
    pauses: true,
  },
  {
    name: '402',
    kinds: ALL,
    script: answer(402, { error: { message: 'pay' } }),
    ends: 'quota_exhausted',
    pauses: true,
  },
];

describe('an upstream that does what it should not', () => {
  for (const fault of FAULTS) {
    for (const kind of fault.kinds) {
      it(`[E2-12] ${fault.name} (${kind}): one end with its reason, the text kept, nothing left open, and the queue goes on`, async () => {
        const world = await openWorld(kind);
        const { fake, harness } = world;
        fake.setDefault(fault.script);
        fake.next({ steps: [text('fine'), { do: 'finish' }], match: 'second' });
        const first = await harness.runs.submit({ sessionId: SESSION, input: 'first' }, null);
        const second = await harness.runs.submit({ sessionId: SESSION, input: 'second' }, null);
        if (fault.shown !== undefined) {
          const shown = fault.shown;
          await until(world, `“${shown}” is shown`, () => shownOf(harness, first.run_id).startsWith(shown));
        }
        await until(world, 'the end', () => terminalsOf(harness, first.run_id).length > 0, fault.stepMs ?? 30);
        await expectEnd(world, first.run_id, fault);
        if (fault.pauses === true) {
          expect(harness.store.sessions.get(SESSION)?.queue_paused).toBe('failure');
          expect(terminalsOf(harness, second.run_id)).toEqual([]);
          await harness.runs.resumeQueue(SESSION);
        }
        await until(world, 'the next end', () => terminalsOf(harness, second.run_id).length > 0, 50);
        expect(terminalsOf(harness, second.run_id)).toMatchObject([{ event: 'run.completed' }]);
        expect(textOf(harness, second.run_id)).toBe('fine');
        await until(world, 'nothing is open', () => fake.openAnswers === 0 && fake.recorder.liveRuns === 0, 50);
        expect(world.leases()).toBe(0);
        expect(terminalsOf(harness, first.run_id)).toHaveLength(1);
        expect(harness.errors).toEqual([]);
        // An agent whose run ran out of time is told to stop, and nobody waits for it to obey.
        if (kind !== 'hermes' || fault.ends !== 'timeout') expect(fake.recorder.peakLiveRuns).toBeLessThanOrEqual(1);
      });
    }
  }

  async function expectEnd({ harness }: World, runId: string, fault: Fault): Promise<void> {
    const [end] = terminalsOf(harness, runId);
    if (fault.ends.startsWith('run.')) expect(end?.event).toBe(fault.ends);
    else expect(end).toMatchObject({ event: 'run.failed', error_info: { code: fault.ends } });
    expect(JSON.stringify(harness.events)).not.toContain(SECRET);
    const kept = fault.kept ?? fault.shown ?? '';
    if (kept instanceof RegExp) expect(textOf(harness, runId)).toMatch(kept);
    else expect(textOf(harness, runId)).toBe(kept);
    // What was shown is what is kept, to the last character.
    expect(textOf(harness, runId).startsWith(shownOf(harness, runId))).toBe(true);
  }

  it('[E2-15] [BUG-A9] 404 on the events while the run goes on (hermes): the status is asked, and the answer is whole', async () => {
    const world = await openWorld('hermes', refuseEvents);
    const { fake, harness } = world;
    fake.next({ steps: [text('all '), waitForRelease('go'), text('of it'), { do: 'finish' }], match: 'first' });
    fake.next({ steps: [text('fine'), { do: 'finish' }], match: 'second' });
    const first = await harness.runs.submit({ sessionId: SESSION, input: 'first' }, null);
    const second = await harness.runs.submit({ sessionId: SESSION, input: 'second' }, null);
    const polls = () => fake.requestsTo('GET', /\/v1\/runs\/[^/]+$/).length;
    await until(world, 'the status is asked', () => polls() >= 2, 50);
    expect(terminalsOf(harness, first.run_id)).toEqual([]);
    expect(fake.requestsTo('POST', '/v1/runs')).toHaveLength(1);
    fake.release('go');
    await until(world, 'both ends', () => terminalsOf(harness, second.run_id).length > 0, 50);
    expect(terminalsOf(harness, first.run_id)).toMatchObject([{ event: 'run.completed', output: 'all of it' }]);
    expect(textOf(harness, first.run_id)).toBe('all of it');
    expect(fake.recorder.peakLiveRuns).toBe(1);
    expect(harness.errors).toEqual([]);
  });

  it('[E4-02] [E4-04] a stop that hangs (hermes) ends after 5 s as not confirmed, and the queue goes on', async () => {
    const world = await openWorld('hermes');
    const { fake, harness, clock } = world;
    fake.next({ steps: [text('part'), waitForRelease('never'), { do: 'finish' }], onStop: 'hang', match: 'first' });
    fake.next({ steps: [text('fine'), { do: 'finish' }], match: 'second' });
    const first = await harness.runs.submit({ sessionId: SESSION, input: 'first' }, null);
    const second = await harness.runs.submit({ sessionId: SESSION, input: 'second' }, null);
    await until(world, 'text', () => shownOf(harness, first.run_id) === 'part');
    const stopped = harness.runs.abort(SESSION);
    await until(world, 'the stop request', () => fake.stops.length > 0);
    const askedMs = clock.now();
    await until(world, 'the end', () => terminalsOf(harness, first.run_id).length > 0, 50);
    expect(clock.now() - askedMs).toBeGreaterThan(4500);
    expect(clock.now() - askedMs).toBeLessThan(7000);
    expect(await stopped).toMatchObject({ status: 'aborted', synced: false });
    expect(terminalsOf(harness, first.run_id)).toMatchObject([{ event: 'abort.completed', synced: false }]);
    expect(harness.events.some((event) => event.event === 'abort.timeout')).toBe(true);
    expect(textOf(harness, first.run_id)).toBe('part');
    await until(world, 'the next end', () => terminalsOf(harness, second.run_id).length > 0, 50);
    expect(terminalsOf(harness, second.run_id)).toMatchObject([{ event: 'run.completed' }]);
    // Whoever still asks the agent about the run that it would not stop is done when that run is.
    fake.release('never');
    await until(world, 'nothing is open', () => fake.openAnswers === 0 && world.leases() === 0, 50);
    expect(terminalsOf(harness, first.run_id)).toHaveLength(1);
  });

  for (const kind of SOCKET) {
    it(`[E4-02] a stop of a silent stream (${kind}) waits for nobody: the line is closed, the text kept, the queue goes on`, async () => {
      const world = await openWorld(kind);
      const { fake, harness, clock } = world;
      fake.next({ steps: [text('part'), stall()], match: 'first' });
      fake.next({ steps: [text('fine'), { do: 'finish' }], match: 'second' });
      const first = await harness.runs.submit({ sessionId: SESSION, input: 'first' }, null);
      const second = await harness.runs.submit({ sessionId: SESSION, input: 'second' }, null);
      await until(world, 'text', () => shownOf(harness, first.run_id) === 'part');
      const askedMs = clock.now();
      const stopped = harness.runs.abort(SESSION);
      await until(world, 'the next end', () => terminalsOf(harness, second.run_id).length > 0);
      expect(clock.now() - askedMs).toBeLessThan(5000);
      expect(await stopped).toMatchObject({ status: 'aborted', synced: true });
      expect(terminalsOf(harness, first.run_id)).toMatchObject([{ event: 'abort.completed', synced: true }]);
      expect(textOf(harness, first.run_id)).toBe('part');
      await until(world, 'nothing is open', () => fake.openAnswers === 0 && fake.recorder.liveRuns === 0);
      expect(fake.recorder.aborts).toHaveLength(1);
      expect(world.leases()).toBe(0);
    });
  }
});

/** Stands before an agent and answers 404 to everybody who wants to hear its events. */
async function refuseEvents(agentUrl: string): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.endsWith('/events') === true) {
      outgoing.writeHead(404, { 'content-type': 'application/json' });
      outgoing.end('{"error":{"message":"Run not found","code":"run_not_found"}}');
      return;
    }
    const onward = httpRequest(
      `${agentUrl}${incoming.url ?? ''}`,
      { method: incoming.method ?? 'GET', headers: incoming.headers },
      (reply) => {
        outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
