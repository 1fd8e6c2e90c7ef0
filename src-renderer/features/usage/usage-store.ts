import { create } from 'zustand';
import type { AppError } from '#contract/errors';
import type { RouteInput, SluiceApi } from '#contract/routes';
import type { BudgetState, UsageSummary } from '#contract/usage-report';

interface UsageState {
  /** The month that is shown, as `2026-11`. */
  month: string;
  /** Of `month`; null until it is known. */
  summary: UsageSummary | null;
  /** Of the month that it is now, for the sidebar. */
  current: UsageSummary | null;
  budgets: BudgetState[] | null;
  problem: AppError | null;
  show(api: SluiceApi, month: string): Promise<void>;
  /** Asks again for everything that is shown. */
  load(api: SluiceApi): Promise<void>;
  /** Returns the core's refusal, which is shown where it was typed. */
  saveBudget(api: SluiceApi, budget: RouteInput<'usage.saveBudget'>): Promise<AppError | null>;
  deleteBudget(api: SluiceApi, id: string): Promise<AppError | null>;
}

/** The month that it is on this computer. */
export function thisMonth(nowMs = Date.now()): string {
  const now = new Date(nowMs);
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}`;
}

/** The month so many months later. */
export function addMonths(month: string, count: number): string {
  const [year = 0, index = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, index - 1 + count, 1)).toISOString().slice(0, 7);
}

export const useUsageStore = create<UsageState>()((set, get) => ({
  month: thisMonth(),
  summary: null,
  current: null,
  budgets: null,
  problem: null,
  async show(api, month) {
    set({ month, summary: null });
    await get().load(api);
  },
  async load(api) {
    const { month } = get();
    const [summary, budgets] = await Promise.all([
      api.request('usage.summary', { month }),
      api.request('usage.budgets', {}),
    ]);
    // Another month was asked for meanwhile; its own answer follows.
    if (get().month !== month) return;
    set({
      ...(summary.ok ? { summary: summary.data } : {}),
      ...(summary.ok && month === thisMonth() ? { current: summary.data } : {}),
      ...(budgets.ok ? { budgets: budgets.data.budgets } : {}),
      problem: summary.ok ? (budgets.ok ? null : budgets.error) : summary.error,
    });
  },
  async saveBudget(api, budget) {
    const answer = await api.request('usage.saveBudget', budget);
    if (answer.ok) set({ budgets: answer.data.budgets });
    return answer.ok ? null : answer.error;
  },
  async deleteBudget(api, id) {
    const answer = await api.request('usage.deleteBudget', { id });
    if (answer.ok) set({ budgets: answer.data.budgets });
    return answer.ok ? null : answer.error;
  },
}));
