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
  /** The agent asks the person. `choices` may be empty, and an answer need not be one of them. */
  | { type: 'clarify-request'; clarifyId: string; question: string; choices: string[] }
  | { type: 'clarify-resolved'; clarifyId: string | null; response: string }
  /**
   * A message was put into the running answer by somebody else (`accepted`), or one that was taken never reached the
   * model (not `accepted`): it still has to be sent. What our own `steer` achieved is told by its promise and not again.
   */
  | { type: 'steered'; text: string; accepted: boolean }
  /** What the stream did not tell of the run's tool calls, in their order. Comes once, right before the terminal event. */
  | { type: 'tool-details'; calls: ToolDetail[] }
  /** A part of the answer that is no valid data. What it held may come again at the end. */
  | { type: 'unreadable' }
  /** Running totals; the last one holds. */
  | { type: 'usage'; usage: Usage }
  | UpstreamTerminal;

/** A tool call as the upstream's own transcript has it; null is what that leaves out. */
export interface ToolDetail {
  name: string;
  callId: string | null;
  /** JSON text. */
  arguments: string | null;
  output: string | null;
  isError: boolean | null;
}

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
