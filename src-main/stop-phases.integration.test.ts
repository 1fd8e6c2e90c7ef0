import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isTerminalEvent, type LoggedEvent } from '#contract/events';
import type { ProfileKind } from '#contract/records';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { inputOf } from '../e2e/fake-upstream/read-request.ts';
import { rateLimited, type Script, type Step, text, toolStart, waitForRelease } from '../e2e/fake-upstream/script.ts';
import { Gateway } from './gateway/gateway.ts';
import { fixedLease } from './gateway/testing/fixed-lease.ts';
import { ManualClock } from './platform/clock.ts';
import { countingIds, openRunsHarness, type RunsHarness } from './testing/runs-harness.ts';
import { tempDir } from './testing/temp-dir.ts';

// Stop in every phase of a run, for every kind of upstream: what the upstream is told, in which order, and what stays. How
// fast that is, a benchmark measures.

const SESSION = 's';
/** Real time that anything here may take: it takes milliseconds. Well below the 10 s after which a connection gives up. */
const PATIENCE_MS = 5000;
const KINDS: ProfileKind[] = ['openai-chat', 'anthropic', 'hermes'];
const SOCKET: ProfileKind[] = ['openai-chat', 'anthropic'];

interface World {
  fake: FakeUpstream;
  harness: RunsHarness;
  clock: ManualClock;
  /** Keys that were given out and not given back. */
  leases: () => number;
}

/** The runs core, the real gateway and adapters, and an upstream behind real sockets. */
async function openWorld(
  kind: ProfileKind,
  options: { baseUrl?: string; maxConcurrentRuns?: number; loadParts?: () => Promise<never> } = {},
): Promise<World> {
  const fake = await FakeUpstream.start();
  onTestFinished(() => fake.close());
  const clock = new ManualClock();
  let leases = 0;
  const settings = {
    headersTimeoutMs: 120_000,
    idleTimeoutMs: 60_000,
    totalTimeoutMs: 600_000,
    maxConcurrentRuns: options.maxConcurrentRuns ?? 0,
  };
  const gateway = new Gateway({
    profiles: {
      byName: (name) => ({ id: name, name, kind, baseUrl: options.baseUrl ?? fake.url, defaultModel: 'm' }),
    },
    credentials: {
      lease: async () => {
        leases++;
        return fixedLease('key', 'sk-test-0123456789', () => void leases--);
      },
    },
    settings: () => settings,
    clock,
  });
  onTestFinished(() => gateway.close());
  const { loadParts } = options;
  const harness = await openRunsHarness({
    dir: tempDir(),
    upstream: gateway,
    clock,
    nextId: countingIds(),
    settings,
    ...(loadParts === undefined ? {} : { loadParts }),
  });
  onTestFinished(() => harness.store.close());
  return { fake, harness, clock, leases: () => leases };
}

/** Turns of the event loop until something holds. The clock stands still but where a step is given. */
async function until(world: World, what: string, isTrue: () => boolean, stepMs = 0): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`Not within ${PATIENCE_MS / 1000} s: ${what}`);
    if (stepMs > 0) world.clock.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const eventsOf = (world: World, runId: string, name?: LoggedEvent['event']): LoggedEvent[] =>
  world.harness.events.filter(
    (event) => 'run_id' in event && event.run_id === runId && (name === undefined || event.event === name),
  );

const isAnswerPath = /\/v1\/(chat\/completions|messages|runs)$/;
/** The later message's request holds the earlier one as history: what counts is what was asked last. */
const requestsFor = (world: World, input: string) =>
  world.fake.requestsTo('POST', isAnswerPath).filter((request) => inputOf(request.body) === input);

