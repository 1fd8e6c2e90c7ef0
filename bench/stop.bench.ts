import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChatEvent, isTerminalEvent } from '#contract/events';
import type { RunAck } from '#contract/routes';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { inputOf } from '../e2e/fake-upstream/read-request.ts';
import type { RecordedRequest } from '../e2e/fake-upstream/recorder.ts';
import {
  endlessStream,
  rateLimited,
  type Script,
  type Step,
  toolStart,
  waitForRelease,
} from '../e2e/fake-upstream/script.ts';
import { askSocket, startCore, until } from './core-process.ts';
import { median, percentile, round } from './processes.ts';
import { seedConversation, seedStore } from './seed.ts';
import { SilentServer } from './stop-upstreams.ts';

// How long after Stop was pressed the upstream knows it, by the upstream's own clock. Client and upstream live in this
// process and share that clock; the core has its own process. Pressed is the moment at which `abort` is emitted.

const TIMES = 20;
const GOAL_MS = 100;
/** Nothing that comes later is waited for; it is printed as missing. */
const WATCH_MS = 12_000;
const PATIENCE_MS = 200;
/** The upstream asks to be left alone for this long: a try that comes in spite of the stop comes within it. */
const RETRY_AFTER_SECONDS = 2;
const LONG_SESSION_ROWS = 10_000;

const KINDS = ['openai-chat', 'anthropic', 'hermes'] as const;
type Kind = (typeof KINDS)[number];

/** What the upstream is to see of a stop. */
type Sign = 'fin' | 'stop' | 'nothing';

interface Sample {
  input: string;
  runId: string;
  press: Press;
  /** When the upstream knew; null where it never heard of the run, or never of the stop. */
  seenAtMs: () => number | null;
}

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
await seedStore(dir, async (store) => {
  for (const kind of KINDS) await seedConversation(store, `long-${kind}`, LONG_SESSION_ROWS);
});
const fake = await FakeUpstream.start();
const core = await startCore(dir);
const socket = await core.connect();

const eventsByRun = new Map<string, ChatEvent[]>();
socket.onAny((_name: string, event: ChatEvent) => {
  const runId = 'run_id' in event ? event.run_id : null;
  if (typeof runId !== 'string') return;
  const known = eventsByRun.get(runId) ?? [];
  known.push(event);
  eventsByRun.set(runId, known);
});
const hasEvent = (runId: string, name: ChatEvent['event']) =>
  eventsByRun.get(runId)?.some((event) => event.event === name) ?? false;

const isAnswerPath = (path: string) => /\/v1\/(chat\/completions|messages|runs)$/.test(path);
let lookedAt = 0;
/** By input: each of these samples has an upstream of its own, for connections to one are shared. */
const silents = new Map<string, SilentServer>();

/** The requests for an answer to this input. Bodies come later than their requests, so each is looked at again. */
function requestsFor(input: string): RecordedRequest[] {
  const open: RecordedRequest[] = [];
  for (const request of fake.requests.slice(lookedAt)) {
    if (isAnswerPath(request.path) && request.method === 'POST') open.push(request);
  }
  return open.filter((request) => inputOf(request.body) === input);
}

function forgetOlderRequests(): void {
  lookedAt = fake.requests.length;
}

async function start(sessionId: string, input: string, profile: string): Promise<RunAck> {
  return askSocket<RunAck>(socket, 'run', { session_id: sessionId, input, profile });
}

interface Press {
  atMs: number;
  /** Until Stop was answered; null while it is not. */
  answeredMs: number | null;
}

/** Presses Stop and waits for its answer, but no longer than that: the next sample must not wait for a slow one. */
async function press(sessionId: string, patienceMs = PATIENCE_MS): Promise<Press> {
  const pressed: Press = { atMs: performance.now(), answeredMs: null };
  const answered = askSocket(socket, 'abort', { session_id: sessionId }).then(() => {
    pressed.answeredMs = performance.now() - pressed.atMs;
  });
  await Promise.race([answered, sleep(patienceMs)]);
  return pressed;
}

function signOf(kind: Kind, input: string, runId: string): () => number | null {
  const silent = silents.get(input);
  if (silent !== undefined) return () => silent.goneAtMs;
  if (kind !== 'hermes') return () => requestsFor(input)[0]?.abortedAtMs ?? null;
  return () => {
    const started = eventsByRun.get(runId)?.find((event) => event.event === 'run.started');
    const id = started !== undefined && 'upstream_run_id' in started ? started.upstream_run_id : null;
    return fake.stops.find((stop) => stop.runId === id)?.atMs ?? null;
  };
}

