import type { AppError } from '#contract/errors';
import type { ApprovalChoice } from '#contract/events';

/** One move of the demo. A script is data: what is said is decided before the first word. */
export type DemoStep =
  | { do: 'say'; text: string }
  | { do: 'think'; text: string }
  | { do: 'tool-start'; callId: string; name: string; arguments: string }
  | { do: 'tool-end'; callId: string; name: string; durationSeconds: number; output: string }
  | { do: 'pause'; ms: number }
  | { do: 'ask'; command: string; description: string; then: Record<'allowed' | 'denied', DemoStep[]> }
  | { do: 'fail'; error: AppError };

export interface DemoScript {
  /** A failure instead of an answer, before anything is said. */
  refusal: AppError | null;
  steps: DemoStep[];
  wordsPerSecond: number;
}

/** What an answer to an approval means for the script. */
export function isAllowed(choice: ApprovalChoice): boolean {
  return choice !== 'deny';
}

/** The demo's unit: words, counted the same way going in and coming out. */
export function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
