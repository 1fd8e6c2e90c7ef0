import type { Usage } from '#contract/events';
import { AbortReason, type AppFailure, toAppFailure } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { callFailureOf } from './call-failure.ts';
import type { CallRecord } from './call-record.ts';
import type { Attempt, KeyedCall } from './keyed-call.ts';
import { toFailure } from './read-answer.ts';
import type { StopStyle, UpstreamRun } from './upstream-adapter.ts';
import { isUpstreamTerminal, type UpstreamEvent, type UpstreamTerminal } from './upstream-event.ts';

/** Events that are held back while another upstream could still take over unseen. */
const MAX_HELD_EVENTS = 64;

export interface AnswerRunParts {
  call: KeyedCall<UpstreamRun>;
  first: Attempt<UpstreamRun>;
  stopStyle: StopStyle;
  clock: Clock;
  signal: AbortSignal;
  /** Stops what follows a failure; its abort ends every wait. */
  stopped: AbortController;
  /**
   * A failure before the first part of the answer may be followed by another call. Not so where a run may have acted before
   * it spoke.
   */
  mayMoveOn: boolean;
  /** Hears that a call that was taken failed before its first part, and that another one follows. */
  refused?: ((attempt: Attempt<UpstreamRun>, failure: AppFailure) => void) | undefined;
  /** Hears which key answers now, after the first. */
  moved?: ((credentialId: string | null) => void) | undefined;
  /** The request is over, whatever became of it. */
  over: () => void;
}

/**
 * A run tied to its key: booked and given back when its events end, or at the abort when nobody reads them (BUG-D1, BUG-D2).
 * Until the first part of the answer was handed out, the request may move on to another key; after that never (E10-15).
 */
export class AnswerRun {
  readonly run: UpstreamRun;
  readonly #parts: AnswerRunParts;
  #attempt: Attempt<UpstreamRun>;
  #firstPartMs: number | null = null;
  #isBooked = false;
  /** A reader that comes after the abort is told of it; nothing is held for it any more. */
  readonly #onAbort = () => {
    this.#end({ outcome: 'aborted', failure: null });
    this.#parts.over();
  };

  constructor(parts: AnswerRunParts) {
    this.#parts = parts;
    this.#attempt = parts.first;
    const { signal, stopped } = parts;
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
    const run = parts.first.value;
    const current = () => this.#attempt.value;
    this.run = {
      upstreamRunId: run.upstreamRunId,
      // A run that was taken up may learn it later than it begins.
      get upstreamSessionId() {
        return current().upstreamSessionId ?? null;
      },
      stopStyle: run.stopStyle ?? parts.stopStyle,
      status: run.status,
      model: run.model,
      events: this.#events(),
      stop: () => {
        stopped.abort(new AbortReason('user'));
        return this.#attempt.value.stop();
      },
      ...(run.approve === undefined ? {} : { approve: run.approve.bind(run) }),
      ...(run.steer === undefined ? {} : { steer: run.steer.bind(run) }),
      ...(run.clarify === undefined ? {} : { clarify: run.clarify.bind(run) }),
    };
  }

  /** The key that answers now. */
  get credentialId(): string | null {
    return this.#attempt.lease?.credentialId ?? null;
  }

  async *#events(): AsyncGenerator<readonly UpstreamEvent[], void, undefined> {
    const { signal, over } = this.#parts;
    try {
      for (;;) {
        const failed = yield* this.#read();
        if (failed === null) return;
        const last = yield* this.#moveOn(failed);
        if (last) return;
      }
    } finally {
      signal.removeEventListener('abort', this.#onAbort);
      // The reader has left in the middle.
      this.#end({ outcome: 'aborted', failure: null });
      over();
    }
  }

  /** Hands out one run's events. @returns the failure that another call may mend; null when this was the end. */
  async *#read(): AsyncGenerator<readonly UpstreamEvent[], FailedEvent | null, undefined> {
    const { mayMoveOn, clock } = this.#parts;
    let held: UpstreamEvent[] | null = mayMoveOn ? [] : null;
    let usage: Usage | null = null;
    for await (const batch of this.#attempt.value.events) {
      for (const event of batch) if (event.type === 'usage') usage = event.usage;
      const terminal = batch.find(isUpstreamTerminal);
      if (this.#firstPartMs === null && batch.some(isPart)) {
        this.#firstPartMs = clock.now() - this.#attempt.startedAtMs;
        this.#attempt.lease?.answering();
      }
      if (held !== null && terminal?.type === 'failed' && this.#firstPartMs === null) return terminal;
      if (terminal !== undefined) this.#book(terminal, usage);
      if (held === null) {
        yield batch;
        continue;
      }
      held.push(...batch);
      if (this.#firstPartMs === null && terminal === undefined && held.length <= MAX_HELD_EVENTS) continue;
      const all = held;
      held = null;
      yield all;
    }
    return null;
  }

  /** @returns true when the failure was the last word and has been handed out. */
  async *#moveOn(failed: FailedEvent): AsyncGenerator<readonly UpstreamEvent[], boolean, undefined> {
    const { call, stopped, signal, moved, refused } = this.#parts;
    const failure = toFailure(failed.error);
    try {
      this.#isBooked = true;
      await call.recover(this.#attempt, failure);
      refused?.(this.#attempt, failure);
      this.#attempt = await call.next();
      this.#isBooked = false;
      if (signal.aborted) this.#onAbort();
      moved?.(this.credentialId);
      return false;
    } catch (thrown) {
      const isStopped = signal.aborted || stopped.signal.aborted;
      const last: UpstreamTerminal = isStopped
        ? { type: 'cancelled', usage: failed.usage }
        : { type: 'failed', error: toAppFailure(thrown).toAppError(), usage: failed.usage };
      yield [last];
      return true;
    }
  }

  #book(terminal: UpstreamTerminal, seen: Usage | null): void {
    const usage = terminal.usage ?? seen;
    switch (terminal.type) {
      case 'completed': {
        // An answer without a word is no answer (E2-14), and no proof that the key works.
        const isEmpty = this.#firstPartMs === null && (terminal.output ?? '').trim() === '';
        this.#end({ outcome: isEmpty ? 'failure' : 'success', failure: null, usage });
        break;
      }
      case 'failed':
        this.#end({ outcome: 'failure', failure: callFailureOf(terminal.error), usage });
        break;
      case 'cancelled':
        this.#end({ outcome: 'aborted', failure: null, usage });
        break;
    }
  }

  #end(how: Pick<CallRecord, 'outcome'> & { failure: ReturnType<typeof callFailureOf>; usage?: Usage | null }): void {
    if (this.#isBooked) return;
    this.#isBooked = true;
    this.#parts.call.end(this.#attempt, { ...how, usage: how.usage ?? null, firstPartMs: this.#firstPartMs });
  }
}

type FailedEvent = Extract<UpstreamTerminal, { type: 'failed' }>;

/** Something that a reader sees: from here on the answer belongs to this call. */
function isPart(event: UpstreamEvent): boolean {
  return event.type !== 'usage' && !isUpstreamTerminal(event);
}
