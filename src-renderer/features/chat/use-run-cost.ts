import { useEffect } from 'react';
import type { RunRecord } from '#contract/records';
import type { CostSum } from '#contract/usage-report';
import { useCore } from '../../ipc/use-api.ts';
import { useRunCostStore, wantRunCost } from './run-costs.ts';

/** What an answer cost, from the ledger; null until it is known. What was last told stands while a newer word is awaited. */
export function useRunCost(run: RunRecord | null): CostSum | null {
  const { api } = useCore();
  const cost = useRunCostStore((state) => (run === null ? undefined : state.known[run.id]?.cost));
  useEffect(() => {
    if (run !== null) wantRunCost(api, run);
  }, [api, run]);
  return cost ?? null;
}
