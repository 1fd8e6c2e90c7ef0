import { parentPort, workerData } from 'node:worker_threads';
import { toAppFailure } from '../platform/app-failure.ts';
import { systemDisk } from '../platform/disk.ts';
import { backUpLive, findFileDefect, listBackups } from '../store/backup.ts';
import { troubleOf } from '../store/store-trouble.ts';
import type { TaskInput, TaskName, TaskProgress, TaskRequest, TaskResult } from './data-task.ts';
import type { TaskMessage } from './run-task.ts';

/** Entry of the data worker: does one task of `data-task.ts` and ends. */

const port = parentPort;
if (port === null) throw new Error('data-worker.ts is started as a thread.');
const say = (message: TaskMessage): void => port.postMessage(message);

/** How often progress is told at most. */
const TELL_EVERY_MS = 100;
let toldAtMs = 0;
const tell = (progress: TaskProgress): void => {
  const nowMs = performance.now();
  if (nowMs - toldAtMs < TELL_EVERY_MS) return;
  toldAtMs = nowMs;
  say({ kind: 'progress', progress });
};

type Tasks = { [Name in TaskName]: (input: TaskInput<Name>) => TaskResult<Name> | Promise<TaskResult<Name>> };

const tasks: Tasks = {
  listBackups: ({ dir }) => listBackups(dir),
  checkBackup: ({ dir, file }) => findFileDefect(dir, file),
  backUp: ({ database, dir, reason, nowMs }) =>
    backUpLive(database, dir, {
      reason,
      nowMs,
      disk: systemDisk,
      onProgress: (done, total) => tell({ done, total }),
    }),
};

async function main(): Promise<void> {
  const { name, input } = workerData as TaskRequest;
  try {
    // The client types name and input together; across the thread border only their pairing by name remains.
    const task = tasks[name] as (input: unknown) => unknown;
    say({ kind: 'done', result: await task(input) });
  } catch (thrown) {
    const failure = troubleOf(thrown) ?? toAppFailure(thrown);
    if (failure.code !== 'internal') say({ kind: 'failed', error: failure.toAppError() });
    else say({ kind: 'broken', message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
  }
}

await main();
