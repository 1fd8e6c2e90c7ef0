import type { RunRecord } from '#contract/records';

/** How an answer ended, as the reader has to know it. `null`: it ended well, or it has not ended. */
export type TurnEnd = 'failed' | 'stopped' | 'interrupted' | 'full' | 'filtered' | null;

/**
 * `interrupted` is nobody's wish: the core ended. `stopped` is the reader's own. `full` and `filtered` came in order from the
 * upstream, which calls them complete although something is missing: the longest answer was reached, or a filter ended it.
 */
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
      return null;
    case 'success':
      return run.finishReason === 'length' ? 'full' : run.finishReason === 'content_filter' ? 'filtered' : null;
  }
}
