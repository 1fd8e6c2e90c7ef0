import { create } from 'zustand';
import type { RunRecord } from '#contract/records';
import type { CostSum } from '#contract/usage-report';
import type { Transport } from '../../ipc/transport.ts';

/** Footers that come into view together are one question. */
const TOGETHER_MS = 30;
const MOST_RUNS = 200;

interface RunCosts {
  /** What was told, with the record as it was when it was asked: a record that changed since may cost something else. */
  known: Readonly<Record<string, { cost: CostSum; of: RunRecord }>>;
}

export const useRunCostStore = create<RunCosts>(() => ({ known: {} }));

const waiting = new Map<string, RunRecord>();
let timer: ReturnType<typeof setTimeout> | null = null;

/** Asks for the cost of an answer that has ended, unless it is known or about to be asked for. */
export function wantRunCost(api: Pick<Transport, 'request'>, run: RunRecord): void {
  if (run.endedAtMs === null || useRunCostStore.getState().known[run.id]?.of === run) return;
  waiting.set(run.id, run);
  timer ??= setTimeout(() => {
    timer = null;
    const runs = [...waiting.values()];
    waiting.clear();
    for (let at = 0; at < runs.length; at += MOST_RUNS) void ask(api, runs.slice(at, at + MOST_RUNS));
  }, TOGETHER_MS);
}

async function ask(api: Pick<Transport, 'request'>, runs: readonly RunRecord[]): Promise<void> {
  const answer = await api.request('usage.runs', { runIds: runs.map((run) => run.id) });
  // A fact that is not to be had is left out; the next footer that comes into view asks again.
  if (!answer.ok) return;
  const asked = new Map(runs.map((run) => [run.id, run]));
  const told = answer.data.runs.flatMap(({ runId, cost }) => {
    const of = asked.get(runId);
    return of === undefined ? [] : [[runId, { cost, of }] as const];
  });
  useRunCostStore.setState(({ known }) => ({ known: { ...known, ...Object.fromEntries(told) } }));
}
