import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { systemClock } from '../src-main/platform/clock.ts';
import { dataPaths } from '../src-main/platform/paths.ts';
import { openStore } from '../src-main/store/store.ts';
import { askSocket, startCore, until } from './core-process.ts';
import { round, startAnnounced } from './processes.ts';

// A thousand conversations, each with a running message and three waiting ones, and ten places: is everything answered,
// once, and does the core stay quick meanwhile. Upstream, core and client are three processes. The floor is the same
// number of the same requests sent by hand, ten at a time.

const SESSIONS = Number(process.env['BENCH_SESSIONS'] ?? 1000);
const MESSAGES_EACH = 4;
const AT_ONCE = 10;
const GOAL_LOOP_P99_MS = 20;
const TOTAL = SESSIONS * MESSAGES_EACH;
/** The whole bench stays below a minute and a half. */
const WITHIN_MS = 60_000;
const SUBMITS_AT_ONCE = 50;

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const fake = await startAnnounced<{ url: string }>(['e2e/fake-upstream/main.ts', '--port', '0']);
const core = await startCore(dir);
const post = (path: string, body: unknown) =>
  fetch(`${fake.hello.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const inputOf = (session: number, index: number) => `question ${index} of conversation ${session}`;

interface FakeState {
  requests: { path: string; body: { messages?: { role: string; content: string }[] } | null }[];
  peakLiveRuns: number;
}

/** Runs tasks with a limit on how many are under way. */
async function inFlight(count: number, limit: number, task: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: limit }, async () => {
      while (next < count) await task(next++);
    }),
  );
}

/** The same requests without Sluice: each with the turns that came before it in its conversation. */
async function floorPerSecond(): Promise<number> {
  const agent = new Agent({ connections: AT_ONCE, pipelining: 1 });
  const startMs = performance.now();
  await inFlight(TOTAL, AT_ONCE, async (index) => {
    const turns = Math.floor(index / SESSIONS);
    const messages = Array.from({ length: turns }, (_, turn) => [
      { role: 'user', content: inputOf(index, turn) },
      { role: 'assistant', content: 'answered' },
    ]).flat();
    const answer = await request(`${fake.hello.url}/v1/chat/completions`, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'm',
        stream: true,
        messages: [...messages, { role: 'user', content: inputOf(index, turns) }],
      }),
    });
    await answer.body.text();
  });
  await agent.destroy();
  return TOTAL / ((performance.now() - startMs) / 1000);
}

/** What is in the store once the core has let go of it. */
function stored() {
  const store = openStore(dataPaths(dir), { clock: systemClock });
  const one = (sql: string) => Number(store.db.prepare(sql).pluck().get());
  const counts = {
    waiting: one('select count(*) from queued_runs'),
    succeeded: one("select count(*) from runs where status = 'success'"),
    otherRuns: one("select count(*) from runs where status <> 'success'"),
    answers: one("select count(*) from messages where role = 'assistant' and content = 'answered'"),
    questions: one("select count(distinct content) from messages where role = 'user'"),
  };
  store.close();
  return counts;
}

let isStopped = false;
try {
  await core.call('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: fake.hello.url, defaultModel: 'm' });
  await core.call('settings.set', { values: { maxConcurrentRuns: AT_ONCE } });
  const socket = await core.connect();
  const ended = { completed: 0, other: 0 };
  socket.on('run.completed', () => ended.completed++);
  for (const name of ['run.failed', 'run.cancelled', 'abort.completed']) socket.on(name, () => ended.other++);

  // All stand at a gate until everything waits.
  await post('/__fake/default', [
    { do: 'gate', name: 'go' },
    { do: 'text', text: 'answered' },
  ]);
  await core.ask('gc');
  await sleep(500);
  await core.ask('reset');
  await sleep(1000);
  const idle = await core.ask('report');
  const fillStartMs = performance.now();
  for (let index = 0; index < MESSAGES_EACH; index++) {
    await inFlight(SESSIONS, SUBMITS_AT_ONCE, async (session) => {
      await askSocket(socket, 'run', { session_id: `s${session}`, input: inputOf(session, index), profile: 'fake' });
    });
  }
  const fillMs = performance.now() - fillStartMs;
  await core.ask('reset');
  const before = await core.ask('report');
  const startMs = performance.now();
  await post('/__fake/release/go', null);
  await until('everything is answered', () => ended.completed + ended.other >= TOTAL, WITHIN_MS).catch(
    // What is missing is what the figures say.
    () => undefined,
  );
  const tookMs = performance.now() - startMs;
  const busy = await core.ask('report');
  const state = (await (await fetch(`${fake.hello.url}/__fake/state`)).json()) as FakeState;
  socket.disconnect();
  await core.stop();
  isStopped = true;

  const seen = new Map<string, number>();
  for (const { path, body } of state.requests) {
    if (!path.endsWith('/chat/completions')) continue;
    const input = body?.messages?.findLast(({ role }) => role === 'user')?.content ?? '';
    seen.set(input, (seen.get(input) ?? 0) + 1);
  }
  const once = [...seen.values()].filter((times) => times === 1).length;
  const rows = stored();
  const nothingLost =
    once === TOTAL &&
    seen.size === TOTAL &&
    ended.completed === TOTAL &&
    rows.waiting === 0 &&
    rows.succeeded === TOTAL &&
    rows.otherRuns === 0 &&
    rows.answers === TOTAL &&
    rows.questions === TOTAL;
  const perSecond = TOTAL / (tookMs / 1000);
  const floor = await floorPerSecond();
  const loopP99Ms = busy.loopP99Ms - idle.loopP99Ms;
  process.stdout.write(
    `${JSON.stringify({
      name: 'drain',
      sessions: SESSIONS,
      messages: TOTAL,
      atOnce: AT_ONCE,
      goals: { nothingLost: true, loopDelayP99Ms: GOAL_LOOP_P99_MS },
      completed: ended.completed,
      otherEnds: ended.other,
      inputsSeenOnce: once,
      inputsSeen: seen.size,
      stored: rows,
      peakAtUpstream: state.peakLiveRuns,
      nothingLost,
      fill: { ms: round(fillMs, 0), perSecond: round(TOTAL / (fillMs / 1000), 0) },
      drain: { ms: round(tookMs, 0), perSecond: round(perSecond, 0), cpuMs: round(busy.cpuMs - before.cpuMs, 0) },
      floor: { perSecond: round(floor, 0) },
      ratioToFloor: round(perSecond / floor),
      loopDelayMs: { idleP99: round(idle.loopP99Ms), p99: round(busy.loopP99Ms), max: round(busy.loopMaxMs) },
      met: nothingLost && state.peakLiveRuns <= AT_ONCE && loopP99Ms <= GOAL_LOOP_P99_MS,
    })}\n`,
  );
} finally {
  if (!isStopped) await core.stop();
  await fake.stop();
  rmSync(dir, { recursive: true, force: true });
}
