import type { RunCost, SessionUsage, UsageCall, UsageSummary } from '#contract/usage-report';
import { failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { ReadClient } from '../store/read-client.ts';
import { addDays, dayBounds, daysOfMonth, hostTimeZone, isTimeZone, localDay } from './local-days.ts';
import { csvHead, csvOf } from './usage-csv.ts';
import { joinLines, toCallers, toCredentials, toModels, toTotals } from './usage-totals.ts';

/** Rows of one piece of an export: some 1.5 MB. */
const EXPORT_ROWS = 5000;

export interface UsageReportsParts {
  reads: Pick<ReadClient, 'ask'>;
  clock: Clock;
  labelOf: (credentialId: string) => string | null;
}

/** Answers about what was spent. All sums are made in the read worker; what happens here is a few hundred additions. */
export class UsageReports {
  readonly #parts: UsageReportsParts;

  constructor(parts: UsageReportsParts) {
    this.#parts = parts;
  }

  /**
   * Totals of the last days, today included, or of a calendar month.
   *
   * @throws AppFailure `invalid_payload` for a zone that nobody knows, `storage_unavailable`.
   */
  async summary(asked: { days: number; month?: string; timeZone?: string }): Promise<UsageSummary> {
    const timeZone = this.#zone(asked.timeZone);
    const today = localDay(this.#parts.clock.now(), timeZone);
    const { first, count } =
      asked.month === undefined
        ? { first: addDays(today, 1 - asked.days), count: asked.days }
        : daysOfMonth(asked.month);
    const bounds = dayBounds(first, count, timeZone);
    const { lines, days, sums } = await this.#parts.reads.ask('usageByDay', { bounds });
    const rowsOfDays = days.map((one) => joinLines(lines, one));
    const all = joinLines(lines, sums);
    return {
      timeZone,
      fromMs: bounds[0] ?? 0,
      toMs: bounds.at(-1) ?? 0,
      totals: toTotals(all),
      byModel: toModels(all),
      byCredential: toCredentials(all, this.#parts.labelOf),
      byDay: rowsOfDays.map((rows, index) => ({
        day: addDays(first, index),
        ...toTotals(rows),
        byModel: toModels(rows),
      })),
    };
  }

  /** What a conversation spent; of one that was deleted, too. @throws AppFailure `storage_unavailable`. */
  async ofSession(sessionId: string, includesActive: boolean): Promise<SessionUsage> {
    const { lines, sums, open } = await this.#parts.reads.ask('usageOfSession', { sessionId });
    const rows = joinLines(lines, sums);
    return {
      sessionId,
      totals: toTotals(rows),
      byModel: toModels(rows),
      byCaller: toCallers(rows),
      active: includesActive
        ? {
            requests: open.length,
            estimatedInputTokens: open.reduce((sum, call) => sum + (call.inputTokens ?? 0), 0),
          }
        : null,
    };
  }

  /**
   * What the answers of some runs cost, in the order asked for. A run that booked nothing here has neither amounts nor calls
   * without a price. @throws AppFailure `storage_unavailable`.
   */
  async ofRuns(runIds: readonly string[]): Promise<RunCost[]> {
    const { lines, runs } = await this.#parts.reads.ask('usageOfRuns', { runIds });
    return runs.map(({ runId, sums }) => {
      const rows = joinLines(lines, sums).filter(({ line }) => line.purpose !== 'summary');
      return { runId, cost: toTotals(rows).cost };
    });
  }

  /** Single calls, newest first. @returns the cursor of the next page, null after the last one. */
  async calls(limit: number, cursor: string | null): Promise<{ calls: UsageCall[]; nextCursor: string | null }> {
    const beforeNumber = cursor === null ? null : Number(cursor);
    const found = await this.#parts.reads.ask('usageCalls', { limit: limit + 1, beforeNumber });
    const page = found.slice(0, limit);
    return {
      calls: page.map(({ number: _number, ...call }) => call),
      nextCursor: found.length > limit ? String(page.at(-1)?.number) : null,
    };
  }

  /**
   * Calls of a span as CSV, in pieces. The first one has the head.
   *
   * @returns the cursor of the next piece, null after the last one.
   */
  async exportCsv(
    span: { fromMs: number; toMs: number },
    cursor: string | null,
  ): Promise<{ content: string; nextCursor: string | null }> {
    const [startedAtMs = span.fromMs, number = 0] = cursor === null ? [] : cursor.split('.').map(Number);
    const after = { startedAtMs, number };
    const calls = await this.#parts.reads.ask('usageCallsBetween', { after, toMs: span.toMs, limit: EXPORT_ROWS });
    const last = calls.at(-1);
    const isWhole = calls.length < EXPORT_ROWS || last === undefined;
    return {
      content: (cursor === null ? csvHead() : '') + csvOf(calls),
      nextCursor: isWhole ? null : `${last.startedAtMs}.${last.number}`,
    };
  }

  #zone(asked: string | undefined): string {
    if (asked === undefined) return hostTimeZone();
    if (!isTimeZone(asked)) {
      throw failureOf(
        'invalid_payload',
        { word: 'no_time_zone', with: { asked } },
        {
          details: { field: 'timeZone' },
        },
      );
    }
    return asked;
  }
}
