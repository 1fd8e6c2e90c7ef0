import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunRecord } from '#contract/records';
import type { CostSum } from '#contract/usage-report';
import { useRunCostStore, wantRunCost } from './run-costs.ts';

const record = (id: string, endedAtMs: number | null = 1): RunRecord => ({
  id,
  sessionId: 's',
  status: 'success',
  profile: 'p',
  model: 'm',
  upstreamRunId: null,
  credentialId: null,
  queueId: id,
  followUpToRunId: null,
  error: null,
  errorInfo: null,
  finishReason: null,
  usage: null,
  synced: null,
  shortened: null,
  parameters: null,
  createdAtMs: 0,
  startedAtMs: 0,
  endedAtMs,
});
const costOf = (amount: string): CostSum => ({
  amounts: [{ currency: 'USD', amount, estimated: '0' }],
  unpricedCalls: 0,
});

function ledger() {
  const asked: string[][] = [];
  const state = { amount: '1', ok: true };
  const api = {
    request: async (_route: string, { runIds }: { runIds: string[] }) => {
      asked.push(runIds);
      if (!state.ok) return { ok: false, error: {} };
      return { ok: true, data: { runs: runIds.map((runId) => ({ runId, cost: costOf(state.amount) })) } };
    },
  } as unknown as Parameters<typeof wantRunCost>[0];
  return { api, asked, state };
}

const known = (id: string) => useRunCostStore.getState().known[id]?.cost.amounts[0]?.amount;

describe('costs of answers', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    useRunCostStore.setState({ known: {} });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('[E7-15] are asked for together, two hundred at a time, once each, and not while an answer is being made', async () => {
    const { api, asked } = ledger();
    const runs = Array.from({ length: 201 }, (_, number) => record(`r${number}`));
    for (const run of [...runs, ...runs]) wantRunCost(api, run);
    wantRunCost(api, record('live', null));
    await vi.runAllTimersAsync();
    expect(asked.map((ids) => ids.length)).toEqual([200, 1]);
    expect(known('r200')).toBe('1');
    for (const run of runs) wantRunCost(api, run);
    await vi.runAllTimersAsync();
    expect(asked).toHaveLength(2);
  });

  it('[E7-15] are asked for again when the upstream gave its last word later, and after a failure', async () => {
    const { api, asked, state } = ledger();
    wantRunCost(api, record('r'));
    await vi.runAllTimersAsync();
    state.amount = '2';
    state.ok = false;
    const later = { ...record('r'), synced: true };
    wantRunCost(api, later);
    await vi.runAllTimersAsync();
    expect(known('r')).toBe('1');
    state.ok = true;
    wantRunCost(api, later);
    await vi.runAllTimersAsync();
    expect(known('r')).toBe('2');
    expect(asked).toHaveLength(3);
  });
});
