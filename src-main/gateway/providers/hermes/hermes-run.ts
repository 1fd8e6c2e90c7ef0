import type { ApprovalChoice } from '#contract/events';
import { AppFailure } from '../../../platform/app-failure.ts';
import { delay } from '../../../platform/clock.ts';
import type { HttpClient } from '../../http-client.ts';
import { isObject, type JsonObject, textOf } from '../../json.ts';
import { missingText } from '../../missing-text.ts';
import { failureContextOf } from '../../read-answer.ts';
import { terminalOfThrow, upToTerminal } from '../../stream-events.ts';
import type { UpstreamContext, UpstreamRun } from '../../upstream-adapter.ts';
import { isUpstreamTerminal, type UpstreamEvent } from '../../upstream-event.ts';
import { HermesDecoder } from './decode-frame.ts';
import { type HermesClient, isTerminalHermesStatus } from './hermes-client.ts';
import { RunStream } from './run-stream.ts';

/** Pauses between two looks at a run's status; each is twice the one before. */
const FIRST_POLL_MS = 250;
const LAST_POLL_MS = 5000;
/** After this long without a usable answer the run is given up. */
export const UNREACHABLE_LIMIT_MS = 5 * 60_000;
/** One 404 may be a proxy's; so many in a row are the agent's. */
const UNKNOWN_LIMIT = 3;
/** After a stop the stream gets this long to tell the end; then the status is asked beside it, again and again. */
const STREAM_AFTER_STOP_MS = 1000;
/** Once the status is final, the stream's own end and last words are this close behind, or lost. */
const STREAM_AFTER_END_MS = 250;

type Batch = readonly UpstreamEvent[];

/**
 * A Hermes run. It lives on the agent's side, so a lost stream is no failure: the status is asked until it is final
 * (E2-15). Only the agent ends a run, by itself or after `stop`.
 */
export class HermesRun implements UpstreamRun {
  readonly upstreamRunId: string;
  readonly status: string;
  readonly model: string | null;
  readonly events: AsyncIterable<Batch>;
  readonly #http: HttpClient;
  readonly #client: HermesClient;
  readonly #context: UpstreamContext;
  readonly #decoder: HermesDecoder;
  readonly #startedAtMs: number;
  #stream: RunStream | null = null;
  #stopping: ReturnType<UpstreamRun['stop']> | null = null;

  constructor(
    fields: { runId: string; status: string; model: string | null },
    parts: { http: HttpClient; client: HermesClient; context: UpstreamContext; isAttached: boolean },
  ) {
    this.upstreamRunId = fields.runId;
    this.status = fields.status;
    this.model = fields.model;
    this.#http = parts.http;
    this.#client = parts.client;
    this.#context = parts.context;
    this.#decoder = new HermesDecoder(fields.runId, failureContextOf(parts.context));
    this.#startedAtMs = parts.context.clock.now();
    this.events = this.#events(parts.isAttached);
  }

