import i18next from 'i18next';
import type { CostSum } from '#contract/usage-report';
import { formatMoney } from './format-money.ts';

/**
 * A cost in words: every currency by itself, and what has no known price said beside it. Where nothing has a price that is
 * all there is to say; a dash is for nothing at all.
 */
export function costText({ amounts, unpricedCalls }: CostSum): string {
  const sums = amounts.map(({ amount, currency }) => formatMoney(amount, currency)).join(' + ');
  if (unpricedCalls === 0) return sums === '' ? '–' : sums;
  return sums === '' ? i18next.t('usage.priceUnknown') : i18next.t('usage.andUnknown', { sums, count: unpricedCalls });
}

/**
 * A cost as one of several facts: with a sign where part of it is estimated, and null where there is nothing to tell, as for
 * what is free and for what nobody booked.
 */
export function briefCost(cost: CostSum): string | null {
  const { amounts, unpricedCalls } = cost;
  if (unpricedCalls === 0 && amounts.every(({ amount }) => Number(amount) === 0)) return null;
  const isEstimated = amounts.some(({ estimated }) => Number(estimated) > 0);
  return isEstimated ? `≈ ${costText(cost)}` : costText(cost);
}
