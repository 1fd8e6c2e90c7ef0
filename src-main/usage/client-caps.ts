import type { FailureSaying } from '#contract/failure-saying';
import type { SpendCap, SpendCapState } from '#contract/usage-report';
import { failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { UsageLine, UsageSums } from '../store/usage-queries.ts';
import { readLimit, spanOf, stateOf } from './budgets.ts';

/** So many calls at once while nothing is known of what a call of that program costs. */
const FIRST_CALLS = 8;
/** Some call under way is over by then, most likely. */
const ROOM_WAIT_MS = 5000;

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

const NOTHING = () => undefined;

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
  /** Calls under way on behalf of programs with a cap. */
  readonly #underWay = new Map<string, number>();

  constructor(parts: ClientCapsParts) {
    this.#parts = parts;
  }

  isCapped(clientId: string): boolean {
    return this.#parts.clientOf(clientId)?.cap != null;
  }

  /** How a program stands; null for one without a cap. @throws AppFailure `storage_unavailable`. */
  async stateOf(clientId: string): Promise<SpendCapState | null> {
    return (await this.#read(clientId))?.state ?? null;
  }

  /** How it stands, and how many calls made it so. */
  async #read(clientId: string): Promise<{ state: SpendCapState; calls: number } | null> {
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
    const pricedCalls = (isForeign: boolean) =>
      sums.reduce(
        (total, one) =>
          others.has(one.lineId) === isForeign ? total + one.requests - one.refused - one.unpriced : total,
        0,
      );
    const foreignCalls = pricedCalls(true);
    return { state: { ...cap, spent, share, state, unpricedCalls, foreignCalls }, calls: pricedCalls(false) };
  }

  /**
   * Lets one more call of a program go beside those under way, as long as all of them are expected to stay within its cap: each is
   * taken to cost what its calls cost in the mean so far. One call alone always may, so nobody is refused for good by a guess.
   *
   * @returns to be called once, when the call is over; at once for a program without a cap.
   * @throws AppFailure `queue_full` with a time; `storage_unavailable`.
   */
  enter(clientId: string | null): (() => void) | Promise<() => void> {
    return clientId === null || !this.isCapped(clientId) ? NOTHING : this.#enter(clientId);
  }

  async #enter(clientId: string): Promise<() => void> {
    const others = this.#underWay.get(clientId) ?? 0;
    this.#underWay.set(clientId, others + 1);
    const leave = () => {
      const left = (this.#underWay.get(clientId) ?? 1) - 1;
      if (left > 0) this.#underWay.set(clientId, left);
      else this.#underWay.delete(clientId);
    };
    try {
      if (others > 0) await this.#assertRoom(clientId, others);
    } catch (thrown) {
      leave();
      throw thrown;
    }
    return leave;
  }

  async #assertRoom(clientId: string, others: number): Promise<void> {
    const read = await this.#read(clientId);
    // A cap that is reached is told as such, by whoever opens the books.
    if (read === null || read.state.state === 'reached') return;
    const { share, limit, currency } = read.state;
    const each = read.calls === 0 ? 1 / FIRST_CALLS : share / read.calls;
    if (share + others * each < 1) return;
    const name = this.#parts.clientOf(clientId)?.name ?? '';
    throw failureOf(
      'queue_full',
      { word: 'program_cap_busy', with: { name, limit, currency } },
      { retry: { kind: 'after', waitMs: ROOM_WAIT_MS }, details: { clientId } },
    );
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
    const period: FailureSaying = { word: state.period === 'day' ? 'for_today' : 'for_month' };
    throw failureOf(
      'budget_reached',
      { word: 'program_cap_spent', with: { name, limit: state.limit, currency: state.currency, period } },
      { details: { clientId } },
    );
  }
}
