import { describe, expect, it } from 'vitest';
import type { UsageSummary, UsageTotals } from '#contract/usage-report';
import { chartOf, ESTIMATED, roundUp } from './chart-series.ts';
import { addMonths } from './usage-store.ts';

function totals(amount: number, estimated = 0, currency = 'USD'): UsageTotals {
  return {
    inputTokens: amount * 100,
    outputTokens: null,
    cacheReadTokens: null,
    cacheWriteTokens: null,
    reasoningTokens: null,
    requests: 1,
    refused: 0,
    estimatedRequests: 0,
    estimatedTokens: estimated * 100,
    cacheHitRatio: null,
    cost: { amounts: [{ currency, amount: String(amount), estimated: String(estimated) }], unpricedCalls: 0 },
  };
}

function summaryOf(models: [string, UsageTotals][]): UsageSummary {
  const currency = models[0]?.[1].cost.amounts[0]?.currency ?? 'USD';
  const byModel = models.map(([model, some]) => ({ model, ...some }));
  const all = models.reduce((sum, [, some]) => sum + Number(some.cost.amounts[0]?.amount), 0);
  const estimated = models.reduce((sum, [, some]) => sum + Number(some.cost.amounts[0]?.estimated), 0);
  return {
    timeZone: 'UTC',
    fromMs: 0,
    toMs: 1,
    totals: totals(all, estimated, currency),
    byModel,
    byCredential: [],
    byDay: [{ day: '2026-11-01', ...totals(all, estimated, currency), byModel }],
  };
}

const cost = { kind: 'cost', currency: 'USD' } as const;

describe('the bars of a day', () => {
  it('[E7-16] are its models from the dearest up, with what is estimated on top, and add up to the day', () => {
    const chart = chartOf(
      summaryOf([
        ['small', totals(1)],
        ['large', totals(6, 2)],
      ]),
      cost,
    );
    expect(chart.series.map((one) => one.models)).toEqual([['large'], ['small']]);
    expect(chart.days[0]).toEqual({
      day: '2026-11-01',
      total: 7,
      parts: [
        { series: 0, value: 4 },
        { series: 1, value: 1 },
        { series: ESTIMATED, value: 2 },
      ],
    });
    expect(chart.top).toBe(8);
  });

  it('[E7-16] of many models the small ones are one part', () => {
    const chart = chartOf(summaryOf(Array.from({ length: 8 }, (_, index) => [`m${index}`, totals(8 - index)])), cost);
    expect(chart.series).toHaveLength(5);
    expect(chart.series[4]).toEqual({ models: ['m4', 'm5', 'm6', 'm7'], isRest: true });
    expect(chart.days[0]?.parts.reduce((sum, part) => sum + part.value, 0)).toBe(36);
  });

  it('[E7-16] hold one currency only', () => {
    const chart = chartOf(summaryOf([['m', totals(5, 0, 'EUR')]]), cost);
    expect(chart.series).toEqual([]);
    expect(chart.days[0]).toMatchObject({ total: 0, parts: [] });
  });

  it.each([
    [0, 1],
    [0.03, 0.05],
    [0.87, 1],
    [1, 1],
    [1.2, 2],
    [2.2, 2.5],
    [2.6, 5],
    [51, 100],
  ])('[E7-16] a step of the scale for %d is %d', (value, step) => {
    expect(roundUp(value)).toBeCloseTo(step, 10);
  });

  it('[E7-16] months go over the year', () => {
    expect(addMonths('2026-12', 1)).toBe('2027-01');
    expect(addMonths('2026-01', -1)).toBe('2025-12');
  });
});
