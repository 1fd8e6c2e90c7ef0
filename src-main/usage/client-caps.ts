import type { SpendCap, SpendCapState } from '#contract/usage-report';
import { AppFailure } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { UsageLine, UsageSums } from '../store/usage-queries.ts';
import { readLimit, spanOf, stateOf } from './budgets.ts';

/** From this share of a cap on, a program is told that it nears its end. */
const WARN_SHARE = 0.8;

export interface ClientCapsParts {
  /** A program's name and cap, also of one whose key was revoked: what it asked for before may still be made. */
  clientOf: (clientId: string) => { name: string; cap: SpendCap | null } | null;
  clock: Clock;
  timeZone: () => string;
  /** What was spent on behalf of a program, off the main thread. */
  sumsOf: (clientId: string, fromMs: number, toMs: number) => Promise<{ lines: UsageLine[]; sums: UsageSums[] }>;
}

/** @throws AppFailure `invalid_payload` for a limit that is no amount. */
export function readCap(cap: SpendCap): SpendCap {
  return { ...cap, limit: readLimit(cap.limit) };
}

/**
 * What programs may spend, each by its key. Counted like a budget: in one currency, by the days and months of this machine,
 * from what is booked. Calls under way when a cap is reached go on, because what they cost is known at their end.
 */
export class ClientCaps {
  readonly #parts: ClientCapsParts;

  constructor(parts: ClientCapsParts) {
    this.#parts = parts;
  }

  /** How a program stands; null for one without a cap. @throws AppFailure `storage_unavailable`. */
  async stateOf(clientId: string): Promise<SpendCapState | null> {
    const cap = this.#parts.clientOf(clientId)?.cap ?? null;
    if (cap === null) return null;
    const { clock, timeZone, sumsOf } = this.#parts;
    const { fromMs, toMs } = spanOf(cap.period, clock.now(), timeZone());
    const { lines, sums } = await sumsOf(clientId, fromMs, toMs);
    const budget = { ...cap, id: clientId, warnShare: WARN_SHARE, stops: true };
    const { spent, share, state, unpricedCalls } = stateOf(budget, lines, sums);
    const others = new Set(
      lines.filter((line) => line.currency !== '' && line.currency !== cap.currency).map((line) => line.lineId),
    );
    const foreignCalls = sums.reduce(
      (total, one) => (others.has(one.lineId) ? total + one.requests - one.refused - one.unpriced : total),
      0,
    );
    return { ...cap, spent, share, state, unpricedCalls, foreignCalls };
  }

  /**
   * Lets something new begin on behalf of a program. A person's own calls, which name none, always may.
   *
   * @returns how the program stands; null without a cap.
   * @throws AppFailure `budget_reached`, `storage_unavailable`.
   */
  async assertMaySpend(clientId: string | null): Promise<SpendCapState | null> {
    const state = clientId === null ? null : await this.stateOf(clientId);
    if (state === null || state.state !== 'reached') return state;
    const name = this.#parts.clientOf(clientId ?? '')?.name ?? '';
    const period = state.period === 'day' ? 'today' : 'this month';
    throw new AppFailure(
      'budget_reached',
      `The key “${name}” has spent its ${state.limit} ${state.currency} for ${period}, so nothing new is sent for it. Raise its limit in the settings, under Local API.`,
      { details: { clientId } },
    );
  }
}
