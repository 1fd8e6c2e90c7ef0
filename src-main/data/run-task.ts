import { Worker } from 'node:worker_threads';
import { type AppError, ERROR_CODES } from '#contract/errors';
import { AppFailure, failureOf } from '../platform/app-failure.ts';
import type { TaskInput, TaskName, TaskProgress, TaskRequest, TaskResult } from './data-task.ts';

/** What a worker says. `item` is a part of the result that is handed over at once; the worker goes on after its `next`. */
export type TaskMessage =
  | { kind: 'progress'; progress: TaskProgress }
  | { kind: 'item'; item: unknown }
  | { kind: 'done'; result: unknown }
  | { kind: 'failed'; error: AppError }
  | { kind: 'broken'; message: string };

export interface TaskOptions {
  signal?: AbortSignal;
  onProgress?: (progress: TaskProgress) => void;
  /** Takes what the task hands over; the task waits until it is done with it. */
  onItem?: (item: unknown) => Promise<void>;
}

/** Runs tasks. One for the core, so that tests can put another worker behind it. */
export type RunTask = <Name extends TaskName>(
  name: Name,
  input: TaskInput<Name>,
  options?: TaskOptions,
) => Promise<TaskResult<Name>>;

/**
 * Runs each task in a thread of its own, which ends with it: a long one holds up no other, and one that runs out of memory
 * harms nobody.
 *
 * @param workerUrl the worker's file: TypeScript when run from sources, the bundle otherwise.
 * @returns what runs one task. It throws what the task threw, `aborted` when the signal aborts, and `storage_unavailable`
 *   when the thread died.
 */
export function taskRunner(workerUrl: URL): RunTask {
  return (name, input, options = {}) =>
    new Promise((resolve, reject) => {
      const { signal, onProgress, onItem } = options;
      if (signal?.aborted === true) {
        reject(stopped());
        return;
      }
      const worker = new Worker(workerUrl, {
        workerData: { name, input } satisfies TaskRequest,
        // An import holds its file as text and as objects; a thread's own limit is far below what a machine has.
        resourceLimits: { maxOldGenerationSizeMb: 4096 },
      });
      const end = (settle: () => void): void => {
        signal?.removeEventListener('abort', onAbort);
        worker.removeAllListeners();
        // An error of a thread that is being ended is nobody's business.
        worker.on('error', () => undefined);
        void worker.terminate().then(settle, settle);
      };
      const onAbort = () => end(() => reject(stopped()));
      signal?.addEventListener('abort', onAbort, { once: true });
      worker.on('message', (message: TaskMessage) => {
        switch (message.kind) {
          case 'progress':
            onProgress?.(message.progress);
            return;
          case 'item':
            (onItem?.(message.item) ?? Promise.resolve()).then(
              () => worker.postMessage('next'),
              (thrown: unknown) => end(() => reject(thrown)),
            );
            return;
          case 'done':
            end(() => resolve(message.result as TaskResult<typeof name>));
            return;
          case 'failed':
            end(() => reject(asFailure(message.error)));
            return;
          case 'broken':
            end(() => reject(died(new Error(message.message))));
        }
      });
      worker.on('error', (cause: unknown) => end(() => reject(died(cause))));
      worker.on('exit', () => end(() => reject(died(new Error(`${name} ended without a result`)))));
    });
}

function stopped(): AppFailure {
  return failureOf('aborted', { word: 'stopped' });
}

function died(cause: unknown): AppFailure {
  const isMemory = cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return failureOf('storage_unavailable', { word: isMemory ? 'too_large_for_memory' : 'task_stopped' }, { cause });
}

/** A failure that came over the thread border, with its code held to the list. */
function asFailure({ code, message, retry, details }: AppError): AppFailure {
  const known = ERROR_CODES.includes(code) ? code : 'internal';
  return new AppFailure(known, message, { retry, ...(details === undefined ? {} : { details }) });
}
