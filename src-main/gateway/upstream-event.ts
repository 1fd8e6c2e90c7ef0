import type { AppError } from '#contract/errors';
import type { ApprovalChoice, Usage } from '#contract/events';

/** What an upstream said, in words that name no provider. Adapters make these; the run executor consumes them. */
export type UpstreamEvent =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  /** Thinking has ended. Hermes fills `text` with the start of the *answer*: it is never shown as reasoning. */
  | { type: 'reasoning-end'; text: string }
  /** A call begins, or (same `callId`) more of its arguments are known. `arguments` is the whole JSON text so far. */
  | { type: 'tool-start'; callId: string | null; name: string; preview: string | null; arguments: string | null }
  | {
      type: 'tool-end';
      callId: string | null;
      name: string;
      durationSeconds: number | null;
      isError: boolean;
      output: string | null;
    }
  | {
      type: 'approval-request';
      approvalId: string;
      command: string;
      description: string;
      choices: ApprovalChoice[];
    }
  | { type: 'approval-resolved'; approvalId: string | null; choice: ApprovalChoice; resolved: number }
  /** Running totals; the last one holds. */
  | { type: 'usage'; usage: Usage }
  | UpstreamTerminal;

/** The last event of every upstream run. Exactly one comes, and nothing after it. */
export type UpstreamTerminal =
  /** `output` is the upstream's whole text where it repeats it at the end, else null. */
  | { type: 'completed'; output: string | null; finishReason: string; usage: Usage | null }
  | { type: 'failed'; error: AppError; usage: Usage | null }
  /** The upstream says that the run was cancelled, or we closed its stream on purpose. */
  | { type: 'cancelled'; usage: Usage | null };

export function isUpstreamTerminal(event: UpstreamEvent): event is UpstreamTerminal {
  return event.type === 'completed' || event.type === 'failed' || event.type === 'cancelled';
}
