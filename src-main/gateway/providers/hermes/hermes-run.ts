import type { ApprovalChoice } from '#contract/events';
import { abortable } from '../../../platform/abortable.ts';
import { AbortReason, AppFailure, failureOf } from '../../../platform/app-failure.ts';
import { delay } from '../../../platform/clock.ts';
import type { HttpClient } from '../../http-client.ts';
import { isObject, type JsonObject, textOf } from '../../json.ts';
import { missingText } from '../../missing-text.ts';
import { failureContextOf } from '../../read-answer.ts';
import { terminalOfThrow, upToTerminal } from '../../stream-events.ts';
import type { UpstreamContext, UpstreamRun } from '../../upstream-adapter.ts';
import { isUpstreamTerminal, type UpstreamEvent } from '../../upstream-event.ts';
import { isOwnSession } from './build-request.ts';
import { HermesDecoder } from './decode-frame.ts';
import { type HermesClient, isTerminalHermesStatus } from './hermes-client.ts';
import { RunStream } from './run-stream.ts';
import { stopRun } from './stop-run.ts';
import { readToolDetails } from './tool-details.ts';

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
/** What tools were given and gave back may delay the end this much, and less where somebody waits for a stop. */
const DETAILS_TIMEOUT_MS = 3000;
const DETAILS_AFTER_STOP_MS = 500;
/** A run that is given up gets this long to end, as one that a person stops. */
const END_AFTER_GIVING_UP_MS = 5000;

type Batch = readonly UpstreamEvent[];

/**
 * A Hermes run. It lives on the agent's side, so a lost stream is no failure: the status is asked until it is final
 * (E2-15). Only the agent ends a run, by itself or after `stop`.
 */
export class HermesRun implements UpstreamRun {
  readonly upstreamRunId: string;
  readonly stopStyle = 'stop-request';
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
  #stopWasAsked = false;
  #sessionId: string | null;
  /** True where tools may have run that nobody here was told of. */
  #missedStream: boolean;

  constructor(
    fields: { runId: string; sessionId: string | null; status: string; model: string | null },
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
    this.#sessionId = ownSession(fields.sessionId);
    this.#missedStream = parts.isAttached;
    this.events = this.#events(parts.isAttached);
  }

  get upstreamSessionId(): string | null {
    return this.#sessionId;
  }

