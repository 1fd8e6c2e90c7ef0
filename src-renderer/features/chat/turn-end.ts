import type { RunRecord } from '#contract/records';

/** How an answer ended, as the reader has to know it. `null`: it ended well, or it has not ended. */
export type TurnEnd = 'failed' | 'stopped' | 'interrupted' | null;

/** `interrupted` is nobody's wish: the core ended. `stopped` is the reader's own. */
export function turnEnd(run: RunRecord | null): TurnEnd {
  if (run === null) return null;
  switch (run.status) {
    case 'error':
    case 'timeout':
      return 'failed';
    case 'cancelled':
      return 'stopped';
    case 'interrupted':
      return run.finishReason === 'aborted' ? 'stopped' : 'interrupted';
    case 'pending':
    case 'running':
    case 'cancelling':
    case 'success':
      return null;
  }
}