interface PhaseSpec {
  name: string;
  sign: (kind: Kind) => Sign;
  script: (input: string) => Script | Step[] | null;
  /** Holds once the run is in the phase. */
  isThere: (sample: { input: string; runId: string }) => boolean;
  session?: (kind: Kind) => string;
  isSilent?: true;
  /** The stop is seen on the request for the summary and not on that for the answer. */
  isSummary?: true;
  kinds?: readonly Kind[];
}

const never = 'never';
const told = (kind: Kind): Sign => (kind === 'hermes' ? 'stop' : 'fin');
const SPECS: PhaseSpec[] = [
  { name: 'queue', sign: () => 'nothing', script: () => null, isThere: () => true },
  {
    name: 'preparing',
    sign: () => 'nothing',
    script: () => [waitForRelease(never)],
    isThere: () => true,
    session: (kind) => `long-${kind}`,
  },
  {
    name: 'connect',
    sign: () => 'fin',
    script: () => null,
    isSilent: true,
    isThere: ({ input }) => (silents.get(input)?.hellos ?? 0) > 0,
  },
  {
    name: 'headers',
    sign: told,
    script: () => ({ steps: [], headersGate: never }),
    isThere: ({ input }) => requestsFor(input).length > 0,
  },
  {
    name: 'first token',
    sign: told,
    script: () => [waitForRelease(never)],
    isThere: ({ runId }) => hasEvent(runId, 'run.started'),
  },
  {
    name: 'streaming',
    sign: told,
    script: () => [endlessStream(50)],
    isThere: ({ runId }) => hasEvent(runId, 'message.delta'),
  },
  {
    name: 'tool',
    sign: told,
    script: () => [toolStart('look', { id: 'c1', arguments: '{"q":1}' }), waitForRelease(never)],
    isThere: ({ runId }) => hasEvent(runId, 'tool.started'),
  },
  {
    name: 'retry',
    sign: () => 'nothing',
    script: () => rateLimited(String(RETRY_AFTER_SECONDS)),
    isThere: ({ runId }) => hasEvent(runId, 'run.retrying'),
  },
];
/** The conversation is long enough to be summarised first. An agent with tools is never asked for that. */
const COMPRESSION: PhaseSpec = {
  name: 'compression',
  sign: () => 'fin',
  script: () => null,
  isThere: ({ runId }) => hasEvent(runId, 'compression.started'),
  session: (kind) => `long-${kind}`,
  isSummary: true,
  kinds: ['openai-chat', 'anthropic'],
};
SPECS.push(COMPRESSION);
/** Where a run at an agent has no id yet, nothing can be told: see docs/decisions on stopping before acceptance. */
const BEFORE_ACCEPTANCE = new Set(['connect', 'headers']);

async function sampleOf(spec: PhaseSpec, kind: Kind, index: number): Promise<Sample> {
  const input = `${spec.name}-${kind}-${index}-please`.replaceAll(' ', '-');
  const sessionId = spec.session?.(kind) ?? `s-${input}`;
  const script = spec.script(input);
  if (script !== null) fake.next({ ...(Array.isArray(script) ? { steps: script } : script), match: input });
  const profile = spec.isSilent === true ? await silentProfile(kind, input) : kind;
  const before = fake.requests.length;
  const { run_id: runId } = await start(sessionId, input, profile);
  await until(`${input} is there`, () => spec.isThere({ input, runId }), 10_000);
  if (spec.isSummary === true) {
    const asked = () => fake.requests.slice(before).find((request) => isAnswerPath(request.path));
    await until(`${input} is asked for`, () => asked() !== undefined, 10_000);
    const pressed = await press(sessionId);
    return { input, runId, press: pressed, seenAtMs: () => asked()?.abortedAtMs ?? null };
  }
  return { input, runId, press: await press(sessionId), seenAtMs: signOf(kind, input, runId) };
}

async function addProfile(name: string, kind: Kind, baseUrl: string): Promise<string> {
  const { id } = await core.call<{ id: string }>('profiles.create', { name, kind, baseUrl, defaultModel: 'm' });
  await core.call('credentials.create', { profileId: id, label: 'bench', secret: 'sk-bench-0123456789abcdef' });
  return name;
}

async function silentProfile(kind: Kind, input: string): Promise<string> {
  const silent = await SilentServer.start();
  silents.set(input, silent);
  return addProfile(input, kind, silent.url);
}

