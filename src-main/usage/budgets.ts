import { formatDecimal, PICO_PLACES, parseDecimal } from '#contract/money';
import type { Budget, BudgetPeriod, BudgetState } from '#contract/usage-report';
import { failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { Store } from '../store/store.ts';
import type { UsageLine, UsageSums } from '../store/usage-queries.ts';
import { addDays, localDay, monthOf, startOfDay } from './local-days.ts';

export interface BudgetsParts {
  store: Store;
  clock: Clock;
  newId: () => string;
  /** The zone whose days and months count: that of the machine, because a budget holds also where no page is open. */
  timeZone: () => string;
  /** Sums of a span, off the main thread. */
  sumsBetween: (fromMs: number, toMs: number) => Promise<{ lines: UsageLine[]; sums: UsageSums[] }>;
}

/** What a person allows themselves to spend. */
export class Budgets {
  readonly #parts: BudgetsParts;
  #budgets: readonly Budget[];

  constructor(parts: BudgetsParts) {
    this.#parts = parts;
    this.#budgets = parts.store.usage.budgets();
  }

  /** Each budget with what was spent of it since its day or month began. */
  async states(): Promise<BudgetState[]> {
    return this.#statesOf(this.#budgets);
  }

  /** Whether there is a budget that stops calls once it is spent. */
  get mayStop(): boolean {
    return this.#budgets.some((budget) => budget.stops);
  }

  /**
   * Lets a new call begin. Costs nothing unless a budget stops calls. Calls under way when a limit is reached go on: what
   * they cost is known at their end.
   *
   * @throws AppFailure `budget_reached`.
   */
  readonly assertMayCall = async (): Promise<void> => {
    const stopping = this.#budgets.filter((budget) => budget.stops);
    if (stopping.length === 0) return;
    const reached = (await this.#statesOf(stopping)).find((budget) => budget.state === 'reached');
    if (reached === undefined) return;
    const limit = `${reached.limit} ${reached.currency}`;
    throw failureOf(
      'budget_reached',
      { word: reached.period === 'day' ? 'budget_day' : 'budget_month', with: { limit } },
      { retry: { kind: 'user-action', action: 'raise-budget' }, details: { budgetId: reached.id } },
    );
  };

  /**
   * Adds a budget, or changes the one of that id.
   *
   * @throws AppFailure `invalid_payload` for a limit that is no amount.
   */
  async save(budget: Omit<Budget, 'id'> & { id: string | null }): Promise<BudgetState[]> {
    const { store, clock, newId } = this.#parts;
    const stored = { ...budget, id: budget.id ?? newId(), limit: readLimit(budget.limit) };
    await store.committer.commit(() => store.usage.saveBudget(stored, clock.now()));
    this.#budgets = store.usage.budgets();
    return this.states();
  }

  /** @throws AppFailure `not_found`. */
  async remove(id: string): Promise<BudgetState[]> {
    const { store } = this.#parts;
    const removed = await store.committer.commit(() => store.usage.removeBudget(id));
    this.#budgets = store.usage.budgets();
    if (!removed) throw failureOf('not_found', { word: 'budget_gone' });
    return this.states();
  }

  async #statesOf(budgets: readonly Budget[]): Promise<BudgetState[]> {
    const { clock, timeZone, sumsBetween } = this.#parts;
    const zone = timeZone();
    const nowMs = clock.now();
    const spans = new Map<BudgetPeriod, ReturnType<BudgetsParts['sumsBetween']>>();
    for (const { period } of budgets) {
      if (spans.has(period)) continue;
      const { fromMs, toMs } = spanOf(period, nowMs, zone);
      spans.set(period, sumsBetween(fromMs, toMs));
    }
    return Promise.all(
      budgets.map(async (budget) => {
        const { lines = [], sums = [] } = (await spans.get(budget.period)) ?? {};
        return stateOf(budget, lines, sums);
      }),
    );
  }
}

/** A limit as it is stored. @throws AppFailure `invalid_payload` for what is no amount. */
export function readLimit(text: string): string {
  const limit = parseDecimal(text, 6);
  if (limit === null || limit === 0n) {
    throw failureOf(
      'invalid_payload',
      { word: 'no_amount', with: { text } },
      {
        details: { field: 'limit' },
      },
    );
  }
  return formatDecimal(limit, 6);
}

/** The day or month that it is. */
export function spanOf(period: BudgetPeriod, nowMs: number, timeZone: string): { fromMs: number; toMs: number } {
  const today = localDay(nowMs, timeZone);
  const [first, next] =
    period === 'day' ? [today, addDays(today, 1)] : [`${monthOf(today)}-01`, `${monthOf(today, 1)}-01`];
  return { fromMs: startOfDay(first, timeZone), toMs: startOfDay(next, timeZone) };
}

/** What stands of a budget. Only its own currency counts; calls without a price are told beside it. */
export function stateOf(budget: Budget, lines: readonly UsageLine[], sums: readonly UsageSums[]): BudgetState {
  const own = new Set(lines.filter((line) => line.currency === budget.currency).map((line) => line.lineId));
  const spent = sums.reduce((total, one) => (own.has(one.lineId) ? total + one.costPicos : total), 0n);
  const limit = parseDecimal(budget.limit, PICO_PLACES) ?? 0n;
  const share = limit === 0n ? 1 : Number(spent) / Number(limit);
  return {
    ...budget,
    spent: formatDecimal(spent, PICO_PLACES),
    share,
    state: spent >= limit ? 'reached' : share >= budget.warnShare ? 'near' : 'within',
    unpricedCalls: sums.reduce((total, one) => total + one.unpriced, 0),
  };
}
