import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Backups } from '../src-main/data/backups.ts';
import { taskRunner } from '../src-main/data/run-task.ts';
import { systemClock } from '../src-main/platform/clock.ts';
import { systemDisk } from '../src-main/platform/disk.ts';
import { silentLogger } from '../src-main/platform/logger.ts';
import { dataPaths } from '../src-main/platform/paths.ts';
import { openStore } from '../src-main/store/store.ts';
import { round } from './processes.ts';
import { seedSession, seedStore, settledRow } from './seed.ts';

// A verified backup of a store of 500 MB while its host goes on writing: how long it takes, and for how long it holds up the
// main loop. The floor is a plain copy of the same file; the loop's is its delay while nothing is backed up.

const WANTED_BYTES = 500 * 1024 * 1024;
const GOAL_MS = 5000;
const GOAL_BLOCK_MS = 20;
const TIMES = 3;
const ROWS = 500;
const WRITE_EVERY_MS = 30;

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
try {
  const paths = dataPaths(dir);
  await seedStore(dir, async (store) => {
    for (let session = 0; statSync(paths.database).size < WANTED_BYTES; session++) {
      const id = `s${session}`;
      await seedSession(store, id);
      await store.committer.commit(() =>
        store.messages.append(
          id,
          Array.from({ length: ROWS }, (_, index) =>
            settledRow({
              id: `${id}-${index}`,
              sessionId: id,
              runId: null,
              role: 'user',
              content: randomBytes(6000).toString('base64'),
              atMs: index,
            }),
          ),
        ),
      );
      store.db.pragma('wal_checkpoint(passive)');
    }
  });
  const bytes = statSync(paths.database).size;

  const floors: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    const startedMs = performance.now();
    systemDisk.copy(paths.database, `${paths.database}.floor`);
    systemDisk.sync(`${paths.database}.floor`);
    floors.push(performance.now() - startedMs);
    systemDisk.remove(`${paths.database}.floor`);
  }

  const store = openStore(paths, { clock: systemClock });
  const backups = new Backups({
    paths,
    runTask: taskRunner(new URL('../src-main/data/data-worker.ts', import.meta.url)),
    clock: systemClock,
    logger: silentLogger,
  });
  await seedSession(store, 'live');
  let written = 0;
  // As an answer is stored while it comes.
  const writing = setInterval(() => {
    const id = `live-${written++}`;
    void store.committer.commit(() =>
      store.messages.append('live', [
        settledRow({
          id,
          sessionId: 'live',
          runId: null,
          role: 'assistant',
          content: 'word '.repeat(50),
          atMs: written,
        }),
      ]),
    );
  }, WRITE_EVERY_MS);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const worst = async (task: () => Promise<unknown>): Promise<{ tookMs: number; worstMs: number }> => {
    delay.reset();
    delay.enable();
    const startedMs = performance.now();
    await task();
    const tookMs = performance.now() - startedMs;
    delay.disable();
    return { tookMs, worstMs: delay.max / 1e6 };
  };
  const idle = await worst(() => new Promise((resolve) => setTimeout(resolve, 3000)));
  const taken: { tookMs: number; worstMs: number }[] = [];
  for (let time = 0; time < TIMES; time++) taken.push(await worst(() => backups.create('asked')));
  clearInterval(writing);
  await backups.close();
  store.close();

  const slowest = Math.max(...taken.map((each) => each.tookMs));
  // As in every bench: the delay beyond that of an idle loop.
  const blocked = Math.max(...taken.map((each) => each.worstMs)) - idle.worstMs;
  process.stdout.write(
    `${JSON.stringify({
      name: 'backup',
      megabytes: round(bytes / 1e6),
      backupMs: { each: taken.map((each) => round(each.tookMs)), goal: GOAL_MS, met: slowest <= GOAL_MS },
      copyFloorMs: floors.map((ms) => round(ms)),
      mainLoopWorstMs: {
        each: taken.map((each) => round(each.worstMs)),
        idle: round(idle.worstMs),
        beyondIdle: round(blocked),
        goal: GOAL_BLOCK_MS,
        met: blocked <= GOAL_BLOCK_MS,
      },
      rowsWrittenMeanwhile: written,
    })}\n`,
  );
} finally {
  rmSync(dir, { recursive: true, force: true });
}