  /** Joins a stop that is under way. Never rejects. */
  stop(): ReturnType<UpstreamRun['stop']> {
    this.#stopWasAsked = true;
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

  async steer(text: string): Promise<boolean> {
    const refused = this.#decoder.steering(text);
    try {
      const accepted = await this.#client.steer(this.upstreamRunId, text);
      if (!accepted) refused();
      return accepted;
    } catch (thrown) {
      refused();
      throw thrown;
    }
  }

  async clarify(clarifyId: string, response: string): Promise<void> {
    const wireIds = this.#decoder.wireClarifyIds(clarifyId);
    if (wireIds === null) throw failureOf('conflict', { word: 'waits_no_answer' });
    await this.#client.clarify(this.upstreamRunId, wireIds, response);
    this.#decoder.clarifyAnswered(clarifyId);
  }

  async #stop(): ReturnType<UpstreamRun['stop']> {
    const answer = await stopRun(this.#client, this.upstreamRunId);
    // The stream may have lost its end with the agent's controls (BUG-B3); the status has not.
    if (answer === 'stopping') {
      this.#context.clock.after(STREAM_AFTER_STOP_MS, () => void this.#watchEndBesideStream());
    }
    return answer;
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

  /**
   * Tells the agent to stop a run that is given up, and waits a moment for its end: nothing else is to start beside it
   * (BUG-B4). Never rejects.
   */
  async #endThere(): Promise<void> {
    const { clock, signal } = this.#context;
    const enough = new AbortController();
    const cancel = clock.after(END_AFTER_GIVING_UP_MS, () => enough.abort(new AbortReason('grace-over')));
    const either = AbortSignal.any([signal, enough.signal]);
    try {
      const answer = await abortable(this.stop(), either);
      while (answer === 'stopping') {
        const status = await abortable(this.#look(either), either);
        if (status === 'unknown' || (isObject(status) && isTerminalHermesStatus(textOf(status['status'])))) return;
        await delay(clock, STREAM_AFTER_STOP_MS, either);
      }
    } catch (thrown) {
      // The wait is over, or the agent answers nothing useful any more: the run is let go of either way.
      if (!either.aborted && !(thrown instanceof AppFailure)) throw thrown;
    } finally {
      cancel();
    }
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
        const end = batch.findIndex(isUpstreamTerminal);
        if (end < 0) {
          yield batch;
          continue;
        }
        // Before the reader gets the news: it may never come back for more.
        this.#finishStream();
        if (end > 0) yield batch.slice(0, end);
        yield [...(await this.#toolDetails(signal)), ...batch.slice(end)];
        return;
      }
    } catch (thrown) {
      // Given up or out of time: the agent is told, so that nothing works on unseen. An abort is the caller's own.
      if (!this.#context.signal.aborted) await this.#endThere();
      yield [terminalOfThrow(thrown, this.#context.signal, this.#decoder.usage)];
    } finally {
      cancelDeadline();
      this.#stream?.close();
    }
  }

  /**
   * What the stream did not say of the run's tools: the transcript of its session has it, where the agent gives that out
   * (decision 14). Best effort: a run never fails for it, and waits for it only so long.
   */
  async #toolDetails(signal: AbortSignal): Promise<UpstreamEvent[]> {
    const sessionId = this.#sessionId;
    if (sessionId === null || !(this.#decoder.hasTools || this.#missedStream)) return [];
    try {
      const capabilities = await this.#context.capabilities?.(signal);
      if (capabilities?.sessionMessages !== true) return [];
      const timeoutMs = this.#stopWasAsked ? DETAILS_AFTER_STOP_MS : DETAILS_TIMEOUT_MS;
      const transcript = await this.#client.sessionMessages(sessionId, timeoutMs, signal);
      const calls = transcript === null ? [] : readToolDetails(transcript);
      return calls.length === 0 ? [] : [{ type: 'tool-details', calls }];
    } catch (thrown) {
      if (thrown instanceof AppFailure || signal.aborted) return [];
      throw thrown;
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
    this.#missedStream = true;
    let waitMs = FIRST_POLL_MS;
    let lastContactMs = clock.now();
    let unknown = 0;
    for (;;) {
      signal.throwIfAborted();
      const status = await this.#look(signal);
      if (status === 'unknown' && ++unknown >= UNKNOWN_LIMIT) throw this.#givenUp('gave_up_unknown');
      if (isObject(status)) {
        lastContactMs = clock.now();
        unknown = 0;
        this.#sessionId ??= ownSession(textOf(status['session_id']));
        const events = this.#eventsOfStatus(status, isAttached);
        if (events.length > 0) yield events;
      } else if (clock.now() - lastContactMs >= UNREACHABLE_LIMIT_MS) {
        throw this.#givenUp('gave_up_unreachable');
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
            error: failureOf(
              'interrupted',
              { word: 'restarted', with: { upstream: this.#context.target.profileName } },
              { retry: { kind: 'user-action', action: 'retry' } },
            ).toAppError(),
          },
        ];
      default:
        return [
          ...(isObject(status['approval']) ? this.#decoder.approvalRequest(status['approval']) : []),
          ...(isObject(status['clarify']) ? this.#decoder.clarifyRequest(status['clarify']) : []),
        ];
    }
  }

  #givenUp(word: 'gave_up_unknown' | 'gave_up_unreachable'): AppFailure {
    const minutes = UNREACHABLE_LIMIT_MS / 60_000;
    return failureOf(
      'upstream_lost',
      { word, with: { upstream: this.#context.target.profileName, minutes } },
      { retry: { kind: 'user-action', action: 'retry' } },
    );
  }

  #tooLong(): AppFailure {
    const limitMs = this.#context.deadlines.totalTimeoutMs;
    return failureOf(
      'timeout',
      {
        word: 'told_to_stop',
        with: { upstream: this.#context.target.profileName, minutes: Math.round(limitMs / 60_000) },
      },
      { retry: { kind: 'user-action', action: 'retry' }, details: { deadline: 'total', limitMs } },
    );
  }
}

/** A session that this program made, else null: others are none of our business. */
function ownSession(sessionId: string | null): string | null {
  return sessionId !== null && isOwnSession(sessionId) ? sessionId : null;
}
