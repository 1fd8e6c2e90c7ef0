import type { HealthFigures, HealthReport, HealthSpan } from '#contract/records';
import { FAILURE_ACTIONS } from '../credentials/failure-class.ts';
import type { CallRecord } from './call-record.ts';

/** Newest calls that are kept; older ones are forgotten, so that memory stays as it is. */
const CAPACITY = 8192;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SPAN_MS: Record<HealthSpan, number> = { minute: MINUTE_MS, fiveMinutes: 5 * MINUTE_MS, hour: HOUR_MS };

type Kept = Pick<
  CallRecord,
  'model' | 'credentialId' | 'outcome' | 'endedAtMs' | 'firstPartMs' | 'waitedMs' | 'isRepeated' | 'isFallback'
> & { isTransient: boolean };

/**
 * How calls went lately (E10-27). A call is entered when it is over (BUG-D2); figures are made when somebody asks. A window
 * in which nothing happened has no rate: null, not 0 and not 100 %.
 */
export class HealthWindow {
  readonly #ring: Kept[] = [];
  readonly #sinceMs: number;
  #next = 0;

  constructor(sinceMs: number) {
    this.#sinceMs = sinceMs;
  }

  add(record: CallRecord): void {
    const kept: Kept = {
      model: record.model,
      credentialId: record.credentialId,
      outcome: record.outcome,
      endedAtMs: record.endedAtMs,
      firstPartMs: record.firstPartMs,
      waitedMs: record.waitedMs,
      isRepeated: record.isRepeated,
      isFallback: record.isFallback,
      isTransient: record.failure !== null && FAILURE_ACTIONS[record.failure].transient,
    };
    this.#ring[this.#next] = kept;
    this.#next = (this.#next + 1) % CAPACITY;
  }

  report(nowMs: number): HealthReport {
    const calls = (span: HealthSpan) => this.#ring.filter((kept) => kept.endedAtMs > nowMs - SPAN_MS[span]);
    const each = <T>(make: (calls: readonly Kept[]) => T): Record<HealthSpan, T> => ({
      minute: make(calls('minute')),
      fiveMinutes: make(calls('fiveMinutes')),
      hour: make(calls('hour')),
    });
    return {
      atMs: nowMs,
      sinceMs: this.#sinceMs,
      windows: each(figuresOf),
      byModel: each((kept) =>
        grouped(kept, (call) => call.model).map(([model, own]) => ({ model, ...figuresOf(own) })),
      ),
      byCredential: each((kept) =>
        grouped(kept, (call) => call.credentialId).map(([credentialId, own]) => ({ credentialId, ...figuresOf(own) })),
      ),
      minutes: minutesOf(calls('hour'), nowMs),
    };
  }
}

function minutesOf(calls: readonly Kept[], nowMs: number): HealthReport['minutes'] {
  const minutes = Array.from({ length: HOUR_MS / MINUTE_MS }, () => ({ calls: 0, failed: 0 }));
  for (const call of calls) {
    const minute = minutes.at(-1 - Math.max(0, Math.floor((nowMs - call.endedAtMs) / MINUTE_MS)));
    if (minute === undefined) continue;
    minute.calls++;
    if (call.outcome === 'failure') minute.failed++;
  }
  return minutes;
}

function figuresOf(calls: readonly Kept[]): HealthFigures {
  // What a person saw of a request is its last call.
  const requests = calls.filter((call) => !call.isRepeated);
  const aborts = requests.filter((call) => call.outcome === 'aborted').length;
  const judged = requests.length - aborts;
  const successes = requests.filter((call) => call.outcome === 'success').length;
  const firstParts = calls.flatMap((call) => (call.firstPartMs === null ? [] : [call.firstPartMs]));
  firstParts.sort((a, b) => a - b);
  return {
    calls: calls.length,
    requests: requests.length,
    successes,
    aborts,
    successRate: judged === 0 ? null : successes / judged,
    transientRate: calls.length === 0 ? null : calls.filter((call) => call.isTransient).length / calls.length,
    ttfbP50Ms: percentile(firstParts, 0.5),
    ttfbP95Ms: percentile(firstParts, 0.95),
    waits: calls.filter((call) => call.waitedMs > 0).length,
    fallbacks: calls.filter((call) => call.isFallback).length,
  };
}

/** The nearest rank; null of nothing. */
function percentile(sorted: readonly number[], part: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? null;
}

function grouped(calls: readonly Kept[], nameOf: (kept: Kept) => string | null): [string | null, Kept[]][] {
  const groups = new Map<string | null, Kept[]>();
  for (const call of calls) {
    const name = nameOf(call);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [call]);
    else group.push(call);
  }
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
}
