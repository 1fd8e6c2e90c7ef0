import { Worker } from 'node:worker_threads';
import { estimateTokens } from '#contract/token-estimate';
import { AbortReason } from '../platform/app-failure.ts';
import { type Deferred, deferred } from '../platform/deferred.ts';
import { batchesOf, type TokenBatch } from './token-batches.ts';
import { encodingOf, type TokenEncoding } from './token-encoding.ts';
import type { TokenReply, TokenRequest } from './token-worker.ts';

/** Both tables and a batch take a third of it. A worker beyond it dies and is started anew. */
const MAX_HEAP_MB = 256;

/**
 * Counts tokens in a worker thread. The thread starts with the first question, so a process that never counts never pays
 * for it, starts anew after it died, and keeps no process alive.
 */
export class TokenCounter {
  readonly #workerUrl: URL;
  readonly #onTrouble: (cause: unknown) => void;
  #worker: Worker | null = null;
  #isClosed = false;
  #nextId = 1;
  readonly #pending = new Map<number, Deferred<number[]>>();

  /**
   * @param workerUrl the worker's file: TypeScript when run from sources, the bundle otherwise.
   * @param onTrouble hears what kept the worker from counting, for the log.
   */
  constructor(workerUrl: URL, onTrouble: (cause: unknown) => void = () => {}) {
    this.#workerUrl = workerUrl;
    this.#onTrouble = onTrouble;
  }

  /**
   * Each text's tokens as the model's tokenizer counts them, within about one in 128 units for text without blanks.
   * Whatever the worker cannot count is estimated: a broken worker makes figures worse and stops nobody's message.
   *
   * Batches of several questions take turns. An abort rejects at once with the signal's reason and lets the batch under way
   * run out, which is a fraction of a second.
   *
   * @throws the signal's reason; AbortReason `shutdown` after `close`.
   */
  async count(texts: readonly (string | null)[], model: string | null, signal?: AbortSignal): Promise<number[]> {
    const totals = new Array<number>(texts.length).fill(0);
    const encoding = encodingOf(model);
    // A worker that failed is not tried again for the rest of a question: thousands of batches would start thousands.
    let isFailing = false;
    for (const batch of batchesOf(texts)) {
      this.#throwIfOver(signal);
      let counts: number[] | null = null;
      if (!isFailing) counts = await this.#ask(batch, encoding, signal);
      this.#throwIfOver(signal);
      if (counts === null) {
        isFailing = true;
        await nextTurn();
        counts = batch.texts.map(estimateTokens);
      }
      for (const [at, index] of batch.indexes.entries()) totals[index] = (totals[index] ?? 0) + (counts[at] ?? 0);
    }
    this.#throwIfOver(signal);
    return totals;
  }

  /** Ends the thread. What is being counted rejects with AbortReason `shutdown`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#worker = null;
    for (const waiting of this.#pending.values()) waiting.reject(new AbortReason('shutdown'));
    this.#pending.clear();
    await worker?.terminate();
  }

  #throwIfOver(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new AbortReason('shutdown');
  }

  /** @returns null where the worker could not count. */
  async #ask(batch: TokenBatch, encoding: TokenEncoding, signal: AbortSignal | undefined): Promise<number[] | null> {
    const id = this.#nextId++;
    const reply = deferred<number[]>();
    const onAbort = () => reply.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#pending.set(id, reply);
    try {
      const request: TokenRequest = { id, encoding, texts: batch.texts };
      this.#start().postMessage(request);
      return await reply.promise;
    } catch (thrown) {
      if (thrown instanceof AbortReason || signal?.aborted === true) throw thrown;
      this.#onTrouble(thrown);
      return null;
    } finally {
      this.#pending.delete(id);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #start(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(this.#workerUrl, { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } });
    worker.unref();
    worker.on('message', (reply: TokenReply) => {
      const waiting = this.#pending.get(reply.id);
      if (reply.ok) waiting?.resolve(reply.counts);
      else waiting?.reject(new Error(reply.message));
    });
    const lost = (cause: unknown) => {
      // A worker that was replaced has taken its questions along already.
      if (this.#worker !== worker) return;
      this.#worker = null;
      const reason = cause instanceof Error ? cause : new Error(`The token worker ended with code ${String(cause)}.`);
      for (const waiting of this.#pending.values()) waiting.reject(reason);
      this.#pending.clear();
    };
    worker.on('error', lost);
    worker.on('messageerror', lost);
    worker.on('exit', lost);
    this.#worker = worker;
    return worker;
  }
}

/** Lets everything else have its turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
