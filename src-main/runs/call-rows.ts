import type { RunView } from '#contract/run-view';
import { estimateTokens } from '#contract/token-estimate';
import type { UsageCall } from '#contract/usage-report';
import type { Store } from '../store/store.ts';
import { lostCall } from '../usage/call-ledger.ts';

// What the end of a run writes into the ledger. Everything here belongs inside a write of the log.

/**
 * Books the calls of a run that has ended.
 *
 * @param calls what its executor knows of them; null when no process holds the run in memory, and what was written down
 *   before they left is all there is.
 * @param isAwaited the upstream is still asked how the run ended: its call waits for that word.
 */
export function bookRunRows(
  store: Store,
  run: { runId: string; view: RunView; calls: readonly UsageCall[] | null; isAwaited: boolean },
  nowMs: number,
): void {
  const { runId, view, calls, isAwaited } = run;
  const known = calls ?? [];
  const open = store.usage.openOfRun(runId).filter((draft) => !known.some((call) => call.id === draft.id));
  const ended = [...known, ...open.map((draft) => lostCall(draft, estimateAnswer(view), nowMs))];
  if (!isAwaited) store.usage.book(ended);
  else for (const call of ended) store.usage.open(call);
}

/** About how many tokens of a run's answer are stored. */
function estimateAnswer(view: RunView): number {
  return view.live
    .filter((row) => row.role !== 'user')
    .reduce((sum, row) => {
      const text = row.role === 'assistant' ? row.content + (row.reasoning ?? '') : (row.tool_arguments ?? '');
      return sum + estimateTokens(text);
    }, 0);
}

/** Books everything that is open in a conversation that is being deleted. What was spent stays known. */
export function bookSessionRows(store: Store, sessionId: string, nowMs: number): void {
  store.usage.book(store.usage.openOfSession(sessionId).map((draft) => lostCall(draft, null, nowMs)));
}
