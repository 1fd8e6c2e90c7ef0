import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { COALESCE_MS } from '../src-main/runs/delta-coalescer.ts';
import { percentile, round, startAnnounced } from './processes.ts';

// Many answers at once: an upstream in one process, the core in another, a subscriber here. Each token carries the time at
// which the upstream wrote it, so a delay is upstream socket → subscriber. The floor is the same number of the same streams
// read directly, in the same run: on a machine of few cores a part of every tail is the machine's.

const TOKENS_PER_SECOND = 200;
const STAMP = /@(\d+(?:\.\d+)?)\|/g;
/** Streams and seconds. The last one is the load under which loop delay and memory are judged. */
const LOADS: readonly (readonly [streams: number, seconds: number])[] = [
  [1, 8],
  [16, 8],
  [Number(process.env['BENCH_STREAMS'] ?? 64), Number(process.env['BENCH_SECONDS'] ?? 30)],
];

interface HostReport {
  loopP99Ms: number;
  loopMaxMs: number;
  heapMb: number;
  rssMb: number;
  cpuMs: number;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function figures(samples: readonly number[]) {
  return { p50: round(percentile(samples, 0.5)), p99: round(percentile(samples, 0.99)) };
}

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const fake = await startAnnounced<{ url: string }>(['e2e/fake-upstream/main.ts', '--port', '0']);
const host = await startAnnounced<{ url: string }>(['--expose-gc', 'bench/core-host.ts'], { SLUICE_DATA_DIR: dir });

async function ask(what: 'gc' | 'reset' | 'report'): Promise<HostReport> {
  host.child.send(what);
  return ((await once(host.child, 'message')) as [HostReport])[0];
}

async function call(route: string, input: unknown): Promise<unknown> {
  const response = await fetch(`${host.hello.url}/api/app/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
    body: JSON.stringify(input),
  });
  return response.json();
}

async function setDefault(seconds: number): Promise<void> {
  await fetch(`${fake.hello.url}/__fake/default`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ do: 'paced', tokensPerSecond: TOKENS_PER_SECOND, seconds, stamped: true }]),
  });
}

/** The same stream without anything between. */
async function directDelays(): Promise<number[]> {
  const delays: number[] = [];
  const response = await fetch(`${fake.hello.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'direct' }] }),
  });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    const at = now();
    for (const match of decoder.decode(chunk, { stream: true }).matchAll(STAMP)) delays.push(at - Number(match[1]));
  }
  return delays;
}

async function measure(socket: Socket, streams: number, seconds: number) {
  await setDefault(3);
  const direct = (await Promise.all(Array.from({ length: streams }, directDelays))).flat();
  await setDefault(seconds);
  const beyondWindow: number[] = [];
  const newest: number[] = [];
  const counts = { tokens: 0, events: 0, completed: 0, failed: 0 };
  // A forced collection stops the core; what is on its way then says nothing about a life without one.
  let ignoredUntilMs = 0;
  socket.removeAllListeners();
  socket.on('message.delta', (event: { delta: string }) => {
    const at = now();
    const counted = at > ignoredUntilMs;
    const stamps = Array.from(event.delta.matchAll(STAMP), (match) => Number(match[1]));
    counts.events++;
    counts.tokens += stamps.length;
    const [first, last] = [stamps[0], stamps.at(-1)];
    if (first !== undefined && counted) beyondWindow.push(Math.max(0, at - first - COALESCE_MS));
    if (last !== undefined && counted) newest.push(at - last);
  });
  socket.on('run.completed', () => counts.completed++);
  socket.on('run.failed', () => counts.failed++);

  await ask('gc');
  await sleep(500);
  await ask('reset');
  await sleep(1000);
  const idle = await ask('gc');
  await ask('reset');
  for (let index = 0; index < streams; index++) {
    await socket.emitWithAck('run', { session_id: `${streams}-${index}`, input: `stream ${index}`, profile: 'fake' });
  }
  await sleep((seconds * 1000) / 2);
  const firstHalf = await ask('report');
  ignoredUntilMs = Number.POSITIVE_INFINITY;
  const middle = await ask('gc');
  await ask('reset');
  ignoredUntilMs = now() + 500;
  const deadlineMs = now() + seconds * 1000 + 20_000;
  while (counts.completed + counts.failed < streams && now() < deadlineMs) await sleep(50);
  const busy = await ask('report');
  const after = await ask('gc');
  return {
    streams,
    seconds,
    completed: counts.completed,
    failed: counts.failed,
    tokens: { received: counts.tokens, sent: streams * TOKENS_PER_SECOND * seconds },
    events: counts.events,
    delayBeyondWindowMs: figures(beyondWindow),
    newestTokenDelayMs: figures(newest),
    directDelayMs: figures(direct),
    loopDelayMs: {
      idleP99: round(idle.loopP99Ms),
      p99: round(Math.max(firstHalf.loopP99Ms, busy.loopP99Ms)),
      max: round(Math.max(firstHalf.loopMaxMs, busy.loopMaxMs)),
    },
    memoryMb: {
      heapBefore: round(idle.heapMb),
      heapMiddle: round(middle.heapMb),
      heapAfter: round(after.heapMb),
      secondHalfSlopePerMinute: round(((after.heapMb - middle.heapMb) / (seconds / 2)) * 60),
      rssAfter: round(after.rssMb),
    },
    cpuShareOfOneCore: round((busy.cpuMs - idle.cpuMs) / 1000 / seconds),
  };
}

try {
  await call('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: fake.hello.url, defaultModel: 'm' });
  const socket = io(`${host.hello.url}/chat-run`, { auth: { token: 'bench' }, transports: ['websocket'] });
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  const loads = [];
  for (const [streams, seconds] of LOADS) loads.push(await measure(socket, streams, seconds));
  socket.disconnect();
  process.stdout.write(
    `${JSON.stringify({
      name: 'streams',
      tokensPerSecond: TOKENS_PER_SECOND,
      coalesceMs: COALESCE_MS,
      goals: { delayBeyondWindowP99Ms: 5, loopDelayP99Ms: 20, heapGrowthMb: 10 },
      loads,
    })}\n`,
  );
} finally {
  await host.stop();
  await fake.stop();
  rmSync(dir, { recursive: true, force: true });
}
