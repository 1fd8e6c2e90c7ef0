import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Socket } from 'socket.io-client';
import { startCore } from './core-process.ts';
import { median, round } from './processes.ts';
import { seedConversation, seedStore } from './seed.ts';

// What a turn costs in a conversation of 100 turns and in one of 1,000: from the message to the upstream that has taken it,
// with counts, plan, summary and history between. Both take turns in one process; the floor is a conversation of one turn.

const SESSIONS = { one: 2, hundred: 200, thousand: 2000 } as const;
type Name = keyof typeof SESSIONS;
const TIMES = 30;
/** The first turns count what was seeded and may make a summary. */
const WARM_UP = 5;
const GOAL_RATIO = 1.5;

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
await seedStore(dir, async (store) => {
  for (const [name, rows] of Object.entries(SESSIONS)) await seedConversation(store, name, rows);
});
const core = await startCore(dir);

/** @returns milliseconds from the message to the upstream's acceptance, as a viewer sees it. */
async function turn(socket: Socket, sessionId: Name): Promise<number> {
  let startedMs = 0;
  const ended = new Promise<void>((resolve, reject) => {
    const onStarted = () => {
      startedMs = performance.now();
    };
    const onEnd = (event: { event: string; error?: string }) => {
      socket.off('run.started', onStarted).off('run.completed', onEnd).off('run.failed', onEnd);
      if (event.error === undefined) resolve();
      else reject(new Error(event.error));
    };
    socket.on('run.started', onStarted).on('run.completed', onEnd).on('run.failed', onEnd);
  });
  const sentMs = performance.now();
  socket.emit('run', { session_id: sessionId, input: '/echo ok' });
  await ended;
  return startedMs - sentMs;
}

try {
  const socket = await core.connect();
  await core.call('settings.set', { values: { summaryProfile: 'demo' } });
  const names = Object.keys(SESSIONS) as Name[];
  const samples: Record<Name, number[]> = { one: [], hundred: [], thousand: [] };
  for (let time = -WARM_UP; time < TIMES; time++) {
    for (const name of names) {
      const tookMs = await turn(socket, name);
      if (time >= 0) samples[name].push(tookMs);
    }
  }
  socket.disconnect();
  const medianOf = (name: Name) => median(samples[name]) ?? Number.NaN;
  const ratio = medianOf('thousand') / medianOf('hundred');
  process.stdout.write(
    `${JSON.stringify({
      name: 'turns',
      times: TIMES,
      goal: { ratio: GOAL_RATIO },
      hundredMedianMs: round(medianOf('hundred'), 2),
      thousandMedianMs: round(medianOf('thousand'), 2),
      ratio: round(ratio, 2),
      floor: { turns: 1, medianMs: round(medianOf('one'), 2) },
      met: ratio <= GOAL_RATIO,
    })}\n`,
  );
} finally {
  await core.stop();
  rmSync(dir, { recursive: true, force: true });
}
