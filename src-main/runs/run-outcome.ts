import { assertNever } from '#contract/assert-never';
import type { AppError, ErrorInfo } from '#contract/errors';
import type { EventDraft, Usage } from '#contract/events';
import { isFailureSaying } from '#contract/failure-words';
import type { RunStatus } from '#contract/records';
import { parseBlockArray } from './block-array.ts';

/** How a run ended, before it is written down. */
export type RunOutcome =
  | {
      kind: 'completed';
      output: string | null;
      finishReason: string;
      usage: Usage | null;
      hasText: boolean;
      unreadable?: number;
    }
  | { kind: 'failed'; error: AppError; usage: Usage | null }
  /** Cancelled by somebody else at the upstream. */
  | { kind: 'cancelled'; usage: Usage | null }
  /** Stopped by us. `output` is what the upstream still said at its end, where it streamed no text. */
  | { kind: 'stopped'; synced: boolean; usage: Usage | null; output: string | null };

/** Failures that every queued message would meet as well: the queue waits for a person instead of burning through them. */
const PAUSING_CODES: ReadonlySet<string> = new Set([
  'upstream_auth',
  'quota_exhausted',
  'budget_reached',
  'no_credential',
  'secrets_locked',
  'account_flagged',
]);

export function pausesQueue(outcome: RunOutcome): boolean {
  return outcome.kind === 'failed' && PAUSING_CODES.has(outcome.error.code);
}

export function errorInfoOf(error: AppError): ErrorInfo {
  const status = error.details?.['status'];
  const said = error.details?.['said'];
  return {
    code: error.code,
    retry: error.retry,
    ...(typeof status === 'number' ? { status } : {}),
    ...(isFailureSaying(said) ? { said } : {}),
  };
}

function failureStatus(error: AppError): 'error' | 'timeout' | 'interrupted' {
  if (error.code === 'timeout') return 'timeout';
  return error.code === 'interrupted' ? 'interrupted' : 'error';
}

/**
 * The one terminal event of a run.
 *
 * @param queueRemaining items that wait at this moment, before the dequeue that may follow (decision 5).
 * @param messageId the row that takes the upstream's closing text where it streamed none.
 */
export function terminalDraft(
  runId: string,
  outcome: RunOutcome,
  queueRemaining: number,
  messageId: string,
): EventDraft {
  switch (outcome.kind) {
    case 'completed': {
      const blocks = outcome.output === null ? null : parseBlockArray(outcome.output);
      return {
        event: 'run.completed',
        run_id: runId,
        output: blocks?.text ?? outcome.output ?? '',
        usage: outcome.usage,
        finish_reason: outcome.finishReason,
        queue_remaining: queueRemaining,
        ...(outcome.unreadable === undefined ? {} : { unreadable_parts: outcome.unreadable }),
        ...(blocks === null ? {} : { parsed_content: blocks.text }),
        ...(blocks === null || blocks.reasoning === '' ? {} : { parsed_reasoning: blocks.reasoning }),
        ...(blocks === null || blocks.toolCalls.length === 0 ? {} : { parsed_tool_calls: blocks.toolCalls }),
        ...(outcome.hasText || outcome.output === null || outcome.output === '' ? {} : { message_id: messageId }),
      };
    }
    case 'failed':
      return {
        event: 'run.failed',
        run_id: runId,
        error: outcome.error.message,
        error_info: errorInfoOf(outcome.error),
        queue_remaining: queueRemaining,
        status: failureStatus(outcome.error),
        usage: outcome.usage,
      };
    case 'cancelled':
      return { event: 'run.cancelled', run_id: runId, queue_remaining: queueRemaining, usage: outcome.usage };
    case 'stopped':
      return {
        event: 'abort.completed',
        run_id: runId,
        synced: outcome.synced,
        usage: outcome.usage,
        ...(queueRemaining > 0 ? { queue_length: queueRemaining } : {}),
      };
    default:
      return assertNever(outcome);
  }
}

export function statusOf(outcome: RunOutcome): RunStatus {
  switch (outcome.kind) {
    case 'completed':
      return 'success';
    case 'failed':
      return failureStatus(outcome.error);
    case 'cancelled':
      return 'cancelled';
    case 'stopped':
      return 'interrupted';
    default:
      return assertNever(outcome);
  }
}

/** The word that a run's record keeps for its end. */
export function finishReasonOf(outcome: RunOutcome): string {
  switch (outcome.kind) {
    case 'completed':
      return outcome.finishReason;
    case 'failed':
      return failureStatus(outcome.error) === 'interrupted' ? 'interrupted' : 'error';
    case 'cancelled':
    case 'stopped':
      return 'aborted';
    default:
      return assertNever(outcome);
  }
}
