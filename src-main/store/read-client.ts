import { Worker } from 'node:worker_threads';
import { failureOf } from '../platform/app-failure.ts';
import { type Deferred, deferred } from '../platform/deferred.ts';
import type { ReadQueries } from './read-queries.ts';
import type { ReadReply, ReadRequest } from './read-worker.ts';

/**
 * Asks the read worker. The thread starts with the first question, so a process that never searches never pays for it,
 * and starts anew after it died.
 */
export class ReadClient {
  readonly #workerUrl: URL;
  readonly #database: string;
  #worker: Worker | null = null;
  #nextId = 1;
  readonly #pending = new Map<number, Deferred<unknown>>();

  /** @param workerUrl the worker's file: TypeScript when run from sources, the bundle otherwise. */
  constructor(workerUrl: URL, database: string) {
    this.#workerUrl = workerUrl;
    this.#database = database;
  }

  /** @throws AppFailure `storage_unavailable` when the worker died or the question failed. */
  async ask<Method extends keyof ReadQueries>(
    method: Method,
    input: Parameters<ReadQueries[Method]>[0],
  ): Promise<ReturnType<ReadQueries[Method]>> {
    const id = this.#nextId++;
    const reply = deferred<unknown>();
    this.#pending.set(id, reply);
    const request: ReadRequest = { id, method, input };
    this.#start().postMessage(request);
    return (await reply.promise) as ReturnType<ReadQueries[Method]>;
  }

  #start(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(this.#workerUrl, { workerData: { database: this.#database } });
    worker.unref();
    worker.on('message', (reply: ReadReply) => {
      const waiting = this.#pending.get(reply.id);
      this.#pending.delete(reply.id);
      if (reply.ok) waiting?.resolve(reply.result);
      else
        waiting?.reject(
          failureOf(
            'storage_unavailable',
            { word: 'read_failed' },
            {
              cause: new Error(reply.message),
            },
          ),
        );
    });
    const lost = (cause: unknown) => {
      if (this.#worker === worker) this.#worker = null;
      for (const waiting of this.#pending.values()) {
        waiting.reject(failureOf('storage_unavailable', { word: 'reader_stopped' }, { cause }));
      }
      this.#pending.clear();
    };
    worker.on('error', lost);
    worker.on('exit', lost);
    this.#worker = worker;
    return worker;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}
