import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCore } from './core-process.ts';
import { median, round } from './processes.ts';
import { seedConversation, seedStore } from './seed.ts';

// Splitting a conversation of 10,000 rows off at its end: how long it takes, and for how long nothing else is done
// meanwhile. The floor is the same for a conversation of 10 rows, in the same process, taking turns.

const ROWS = 10_000;
const FEW_ROWS = 10;
const TIMES = 5;
/** The longest that a running answer may be held up. */
const GOAL_STALL_MS = 20;

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
let lastOfLong = '';
let lastOfShort = '';
await seedStore(dir, async (store) => {
  lastOfLong = (await seedConversation(store, 'long', ROWS)).at(-1) ?? '';
  lastOfShort = (await seedConversation(store, 'short', FEW_ROWS)).at(-1) ?? '';
});
const core = await startCore(dir);

async function fork(sessionId: string, messageId: string, rows: number): Promise<{ tookMs: number; stallMs: number }> {
  await core.ask('gc');
  await sleep(200);
  await core.ask('reset');
  const startMs = performance.now();
  const forked = await core.call<{ messageCount: number }>('sessions.fork', { sessionId, messageId });
  const tookMs = performance.now() - startMs;
  const { loopMaxMs } = await core.ask('report');
  if (forked.messageCount !== rows) throw new Error(`The fork holds ${forked.messageCount} of ${rows} rows.`);
  return { tookMs, stallMs: loopMaxMs };
}

try {
  await fork('short', lastOfShort, FEW_ROWS);
  const long: { tookMs: number; stallMs: number }[] = [];
  const short: { tookMs: number; stallMs: number }[] = [];
  for (let index = 0; index < TIMES; index++) {
    short.push(await fork('short', lastOfShort, FEW_ROWS));
    long.push(await fork('long', lastOfLong, ROWS));
  }
  const figures = (all: readonly { tookMs: number; stallMs: number }[]) => ({
    tookMedianMs: round(median(all.map(({ tookMs }) => tookMs)), 1),
    stallMedianMs: round(median(all.map(({ stallMs }) => stallMs)), 1),
  });
  const measured = figures(long);
  process.stdout.write(
    `${JSON.stringify({
      name: 'fork',
      rows: ROWS,
      times: TIMES,
      goal: { stallMs: GOAL_STALL_MS },
      ...measured,
      floor: { rows: FEW_ROWS, ...figures(short) },
      met: (measured.stallMedianMs ?? Number.POSITIVE_INFINITY) <= GOAL_STALL_MS,
    })}\n`,
  );
} finally {
  await core.stop();
  rmSync(dir, { recursive: true, force: true });
}
