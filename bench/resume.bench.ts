import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'socket.io-client';
import { askSocket, startCore, until } from './core-process.ts';
import { median, percentile, round, startAnnounced } from './processes.ts';
import { seedConversation, seedSession, seedStore } from './seed.ts';

// A viewer opens a conversation of 10,000 rows: when its first page is there, what that holds in memory, and what a run in
// it holds. The floor is the same question about an empty conversation, on the same socket, taking turns.

const ROWS = 10_000;
const TIMES = 20;
const GOALS = { resumeMedianMs: 50, memoryMb: 60 };
/** Viewers that look at the conversation at the same time while memory is measured. */
const VIEWERS = 5;

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
await seedStore(dir, async (store) => {
  await seedConversation(store, 'long', ROWS);
  await seedSession(store, 'empty');
});
const fake = await startAnnounced<{ url: string }>(['e2e/fake-upstream/main.ts', '--port', '0']);
const core = await startCore(dir);

/** From the question to the pushed `resumed` and its answer, whichever comes later. */
async function resumeMs(socket: Socket, sessionId: string): Promise<{ tookMs: number; rows: number; bytes: number }> {
  const startMs = performance.now();
  const pushed = once(socket as unknown as NodeJS.EventEmitter, 'resumed');
  const answer = await askSocket<{ messages: unknown[] }>(socket, 'resume', { session_id: sessionId });
  await pushed;
  const tookMs = performance.now() - startMs;
  return { tookMs, rows: answer.messages.length, bytes: JSON.stringify(answer).length };
}

/** Memory after what is garbage has gone; twice, for what the first collection set free. */
async function memory() {
  await core.ask('gc');
  await sleep(200);
  const { heapMb, externalMb, rssMb } = await core.ask('gc');
  return { heapMb: round(heapMb) ?? 0, externalMb: round(externalMb) ?? 0, rssMb: round(rssMb) ?? 0 };
}

const held = (after: Awaited<ReturnType<typeof memory>>, before: Awaited<ReturnType<typeof memory>>) => ({
  heapMb: round(after.heapMb + after.externalMb - before.heapMb - before.externalMb),
  rssMb: round(after.rssMb - before.rssMb),
});

try {
  await core.call('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: fake.hello.url, defaultModel: 'm' });
  const socket = await core.connect();
  await resumeMs(socket, 'empty');
  const before = await memory();
  const samples: Record<'long' | 'empty', number[]> = { long: [], empty: [] };
  let page = { rows: 0, bytes: 0 };
  for (let index = 0; index < TIMES; index++) {
    samples.empty.push((await resumeMs(socket, 'empty')).tookMs);
    const { tookMs, rows, bytes } = await resumeMs(socket, 'long');
    samples.long.push(tookMs);
    page = { rows, bytes };
  }
  const figures = (all: readonly number[]) => ({
    median: round(median(all)),
    p95: round(percentile(all, 0.95)),
    max: round(Math.max(...all)),
  });

  const viewers = await Promise.all(Array.from({ length: VIEWERS }, () => core.connect()));
  for (const viewer of viewers) await resumeMs(viewer, 'long');
  const watched = await memory();
  const actorsWhileWatched = (await core.ask('actors')).actors;

  await fetch(`${fake.hello.url}/__fake/next`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([
      { do: 'text', text: 'part' },
      { do: 'gate', name: 'go' },
    ]),
  });
  let deltas = 0;
  let isOver = false;
  socket.on('message.delta', () => deltas++);
  socket.on('run.completed', () => (isOver = true));
  const askedMs = performance.now();
  await askSocket(socket, 'run', { session_id: 'long', input: 'go on', profile: 'fake' });
  await until('the answer has begun', () => deltas > 0);
  const firstPartMs = performance.now() - askedMs;
  const running = await memory();
  const actorsWhileRunning = (await core.ask('actors')).actors;
  await fetch(`${fake.hello.url}/__fake/release/go`, { method: 'POST' });
  await until('the answer has ended', () => isOver);
  for (const viewer of viewers) viewer.disconnect();
  await sleep(500);
  const after = await memory();
  const actorsAfter = (await core.ask('actors')).actors;
  socket.disconnect();

  const resume = figures(samples.long);
  const heldBy = { viewers: held(watched, before), run: held(running, before), afterwards: held(after, before) };
  const worstMb = Math.max(...[heldBy.viewers, heldBy.run].flatMap(({ heapMb, rssMb }) => [heapMb ?? 0, rssMb ?? 0]));
  process.stdout.write(
    `${JSON.stringify({
      name: 'resume',
      rows: ROWS,
      times: TIMES,
      goals: GOALS,
      page,
      resumeMs: { ...resume, met: (resume.median ?? Number.POSITIVE_INFINITY) <= GOALS.resumeMedianMs },
      floorMs: figures(samples.empty),
      memory: { before, held: heldBy, worstMb, met: worstMb <= GOALS.memoryMb },
      runInIt: { firstPartMs: round(firstPartMs) },
      actors: {
        whileWatched: actorsWhileWatched,
        whileRunning: actorsWhileRunning,
        afterwards: actorsAfter,
        goal: 0,
        met: actorsAfter === 0,
      },
    })}\n`,
  );
} finally {
  await core.stop();
  await fake.stop();
  rmSync(dir, { recursive: true, force: true });
}
