import type { AppError } from '#contract/errors';
import type { ApprovalChoice } from '#contract/events';
import type { ToolDetail } from '../../upstream-event.ts';
import type { DemoLanguage } from './demo-texts.ts';

/** One move of the demo. A script is data: what is said is decided before the first word. */
export type DemoStep =
  | { do: 'say'; text: string }
  | { do: 'think'; text: string }
  | { do: 'tool-start'; callId: string | null; name: string; arguments: string | null }
  | { do: 'tool-end'; callId: string | null; name: string; durationSeconds: number; output: string | null }
  | { do: 'pause'; ms: number }
  | { do: 'ask'; command: string; description: string; then: Record<'allowed' | 'denied', DemoStep[]> }
  /** Asks a question; `reply` is said afterwards, with the answer in the place of `{answer}`. */
  | { do: 'clarify'; question: string; choices: string[]; reply: string }
  | { do: 'fail'; error: AppError };

export interface DemoScript {
  language: DemoLanguage;
  /** A failure instead of an answer, before anything is said. */
  refusal: AppError | null;
  steps: DemoStep[];
  wordsPerSecond: number;
  /** So many tries are refused before one is taken. */
  busyTries: number;
  /** What is told of tool calls only at the end. */
  details: ToolDetail[];
}

/** What an answer to an approval means for the script. */
export function isAllowed(choice: ApprovalChoice): boolean {
  return choice !== 'deny';
}