/** What holds after every stop: one end, told as the stop, nothing left behind, and the next message is answered. */
async function expectStopped(world: World, runId: string, kept: string, requests: number): Promise<void> {
  const { harness, fake } = world;
  const terminals = () => eventsOf(world, runId).filter((event) => isTerminalEvent(event.event));
  await until(
    world,
    'nothing is open at the upstream',
    () => fake.openAnswers === 0 && fake.recorder.liveRuns === 0,
    5,
  );
  expect(requestsFor(world, 'first')).toHaveLength(requests);
  expect(terminals()).toMatchObject([{ event: 'abort.completed', synced: true }]);
  expect(eventsOf(world, runId).findIndex((event) => event.event === 'abort.started')).toBeLessThan(
    eventsOf(world, runId).findIndex((event) => event.event === 'abort.completed'),
  );
  const answer = harness.store.messages
    .all(SESSION)
    .filter((row) => row.run_id === runId && row.role === 'assistant')
    .map((row) => row.content)
    .join('');
  expect(answer).toBe(kept);
  expect(harness.store.runs.get(runId)).toMatchObject({ status: 'interrupted', synced: true, finishReason: 'aborted' });

  fake.next({ steps: [text('fine'), { do: 'finish' }], match: 'after' });
  const next = await harness.runs.submit({ sessionId: SESSION, input: 'after' }, null);
  await until(world, 'the next end', () => eventsOf(world, next.run_id, 'run.completed').length > 0, 5);
  // Long after whatever the upstream had named as a time to come back.
  for (let step = 0; step < 40; step++) {
    world.clock.advance(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(requestsFor(world, 'first')).toHaveLength(requests);
  expect(terminals()).toHaveLength(1);
  expect(world.leases()).toBe(0);
  expect(harness.errors).toEqual([]);
}

interface Phase {
  name: string;
  script: Script | Step[];
  kinds?: ProfileKind[];
  isThere: (world: World, runId: string) => boolean;
  kept: string;
  /** Whether the upstream is told: it has an answer under way. */
  isTold: boolean;
}

const PHASES: Phase[] = [
  {
    name: 'waiting for the headers',
    script: { steps: [], headersGate: 'never' },
    // An agent that has not said the run's id is a case of its own, below.
    kinds: SOCKET,
    isThere: (world) => requestsFor(world, 'first').length > 0,
    kept: '',
    isTold: true,
  },
  {
    name: 'waiting for the first token',
    script: [waitForRelease('never')],
    isThere: (world, runId) => eventsOf(world, runId, 'run.started').length > 0,
    kept: '',
    isTold: true,
  },
  {
    name: 'streaming',
    script: [text('part'), waitForRelease('never')],
    isThere: (world, runId) => eventsOf(world, runId, 'message.delta').length > 0,
    kept: 'part',
    isTold: true,
  },
  {
    name: 'a tool that has begun',
    script: [text('let me look'), toolStart('look', { id: 'c1', arguments: '{"q":1}' }), waitForRelease('never')],
    isThere: (world, runId) => eventsOf(world, runId, 'tool.started').length > 0,
    kept: 'let me look',
    isTold: true,
  },
  {
    name: 'waiting before another try',
    script: rateLimited('5'),
    isThere: (world, runId) => eventsOf(world, runId, 'run.retrying').length > 0,
    kept: '',
    isTold: false,
  },
];

describe('a stop in every phase', () => {
  for (const phase of PHASES) {
    for (const kind of phase.kinds ?? KINDS) {
      it(`[E4-01] [decision 11] [BUG-A3] ${phase.name} (${kind}): the upstream is told, the part stays, nothing comes later`, async () => {
        const world = await openWorld(kind);
        const { fake, harness } = world;
        fake.next({ ...(Array.isArray(phase.script) ? { steps: phase.script } : phase.script), match: 'first' });
        const first = await harness.runs.submit({ sessionId: SESSION, input: 'first' }, null);
        await until(world, phase.name, () => phase.isThere(world, first.run_id));
        const stopping = harness.runs.abort(SESSION);
        if (phase.isTold && kind === 'hermes') {
          await until(world, 'the stop request', () => fake.stops.length > 0);
          const [started] = eventsOf(world, first.run_id, 'run.started');
          expect(fake.stops[0]?.runId).toBe(started?.event === 'run.started' ? started.upstream_run_id : null);
        } else if (phase.isTold) {
          await until(world, 'the end of the line', () => fake.recorder.aborts.length > 0);
        }
        await until(world, 'the end', () => eventsOf(world, first.run_id, 'abort.completed').length > 0);
        expect(await stopping).toMatchObject({ status: 'aborted', run_id: first.run_id, synced: true });
        if (phase.isTold && kind === 'hermes') expect(fake.stops).toHaveLength(1);
        else expect(fake.stops).toEqual([]);
        await expectStopped(world, first.run_id, phase.kept, 1);
      });
    }
  }

  for (const kind of KINDS) {
    it(`[E4-01] [decision 11] [BUG-A3] waiting for a place (${kind}): the upstream never hears of it`, async () => {
      const world = await openWorld(kind, { maxConcurrentRuns: 1 });
      const { fake, harness } = world;
      fake.next({ steps: [waitForRelease('go'), { do: 'finish' }], match: 'other' });
      const other = await harness.runs.submit({ sessionId: 'other', input: 'other' }, null);
      await until(world, 'the place is taken', () => eventsOf(world, other.run_id, 'run.started').length > 0);
      const first = await harness.runs.submit({ sessionId: SESSION, input: 'first' }, null);
      expect(await harness.runs.abort(SESSION)).toMatchObject({
        status: 'aborted',
        run_id: first.run_id,
        synced: true,
      });
      expect(harness.slots.inUse).toBe(1);
      fake.release('go');
      await expectStopped(world, first.run_id, '', 0);
      expect(harness.slots.inUse).toBe(0);
    });

    it(`[E4-01] [decision 11] [BUG-A3] preparing (${kind}): a file that never comes holds nothing up, and nothing is sent`, async () => {
      let asked = 0;
      const world = await openWorld(kind, {
        loadParts: () => {
          asked++;
          return new Promise<never>(() => undefined);
        },
      });
      const { harness } = world;
      const input = [
        { type: 'text' as const, text: 'first' },
        { type: 'file' as const, name: 'a.txt', path: 'attachments/a.txt' },
      ];
      const first = await harness.runs.submit({ sessionId: SESSION, input }, null);
      await until(world, 'the file is asked for', () => asked > 0);
      expect(await harness.runs.abort(SESSION)).toMatchObject({
        status: 'aborted',
        run_id: first.run_id,
        synced: true,
      });
      expect(requestsFor(world, 'first')).toEqual([]);
      expect(eventsOf(world, first.run_id).filter((event) => isTerminalEvent(event.event))).toMatchObject([
        { event: 'abort.completed', synced: true },
      ]);
      expect(harness.slots.inUse).toBe(0);
      expect(world.leases()).toBe(0);
      expect(harness.errors).toEqual([]);
    });
  }

  for (const kind of SOCKET) {
    it(`[E4-01] [decision 11] [BUG-A3] connecting (${kind}): the socket is closed while it waits for the other side’s hello`, async () => {
      const silent = await silentServer();
      const world = await openWorld(kind, { baseUrl: silent.url });
      const { harness } = world;
      const first = await harness.runs.submit({ sessionId: SESSION, input: 'first' }, null);
      await until(world, 'our hello', () => silent.hellos() > 0);
      const stopping = harness.runs.abort(SESSION);
      await until(world, 'the end', () => eventsOf(world, first.run_id, 'abort.completed').length > 0);
      expect(await stopping).toMatchObject({ status: 'aborted', run_id: first.run_id, synced: true });
      await until(world, 'the end of the line', () => silent.open() === 0);
      expect(silent.hellos()).toBe(1);
      expect(eventsOf(world, first.run_id).filter((event) => isTerminalEvent(event.event))).toHaveLength(1);
      expect(world.leases()).toBe(0);
      expect(harness.errors).toEqual([]);
    });
  }

  it('[E4-01] [BUG-A3] before an agent has said the run’s id (hermes): it is stopped as soon as it does', async () => {
    const world = await openWorld('hermes');
    const { fake, harness } = world;
    fake.next({ steps: [text('unheard'), waitForRelease('never')], headersGate: 'accept', match: 'first' });
    const first = await harness.runs.submit({ sessionId: SESSION, input: 'first' }, null);
    await until(world, 'the request', () => requestsFor(world, 'first').length > 0);
    const stopping = harness.runs.abort(SESSION);
    await until(world, 'the stop is stored', () => eventsOf(world, first.run_id, 'abort.started').length > 0);
    expect(fake.stops).toEqual([]);
    fake.release('accept');
    await until(world, 'the stop request', () => fake.stops.length > 0);
    await until(world, 'the end', () => eventsOf(world, first.run_id, 'abort.completed').length > 0);
    expect(await stopping).toMatchObject({ status: 'aborted', synced: true });
    expect(fake.stops).toHaveLength(1);
    expect(eventsOf(world, first.run_id, 'run.started')).toEqual([]);
    expect(eventsOf(world, first.run_id).filter((event) => isTerminalEvent(event.event))).toHaveLength(1);
    await until(world, 'nothing is open', () => fake.openAnswers === 0 && fake.recorder.liveRuns === 0, 5);
    expect(fake.recorder.startedRuns).toBe(1);
    expect(world.leases()).toBe(0);
  });
});

/** Takes TCP connections and never says a word: whoever wants TLS waits for its hello. */
async function silentServer(): Promise<{ url: string; hellos: () => number; open: () => number }> {
  const sockets = new Set<Socket>();
  let hellos = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('data', () => hellos++);
    const gone = () => sockets.delete(socket);
    socket.on('end', gone);
    socket.on('close', gone);
    // A reset is an end, too.
    socket.on('error', gone);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, hellos: () => hellos, open: () => sockets.size };
}
