import { formatDecimal, PICO_PLACES } from '#contract/money';
import type { ApiCallRecord } from '#contract/programs';
import type { UsageCall } from '#contract/usage-report';
import type { Clock } from '../../platform/clock.ts';

/** More than anybody reads; nothing of what was said is in them. */
const CAPACITY = 200;

/** One call while it goes on. */
export interface RecentCall {
  /** The answer begins to be shown. */
  answering(): void;
  end(outcome: ApiCallRecord['outcome'], status: number | null): void;
}

/** The newest calls of other programs, in memory, for whoever looks: who asked whom, how long, for how much. */
export class RecentCalls {
  readonly #clock: Clock;
  readonly #calls = new Map<string, ApiCallRecord>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Newest first. */
  list(): ApiCallRecord[] {
    return [...this.#calls.values()].reverse();
  }

  begin(call: Pick<ApiCallRecord, 'id' | 'client' | 'path' | 'profile' | 'model' | 'stream'>): RecentCall {
    const startedAtMs = this.#clock.now();
    const record: ApiCallRecord = {
      ...call,
      startedAtMs,
      firstByteMs: null,
      durationMs: null,
      outcome: 'running',
      status: null,
      credential: null,
      inputTokens: null,
      outputTokens: null,
      isEstimate: false,
      cost: null,
      currency: null,
    };
    this.#calls.set(call.id, record);
    if (this.#calls.size > CAPACITY) {
      const [oldest] = this.#calls.keys();
      if (oldest !== undefined) this.#calls.delete(oldest);
    }
    return {
      answering: () => {
        record.firstByteMs = this.#clock.now() - startedAtMs;
      },
      end: (outcome, status) => {
        record.outcome = outcome;
        record.status = status;
        record.durationMs = this.#clock.now() - startedAtMs;
      },
    };
  }

  /** What the books say of a call; they may close it before its last byte is written, or after. */
  booked(id: string, rows: readonly UsageCall[]): void {
    const record = this.#calls.get(id);
    const row = rows.at(-1);
    if (record === undefined || row === undefined) return;
    record.model = row.model ?? record.model;
    record.credential = row.credentialLabel;
    record.inputTokens = row.inputTokens;
    record.outputTokens = row.outputTokens;
    record.isEstimate = row.source === 'estimate';
    record.cost = row.costPicos === null ? null : formatDecimal(BigInt(row.costPicos), PICO_PLACES);
    record.currency = row.price?.currency ?? null;
  }
}