  /** Joins a stop that is under way. Never rejects. */
  stop(): ReturnType<UpstreamRun['stop']> {
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = null;
    });
    return this.#stopping;
  }

  async approve(approvalId: string, choice: ApprovalChoice, all: boolean): Promise<{ resolved: number }> {
    const wireId = this.#decoder.wireApprovalId(approvalId);
    const resolved = await this.#client.approve(this.upstreamRunId, choice, wireId, all);
    this.#decoder.approvalAnswered(approvalId);
    return { resolved };
  }

  async #stop(): ReturnType<UpstreamRun['stop']> {
    try {
      const answer = await this.#client.stop(this.upstreamRunId);
      if (answer === null) return await this.#stopWasUnknown();
      if (isTerminalHermesStatus(textOf(answer['status']))) return 'stopped';
      // The stream may have lost its end with the agent's controls (BUG-B3); the status has not.
      this.#context.clock.after(STREAM_AFTER_STOP_MS, () => void this.#watchEndBesideStream());
      return 'stopping';
    } catch (thrown) {
      if (!(thrown instanceof AppFailure)) throw thrown;
      // 409: the process that had the run is dead, and the run with it.
      return thrown.details?.['status'] === 409 ? 'gone' : 'failed';
    }
  }

  /**
   * Asks for the status while the stream goes on, and closes the stream only after the agent says that the run is over:
   * what it still writes while it stops is read to the end.
   */
  async #watchEndBesideStream(): Promise<void> {
    const { clock, signal } = this.#context;
    try {
      for (;;) {
        if (this.#stream === null || signal.aborted) return;
        const status = await this.#look(signal);
        if (status === 'unknown' || (isObject(status) && isTerminalHermesStatus(textOf(status['status'])))) break;
        await delay(clock, STREAM_AFTER_STOP_MS, signal);
      }
      await delay(clock, STREAM_AFTER_END_MS, signal);
    } catch (thrown) {
      // An abort ends the stream by itself; a refused key is met again by the poll, which tells it.
      if (signal.aborted || thrown instanceof AppFailure) return;
      throw thrown;
    } finally {
      this.#stream?.close();
    }
  }

  /** An early agent forgets how to stop a run after five minutes while it works on (BUG-B3): 404 alone proves nothing. */
  async #stopWasUnknown(): ReturnType<UpstreamRun['stop']> {
    const now = await this.#client.statusAfterStop(this.upstreamRunId);
    return now === null || isTerminalHermesStatus(textOf(now['status'])) ? 'gone' : 'failed';
  }

  async *#events(isAttached: boolean): AsyncGenerator<Batch, void, undefined> {
    const { clock, deadlines } = this.#context;
    const deadline = new AbortController();
    const signal = AbortSignal.any([this.#context.signal, deadline.signal]);
    const leftMs = this.#startedAtMs + deadlines.totalTimeoutMs - clock.now();
    const cancelDeadline = clock.after(leftMs, () => deadline.abort(this.#tooLong()));
    try {
      const batches = isAttached ? this.#poll(signal, true) : this.#streamThenPoll(signal);
      for await (const batch of batches) {
        const isOver = batch.some(isUpstreamTerminal);
        // Before the reader gets the news: it may never come back for more.
        if (isOver) this.#finishStream();
        yield batch;
        if (isOver) return;
      }
    } catch (thrown) {
      // Given up or out of time: the agent is told, so that nothing works on unseen. An abort is the caller's own.
      if (!this.#context.signal.aborted) void this.stop();
      yield [terminalOfThrow(thrown, this.#context.signal, this.#decoder.usage)];
    } finally {
      cancelDeadline();
      this.#stream?.close();
    }
  }

  #finishStream(): void {
    this.#stream?.finish(this.#context.clock);
    this.#stream = null;
  }

  async *#streamThenPoll(signal: AbortSignal): AsyncGenerator<Batch, void, undefined> {
    const stream = new RunStream();
    this.#stream = stream;
    await stream.open(this.#client.eventsUrl(this.upstreamRunId), this.#http, { ...this.#context, signal });
    for (let frames = await stream.read(); frames !== null; frames = await stream.read()) {
      const events = upToTerminal(frames.flatMap((data) => this.#decoder.decode(data)));
      if (events.length > 0) yield events;
    }
    yield* this.#poll(signal, false);
  }

  /** Asks for the status until it is final. @throws AppFailure when the run has to be given up. */
  async *#poll(signal: AbortSignal, isAttached: boolean): AsyncGenerator<Batch, void, undefined> {
    const { clock } = this.#context;
    let waitMs = FIRST_POLL_MS;
    let lastContactMs = clock.now();
    let unknown = 0;
    for (;;) {
      signal.throwIfAborted();
      const status = await this.#look(signal);
      if (status === 'unknown' && ++unknown >= UNKNOWN_LIMIT) throw this.#givenUp('no longer knows this run');
      if (isObject(status)) {
        lastContactMs = clock.now();
        unknown = 0;
        const events = this.#eventsOfStatus(status, isAttached);
        if (events.length > 0) yield events;
      } else if (clock.now() - lastContactMs >= UNREACHABLE_LIMIT_MS) {
        throw this.#givenUp(`could not be reached for ${UNREACHABLE_LIMIT_MS / 60_000} minutes`);
      }
      await delay(clock, waitMs, signal);
      waitMs = Math.min(waitMs * 2, LAST_POLL_MS);
    }
  }

  async #look(signal: AbortSignal): Promise<JsonObject | 'unknown' | 'unreachable'> {
    try {
      return (await this.#client.status(this.upstreamRunId)) ?? 'unknown';
    } catch (thrown) {
      // A refused key does not mend itself by waiting; everything else may.
      if (signal.aborted || !(thrown instanceof AppFailure) || thrown.code === 'upstream_auth') throw thrown;
      return 'unreachable';
    }
  }

  #eventsOfStatus(status: JsonObject, isAttached: boolean): UpstreamEvent[] {
    switch (status['status']) {
      case 'completed': {
        const output = textOf(status['output']) ?? '';
        // Whoever attached knows what an earlier process has stored; we do not, so nothing can be missing here.
        const rest = isAttached ? '' : missingText(this.#decoder.streamed, output);
        const terminal = this.#decoder.decode(JSON.stringify({ ...status, event: 'run.completed' }));
        return rest === '' ? terminal : [{ type: 'text', text: rest }, ...terminal];
      }
      case 'failed':
        return [this.#decoder.failed(status['error'], status['usage'])];
      case 'cancelled':
        return [{ type: 'cancelled', usage: this.#decoder.usage }];
      case 'interrupted':
        return [
          {
            type: 'failed',
            usage: this.#decoder.usage,
            error: {
              code: 'interrupted',
              message: `“${this.#context.target.profileName}” was restarted while it was answering. What arrived is kept. Try again for a whole answer.`,
              retry: { kind: 'user-action', action: 'retry' },
            },
          },
        ];
      case 'waiting_for_approval':
        return isObject(status['approval']) ? this.#decoder.approvalRequest(status['approval']) : [];
      default:
        return [];
    }
  }

  #givenUp(what: string): AppFailure {
    return new AppFailure(
      'upstream_lost',
      `“${this.#context.target.profileName}” ${what}, so this answer was given up. What arrived is kept. Try again when it is back.`,
      { retry: { kind: 'user-action', action: 'retry' } },
    );
  }

  #tooLong(): AppFailure {
    const limitMs = this.#context.deadlines.totalTimeoutMs;
    return new AppFailure(
      'timeout',
      `“${this.#context.target.profileName}” did not finish within ${Math.round(limitMs / 60_000)} min, so it was told to stop. What arrived is kept.`,
      { retry: { kind: 'user-action', action: 'retry' }, details: { deadline: 'total', limitMs } },
    );
  }
}
