import { once } from 'node:events';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { failureOf, toAppFailure } from '../platform/app-failure.ts';
import { systemDisk } from '../platform/disk.ts';
import { backUpLive, findFileDefect, listBackups } from '../store/backup.ts';
import { describeStore } from '../store/inspect-store.ts';
import { openDamaged, openPortable } from '../store/open-portable.ts';
import { shrinkDatabase } from '../store/shrink.ts';
import { troubleOf } from '../store/store-trouble.ts';
import type { ImportedItem, TaskInput, TaskName, TaskProgress, TaskRequest, TaskResult } from './data-task.ts';
import { previewOf } from './preview-import.ts';
import { openImport } from './read-import.ts';
import type { TaskMessage } from './run-task.ts';
import { unpackAttachments } from './unpack-attachments.ts';
import { writeExport } from './write-export.ts';

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

/** Hands an item over and waits until it was taken. */
async function hand(item: ImportedItem): Promise<void> {
  const taken = once(port as MessagePort, 'message');
  say({ kind: 'item', item });
  await taken;
}

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
  describeStore: ({ database }) => describeStore(database),
  async export({ database, ids, path, ...rest }) {
    const { rows, close } = openPortable(database, rest.attachmentsDir);
    try {
      return await writeExport(path, {
        ...rest,
        ids: ids ?? rows.ids(),
        read: (id) => rows.read(id),
        onProgress: (done, total) => tell({ done, total }),
      });
    } finally {
      close();
    }
  },
  async salvage({ database, path, ...rest }) {
    let damaged: ReturnType<typeof openDamaged>;
    try {
      damaged = openDamaged(database, rest.attachmentsDir);
    } catch (thrown) {
      throw failureOf('storage_unavailable', { word: 'salvage_nothing' }, { cause: thrown });
    }
    try {
      const { ids } = damaged;
      return await writeExport(path, {
        ...rest,
        ids,
        read: (id) => damaged.read(id),
        onProgress: (done, total) => tell({ done, total }),
      });
    } finally {
      damaged.close();
    }
  },
  previewImport: ({ path, name }) => previewOf(path, name),
  async import({ path, name, attachmentsDir }) {
    const source = await openImport(path, name);
    try {
      let done = 0;
      for await (const item of source.items()) {
        const place = { done: ++done, total: source.count };
        if (item.conversation === null) await hand({ ...item, ...place });
        else
          await hand({ ...item, files: await unpackAttachments(source, item.conversation, attachmentsDir), ...place });
      }
      return null;
    } finally {
      source.close();
    }
  },
  shrink({ database }) {
    shrinkDatabase(database);
    return null;
  },
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
