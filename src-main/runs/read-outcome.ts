import type { Usage } from '#contract/usage';
import type { StopStyle } from '../gateway/upstream-adapter.ts';
import type { UpstreamTerminal } from '../gateway/upstream-event.ts';
import { AbortReason, AppFailure, failureOf } from '../platform/app-failure.ts';
import type { RunOutcome } from './run-outcome.ts';

// How a run ended, read from its upstream's last word or from what was thrown. Pure: whoever asks has stopped what ran.

/** What came of an answer before its end. */
export interface AnswerRead {
  hasText: boolean;
  hasTools: boolean;
  /** The text after the last tool call. */
  answer: string;
  /** The newest figures; null where there were none. */
  usage: Usage | null;
  /** Parts that were no valid data. */
  unreadable: number;
}

/**
 * The outcome of a run whose upstream said how it ended. After a stop every end counts as stopped. An answer in which there
 * is nothing is a failure: a person waits for something to read.
 *
 * @param stop null where nobody stopped the run; `isSynced` is false where the upstream never confirmed that it stopped.
 */
export function outcomeOfEnd(
  event: UpstreamTerminal,
  read: AnswerRead,
  stop: { isSynced: boolean } | null,
): RunOutcome {
  const usage = event.usage ?? read.usage;
  if (stop !== null) {
    const output = event.type === 'completed' && !read.hasText ? event.output : null;
    return { kind: 'stopped', synced: stop.isSynced, usage, output };
  }
  switch (event.type) {
    case 'completed':
      if (!read.hasText && !read.hasTools && (event.output ?? '').trim() === '')
        return { kind: 'failed', usage, error: emptyAnswer().toAppError() };
      return {
        kind: 'completed',
        output: event.output ?? read.answer,
        finishReason: event.finishReason,
        usage,
        hasText: read.hasText,
        ...(read.unreadable === 0 ? {} : { unreadable: read.unreadable }),
      };
    case 'failed':
      return { kind: 'failed', error: event.error, usage };
    case 'cancelled':
      return { kind: 'cancelled', usage };
  }
}

function emptyAnswer(): AppFailure {
  return failureOf(
    'upstream_empty_answer',
    { word: 'empty_answer' },
    { retry: { kind: 'user-action', action: 'retry' } },
  );
}

/**
 * Whether it is certain, after a stopped run threw, that its upstream works on nothing.
 *
 * @param style how the run is stopped; null where no upstream was called.
 */
export function isNothingLeftRunning(style: StopStyle | null, thrown: unknown): boolean {
  // What dies with its connection is over, and so is what never left.
  if (style !== 'stop-request') return true;
  // The upstream said that the run is gone; after the grace it said nothing.
  if (thrown instanceof AbortReason) return thrown.kind === 'user';
  const status = thrown instanceof AppFailure ? thrown.details?.['status'] : undefined;
  return typeof status === 'number' && status >= 400 && status < 500;
}
