import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { COALESCE_MS } from '../src-main/runs/delta-coalescer.ts';
import { percentile, round, startAnnounced } from './processes.ts';

// Many answers at once: an upstream in one process, the core in another, a subscriber here. Each token carries the time at
// which the upstream wrote it, so a delay is upstream socket → subscriber. The floor is the same stream read directly.

const STREAMS = Number(process.env['BENCH_STREAMS'] ?? 64);
const TOKENS_PER_SECOND = 200;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 30);
const STAMP = /@(\d+(?:\.\d+)?)\|/g;

interface HostReport {
  loopP99Ms: number;
  loopMaxMs: number;
  heapMb: number;
  externalMb: number;
  rssMb: number;
  cpuMs: number;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

/** The same stream without anything between. */
async function directDelays(url: string): Promise<number[]> {
  const delays: number[] = [];
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'direct' }] }),
  });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    const at = now();
    for (const match of decoder.decode(chunk, { stream: true }).matchAll(STAMP))
      delays.push(at - Number(match[1]));
  }
  return delays;
}

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const fake = await startAnnounced<{ url: string }>(['e2e/fake-upstream/main.ts', '--port', '0']);
const host = await startAnnounced<{ url: string }>(['--expose-gc', 'bench/core-host.ts'], { SLUICE_DATA_DIR: dir });
try {
  const ask = async (what: string): Promise<HostReport> => {
    host.child.send(what);
    return ((await once(host.child, 'message')) as [HostReport])[0];
  };
  const call = async (route: string, input: unknown): Promise<unknown> => {
    const response = await fetch(`${host.hello.url}/api/app/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
      body: JSON.stringify(input),
    });
    return response.json();
  };
  const setDefault = async (seconds: number) =>
    fetch(`${fake.hello.url}/__fake/default`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ do: 'paced', tokensPerSecond: TOKENS_PER_SECOND, seconds, stamped: true }]),
    });

  await setDefault(3);
  const floor = await directDelays(fake.hello.url);
  await setDefault(SECONDS);
  await call('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: fake.hello.url, defaultModel: 'm' });

  const socket = io(`${host.hello.url}/chat-run`, { auth: { token: 'bench' }, transports: ['websocket'] });
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  const beyondWindow: number[] = [];
  const newest: number[] = [];
  let tokens = 0;
  let events = 0;
  let ended = 0;
  let failed = 0;
  socket.on('message.delta', (event: { delta: string }) => {
    const at = now();
    const stamps = Array.from(event.delta.matchAll(STAMP), (match) => Number(match[1]));
    events++;
    tokens += stamps.length;
    const first = stamps[0];
    const last = stamps.at(-1);
    if (first !== undefined) beyondWindow.push(Math.max(0, at - first - COALESCE_MS));
    if (last !== undefined) newest.push(at - last);
  });
  socket.on('run.completed', () => ended++);
  socket.on('run.failed', () => failed++);

  await ask('gc');
  await sleep(500);
  await ask('reset');
  await sleep(1000);
  const idle = await ask('gc');
  await ask('reset');
  for (let index = 0; index < STREAMS; index++) {
    await socket.emitWithAck('run', { session_id: `bench-${index}`, input: `stream ${index}`, profile: 'fake' });
  }
  const halfMs = (SECONDS * 1000) / 2;
  await sleep(halfMs);
  const middle = await ask('gc');
  await sleep(halfMs);
  const deadlineMs = now() + 20_000;
  while (ended + failed < STREAMS && now() < deadlineMs) await sleep(50);
  const busy = await ask('report');
  const after = await ask('gc');
  socket.disconnect();

  const expected = STREAMS * TOKENS_PER_SECOND * SECONDS;
  process.stdout.write(
    `${JSON.stringify({
      name: 'streams',
      streams: STREAMS,
      tokensPerSecond: TOKENS_PER_SECOND,
      seconds: SECONDS,
      coalesceMs: COALESCE_MS,
      completed: ended,
      failed,
      tokens: { received: tokens, sentAtMost: expected },
      events,
      delayBeyondWindowMs: {
        p50: round(percentile(beyondWindow, 0.5)),
        p99: round(percentile(beyondWindow, 0.99)),
        goal: 5,
      },
      newestTokenDelayMs: { p50: round(percentile(newest, 0.5)), p99: round(percentile(newest, 0.99)) },
      directDelayMs: { p50: round(percentile(floor, 0.5)), p99: round(percentile(floor, 0.99)) },
      loopDelayMs: {
        idleP99: round(idle.loopP99Ms),
        p99: round(busy.loopP99Ms),
        p99MinusIdle: round(busy.loopP99Ms - idle.loopP99Ms),
        max: round(busy.loopMaxMs),
        goal: 20,
      },
      memoryMb: {
        heapBefore: round(idle.heapMb),
        heapMiddle: round(middle.heapMb),
        heapAfter: round(after.heapMb),
        secondHalfSlopePerMinute: round(((after.heapMb - middle.heapMb) / (SECONDS / 2)) * 60),
        rssAfter: round(after.rssMb),
      },
      cpuSeconds: round((after.cpuMs - idle.cpuMs) / 1000),
    })}\n`,
  );
} finally {
  await host.stop();
  await fake.stop();
  rmSync(dir, { recursive: true, force: true });
}
