import { CALL_CALLERS } from '#contract/usage-report';
import type { UsageQueries } from '../../store/usage-queries.ts';
import { joinLines, toCallers, toModels, toTotals } from '../../usage/usage-totals.ts';

const tokensOf = (figures: { inputTokens: number | null; outputTokens: number | null }): number =>
  (figures.inputTokens ?? 0) + (figures.outputTokens ?? 0);

/**
 * What a thread cost, as programs see it: the sums of its calls in the ledger, however they ended (BUG-C12). Pure.
 *
 * @param runs how many of its runs count.
 * @param includesActive adds what is known of calls under way, which is an estimate of their input.
 */
export function toThreadUsage(
  threadId: string,
  ledger: ReturnType<UsageQueries['usageOfSession']>,
  { runs, includesActive }: { runs: number; includesActive: boolean },
): Record<string, unknown> {
  const rows = joinLines(ledger.lines, ledger.sums);
  const totals = toTotals(rows);
  const runsOf = new Map(ledger.runs.map((one) => [one.model, one.runs]));
  const byModel = new Map(
    toModels(rows).map((one) => [
      one.model ?? 'unknown',
      { tokens: tokensOf(one), runs: runsOf.get(one.model ?? '') ?? 0 },
    ]),
  );
  const byCaller = new Map(CALL_CALLERS.map((caller) => [caller as string, 0]));
  for (const one of toCallers(rows)) byCaller.set(one.caller, tokensOf(one.totals));
  const active = includesActive ? ledger.open : [];
  for (const call of active) {
    const model = call.model ?? 'unknown';
    const known = byModel.get(model) ?? { tokens: 0, runs: 0 };
    byModel.set(model, { tokens: known.tokens + tokensOf(call), runs: known.runs + Number(call.runId !== null) });
    byCaller.set(call.caller, (byCaller.get(call.caller) ?? 0) + tokensOf(call));
  }
  const activeTokens = active.reduce((sum, call) => sum + tokensOf(call), 0);
  const inputTokens = (totals.inputTokens ?? 0) + active.reduce((sum, call) => sum + (call.inputTokens ?? 0), 0);
  return {
    thread_id: threadId,
    total_tokens: tokensOf(totals) + activeTokens,
    total_input_tokens: inputTokens,
    total_output_tokens: tokensOf(totals) + activeTokens - inputTokens,
    /** The part of them that nobody reported. */
    estimated_tokens: totals.estimatedTokens + activeTokens,
    total_runs: runs,
    total_calls: totals.requests + active.length,
    by_model: Object.fromEntries(byModel),
    by_caller: Object.fromEntries(byCaller),
    cost: totals.cost.amounts,
    unpriced_calls: totals.cost.unpricedCalls,
  };
}