/** All samples of one phase of one kind. */
async function measure(spec: PhaseSpec, kind: Kind, times = TIMES) {
  forgetOlderRequests();
  let blocker: string | null = null;
  if (spec.name === 'queue') {
    blocker = `blocker-${kind}`;
    fake.next({ steps: [waitForRelease(never)], match: blocker });
    const { run_id } = await start(blocker, blocker, kind);
    await until('the only place is taken', () => hasEvent(run_id, 'run.started'));
    await core.call('settings.set', { values: { maxConcurrentRuns: 1 } });
  }
  if (spec.isSummary === true) {
    fake.setDefault([waitForRelease(never)]);
    await core.call('settings.set', { values: { compressionEnabled: true } });
  }
  const samples: Sample[] = [];
  for (let index = 0; index < times; index++) samples.push(await sampleOf(spec, kind, index));
  if (blocker !== null) {
    await core.call('settings.set', { values: { maxConcurrentRuns: 0 } });
    await press(blocker);
  }
  const sign = spec.sign(kind);
  const isOver = (sample: Sample) =>
    sample.press.answeredMs !== null && (sign === 'nothing' || sample.seenAtMs() !== null);
  const endMs = performance.now() + WATCH_MS;
  while (!samples.every(isOver) && performance.now() < endMs) await sleep(5);
  if (sign === 'nothing') {
    // Long enough for what must not come: a next try, or a request that left after the stop.
    await sleep(spec.name === 'retry' ? RETRY_AFTER_SECONDS * 1000 + 500 : 300);
  }
  return { spec, kind, sign, samples };
}

function summary({ spec, sign, samples }: Awaited<ReturnType<typeof measure>>) {
  const acks = samples.flatMap((sample) => sample.press.answeredMs ?? []);
  const seen = samples.flatMap((sample) => {
    const atMs = sample.seenAtMs();
    return atMs === null ? [] : [atMs - sample.press.atMs];
  });
  const figures = sign === 'nothing' ? acks : seen;
  const expected = spec.name === 'retry' ? 1 : 0;
  const reached = samples.map((sample) => requestsFor(sample.input));
  const later = samples.map(
    (sample, index) => (reached[index] ?? []).filter((request) => request.receivedAtMs > sample.press.atMs + 1).length,
  );
  const terminals = samples.map(
    (sample) => eventsByRun.get(sample.runId)?.filter((event) => isTerminalEvent(event.event)).length ?? 0,
  );
  const max = figures.length === 0 ? null : Math.max(...figures);
  const requestsAfterPress = later.reduce((sum, count) => sum + count, 0);
  const missing = samples.length - figures.length;
  return {
    /** What was timed: the connection's end, the stop request, or, where the upstream is to hear nothing, the answer. */
    timed: sign === 'nothing' ? 'answer' : sign,
    n: figures.length,
    medianMs: round(median(figures)),
    p99Ms: round(percentile(figures, 0.99)),
    maxMs: round(max),
    answerMedianMs: round(median(acks)),
    unanswered: samples.length - acks.length,
    notSeen: missing,
    requestsAfterPress,
    ...(sign === 'nothing' ? { reachedUpstream: reached.filter((requests) => requests.length > expected).length } : {}),
    oneTerminalEvent: terminals.every((count) => count === 1),
    met: missing === 0 && max !== null && max <= GOAL_MS && requestsAfterPress === 0,
  };
}

