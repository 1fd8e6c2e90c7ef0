import { useState } from 'react';
import type { UsageSummary } from '#contract/usage-report';
import { type Chart, type ChartUnit, chartOf } from './chart-series.ts';

interface ShownChart {
  chart: Chart;
  unit: ChartUnit;
  currencies: string[];
  onUnit: (unit: string) => void;
}

/** The bars of a summary in the unit that a person chose: its largest currency first, tokens where nothing has a price. */
export function useChart(summary: UsageSummary | null): ShownChart | null {
  const [wanted, onUnit] = useState<string | null>(null);
  if (summary === null) return null;
  const currencies = summary.totals.cost.amounts
    .filter((money) => Number(money.amount) > 0)
    .map((money) => money.currency);
  const chosen = wanted !== null && (wanted === 'tokens' || currencies.includes(wanted)) ? wanted : currencies[0];
  const unit: ChartUnit =
    chosen === undefined || chosen === 'tokens' ? { kind: 'tokens' } : { kind: 'cost', currency: chosen };
  return { chart: chartOf(summary, unit), unit, currencies, onUnit };
}
