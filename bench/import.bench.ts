import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { DataJob } from '#contract/data';
import { newId as makeId } from '#contract/ids';
import { Portability } from '../src-main/data/portability.ts';
import { taskRunner } from '../src-main/data/run-task.ts';
import { systemClock } from '../src-main/platform/clock.ts';
import { silentLogger } from '../src-main/platform/logger.ts';
import { dataPaths } from '../src-main/platform/paths.ts';
import { ReadClient } from '../src-main/store/read-client.ts';
import { openStore } from '../src-main/store/store.ts';
import { checkpointInWorker } from '../src-main/store/wal-checkpointer.ts';
import { round } from './processes.ts';

// An export of ChatGPT with 10,000 conversations, through the whole import: taken in, read in the worker, stored and indexed.
// The floor is reading the same file as JSON and nothing more; the loop's is its delay while nothing is imported.

const CONVERSATIONS = Number(process.env['BENCH_CONVERSATIONS'] ?? 10_000);
const MESSAGES_EACH = 8;
const GOAL_MS = 60_000;
const GOAL_BLOCK_MS = 20;
const CHUNK_BYTES = 1024 * 1024;
const TEXT =
  'The pump stands behind the house and has to be primed before the first frost, otherwise the seal dries out and cracks. ';

function conversation(index: number): unknown {
  const mapping: Record<string, unknown> = {};
  for (let at = 0; at < MESSAGES_EACH; at++) {
    mapping[`n${at}`] = {
      id: `n${at}`,
      parent: at === 0 ? null : `n${at - 1}`,
      children: at === MESSAGES_EACH - 1 ? [] : [`n${at + 1}`],
      message: {
        author: { role: at % 2 === 0 ? 'user' : 'assistant' },
        create_time: 1_700_000_000 + index * 60 + at,
        content: { content_type: 'text', parts: [`${index}/${at} ${TEXT.repeat(at % 2 === 0 ? 1 : 6)}`] },
        metadata: {},
      },
    };
  }
  return {
    conversation_id: `c${index}`,
    title: `Talk ${index}`,
    create_time: 1_700_000_000 + index * 60,
    mapping,
    current_node: `n${MESSAGES_EACH - 1}`,
  };
}

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
try {
  const path = join(dir, 'conversations.json');
  writeFileSync(path, JSON.stringify(Array.from({ length: CONVERSATIONS }, (_, index) => conversation(index))));
  const bytes = readFileSync(path);
  const floorStartedMs = performance.now();
  JSON.parse(readFileSync(path, 'utf8'));
  const floorMs = performance.now() - floorStartedMs;

  const data = join(dir, 'data');
  const store = openStore(dataPaths(data), { clock: systemClock });
  // As the core does it: a checkpoint waits for the disk, and in this thread everything would wait with it.
  const { database } = dataPaths(data);
  const reads = new ReadClient(new URL('../src-main/store/read-worker.ts', import.meta.url), database);
  checkpointInWorker(store, reads, `${database}-wal`, silentLogger);
  let progresses = 0;
  const portability = new Portability({
    paths: dataPaths(data),
    attachmentsDir: join(data, 'attachments'),
    store,
    runTask: taskRunner(new URL('../src-main/data/data-worker.ts', import.meta.url)),
    clock: systemClock,
    logger: silentLogger,
    newId: () => makeId(Date.now()),
    secrets: () => [],
    version: 'bench',
    tell: () => progresses++,
    added: () => undefined,
  });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const idleMs = delay.max / 1e6;
  const startedMs = performance.now();
  const { importId } = await portability.files.begin('conversations.json', bytes.length);
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    await portability.files.append(importId, at, bytes.subarray(at, at + CHUNK_BYTES));
  delay.reset();
  let job: DataJob = portability.import(importId);
  while (job.state === 'working') {
    await new Promise((resolve) => setTimeout(resolve, 20));
    job = portability.job(job.jobId);
  }
  const tookMs = performance.now() - startedMs;
  const worstMs = delay.max / 1e6;
  const p99Ms = delay.percentile(99) / 1e6;
  await portability.close();
  await reads.close();
  store.close();
  process.stdout.write(
    `${JSON.stringify({
      name: 'import',
      conversations: CONVERSATIONS,
      messages: CONVERSATIONS * MESSAGES_EACH,
      megabytes: round(bytes.length / 1e6),
      outcome: job.imported?.counts ?? job.message,
      importMs: { value: round(tookMs), goal: GOAL_MS, met: job.state === 'done' && tookMs <= GOAL_MS },
      parseFloorMs: round(floorMs),
      mainLoopMs: {
        worst: round(worstMs),
        p99: round(p99Ms),
        idle: round(idleMs),
        beyondIdle: round(worstMs - idleMs),
        goal: GOAL_BLOCK_MS,
        met: worstMs - idleMs <= GOAL_BLOCK_MS,
      },
      timesTold: progresses,
    })}\n`,
  );
} finally {
  rmSync(dir, { recursive: true, force: true });
}