/** The same without Sluice: a request that its client aborts, and a stop request that is sent by hand. */
async function floors() {
  const fins: number[] = [];
  const stops: number[] = [];
  for (let index = 0; index < TIMES; index++) {
    const input = `floor-${index}-please`;
    forgetOlderRequests();
    fake.next({ steps: [waitForRelease(never)], match: input });
    const controller = new AbortController();
    await fetch(`${fake.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ stream: true, messages: [{ role: 'user', content: input }] }),
      signal: controller.signal,
    });
    const abortedAtMs = performance.now();
    controller.abort();
    await until('the floor is seen', () => requestsFor(input)[0]?.abortedAtMs != null);
    fins.push((requestsFor(input)[0]?.abortedAtMs ?? 0) - abortedAtMs);
    const sentAtMs = performance.now();
    await fetch(`${fake.url}/v1/runs/floor-${index}/stop`, { method: 'POST' });
    stops.push((fake.stops.at(-1)?.atMs ?? 0) - sentAtMs);
  }
  const pings: number[] = [];
  for (let index = 0; index < TIMES; index++) {
    const atMs = performance.now();
    await askSocket(socket, 'resume', { session_id: 'nothing' });
    pings.push(performance.now() - atMs);
  }
  return { finMs: round(median(fins)), stopMs: round(median(stops)), socketAnswerMs: round(median(pings)) };
}

/** An agent that has not said the run's id: the stop waits for it, for 5 s at most. */
async function beforeAcceptance() {
  forgetOlderRequests();
  const late: number[] = [];
  for (let index = 0; index < 10; index++) {
    const input = `late-${index}-please`;
    fake.next({ steps: [waitForRelease(never)], match: input, slowHeadersMs: 200 });
    const stopsBefore = fake.stops.length;
    await start(`s-${input}`, input, 'hermes');
    await until(`${input} has arrived`, () => requestsFor(input).length > 0);
    const pressed = press(`s-${input}`, WATCH_MS);
    await until(`${input} is stopped`, () => fake.stops.length > stopsBefore);
    late.push((fake.stops.at(-1)?.atMs ?? 0) - (requestsFor(input)[0]?.closedAtMs ?? 0));
    await pressed;
  }
  const unaccepted: Record<string, unknown> = {};
  for (const spec of SPECS.filter(({ name }) => BEFORE_ACCEPTANCE.has(name))) {
    forgetOlderRequests();
    const samples = await Promise.all(
      Array.from({ length: 5 }, async (_, index) => {
        const input = `unaccepted-${spec.name}-${index}-please`;
        const script = spec.script(input);
        if (script !== null) fake.next({ ...(Array.isArray(script) ? { steps: script } : script), match: input });
        const profile = spec.isSilent === true ? await silentProfile('hermes', input) : 'hermes';
        const { run_id: runId } = await start(`s-${input}`, input, profile);
        await until(`${input} is there`, () => spec.isThere({ input, runId }), 10_000);
        const pressed = await press(`s-${input}`, WATCH_MS);
        const fin = () => silents.get(input)?.goneAtMs ?? requestsFor(input)[0]?.abortedAtMs ?? null;
        const endMs = performance.now() + WATCH_MS;
        while (fin() === null && performance.now() < endMs) await sleep(5);
        const finAtMs = fin();
        return { answeredMs: pressed.answeredMs, finMs: finAtMs === null ? null : finAtMs - pressed.atMs };
      }),
    );
    unaccepted[spec.name] = {
      n: samples.length,
      answerMedianMs: round(median(samples.flatMap(({ answeredMs }) => answeredMs ?? [])), 0),
      finMedianMs: round(median(samples.flatMap(({ finMs }) => finMs ?? [])), 0),
      notSeen: samples.filter(({ finMs }) => finMs === null).length,
    };
  }
  const max = Math.max(...late);
  return {
    acceptedAfterTheStop: {
      n: late.length,
      fromAcceptanceToStopMedianMs: round(median(late)),
      maxMs: round(max),
      goal: GOAL_MS,
      met: max <= GOAL_MS,
    },
    neverAccepted: unaccepted,
  };
}

try {
  // Only its own phase summarises: a summary that fails in another one would keep it from that.
  await core.call('settings.set', { values: { compressionEnabled: false } });
  for (const kind of KINDS) {
    await addProfile(kind, kind, fake.url);
    // The HTTP client and the code behind it are loaded by a first request.
    await start(`warm-${kind}`, `warm-${kind}`, kind);
  }
  await sleep(500);
  const floor = await floors();
  const phases: Record<string, Record<string, ReturnType<typeof summary>>> = {};
  for (const spec of SPECS) {
    for (const kind of KINDS) {
      if (kind === 'hermes' && BEFORE_ACCEPTANCE.has(spec.name)) continue;
      if (spec.kinds !== undefined && !spec.kinds.includes(kind)) continue;
      const figures = summary(await measure(spec, kind));
      phases[spec.name] = { ...phases[spec.name], [kind]: figures };
    }
  }
  const all = Object.values(phases).flatMap((byKind) => Object.values(byKind));
  const overallMaxMs = Math.max(...all.map(({ maxMs }) => maxMs ?? Number.POSITIVE_INFINITY));
  process.stdout.write(
    `${JSON.stringify({
      name: 'stop',
      times: TIMES,
      goal: { maxMs: GOAL_MS },
      floor,
      phases,
      hermesBeforeAcceptance: await beforeAcceptance(),
      overallMaxMs: Number.isFinite(overallMaxMs) ? overallMaxMs : null,
      met: all.every(({ met }) => met),
    })}\n`,
  );
} finally {
  socket.disconnect();
  await core.stop();
  for (const silent of silents.values()) silent.close();
  await fake.close();
  rmSync(dir, { recursive: true, force: true });
}
