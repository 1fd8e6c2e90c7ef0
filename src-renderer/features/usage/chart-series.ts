import type { ModelUsage, Money, UsageSummary, UsageTotals } from '#contract/usage-report';

/** What the bars are made of: money of one currency, or tokens. */
export type ChartUnit = { kind: 'cost'; currency: string } | { kind: 'tokens' };

export interface ChartPart {
  /** The series that it belongs to; -1 is what is estimated. */
  series: number;
  value: number;
}

export interface ChartDay {
  day: string;
  total: number;
  /** From the base up, without empty ones. */
  parts: ChartPart[];
}

export interface Chart {
  /** Names of the series, dearest first; null for a model that nobody named. */
  series: { models: (string | null)[]; isRest: boolean }[];
  hasEstimates: boolean;
  days: ChartDay[];
  /** The top of the scale: four steps of a round number. */
  top: number;
}

/** More would not be told apart by their lightness. */
const MOST_SERIES = 5;

export const ESTIMATED = -1;

function moneyOf(totals: UsageTotals, currency: string): Money | undefined {
  return totals.cost.amounts.find((money) => money.currency === currency);
}

/** All of a model's or day's value, estimates included. */
export function valueOf(totals: UsageTotals, unit: ChartUnit): number {
  if (unit.kind === 'tokens') return (totals.inputTokens ?? 0) + (totals.outputTokens ?? 0);
  return Number(moneyOf(totals, unit.currency)?.amount ?? 0);
}

function estimatedOf(totals: UsageTotals, unit: ChartUnit): number {
  return unit.kind === 'tokens' ? totals.estimatedTokens : Number(moneyOf(totals, unit.currency)?.estimated ?? 0);
}

/** The smallest of 1, 2, 2.5 and 5 times a power of ten that is no less. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  // Compared with a little room: 0.1 + 0.2 is more than 0.3.
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value * (1 - 1e-9)) ?? 10) * power;
}

/** The days of a summary as stacked bars: the largest models each, the others together, what is estimated on top. */
export function chartOf(summary: UsageSummary, unit: ChartUnit): Chart {
  const ranked = summary.byModel
    .filter((model) => valueOf(model, unit) > 0)
    .toSorted((a, b) => valueOf(b, unit) - valueOf(a, unit));
  const named = ranked.length > MOST_SERIES ? ranked.slice(0, MOST_SERIES - 1) : ranked;
  const rest = ranked.slice(named.length);
  const series = [
    ...named.map((model) => ({ models: [model.model], isRest: false })),
    ...(rest.length === 0 ? [] : [{ models: rest.map((model) => model.model), isRest: true }]),
  ];
  const placeOf = new Map(series.flatMap(({ models }, index) => models.map((model) => [model, index])));
  const days = summary.byDay.map((day): ChartDay => {
    const values = series.map(() => 0);
    for (const model of day.byModel) {
      const place = placeOf.get(model.model);
      if (place !== undefined) values[place] = (values[place] ?? 0) + reportedOf(model, unit);
    }
    const estimated = estimatedOf(day, unit);
    const parts = values.map((value, index) => ({ series: index, value })).filter((part) => part.value > 0);
    return {
      day: day.day,
      total: valueOf(day, unit),
      parts: estimated > 0 ? [...parts, { series: ESTIMATED, value: estimated }] : parts,
    };
  });
  const most = Math.max(0, ...days.map((day) => day.total));
  return {
    series,
    hasEstimates: days.some((day) => day.parts.some((part) => part.series === ESTIMATED)),
    days,
    top: roundUp(most / 4) * 4,
  };
}

function reportedOf(model: ModelUsage, unit: ChartUnit): number {
  return Math.max(0, valueOf(model, unit) - estimatedOf(model, unit));
}
