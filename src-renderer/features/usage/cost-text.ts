import i18next from 'i18next';
import type { CostSum } from '#contract/usage-report';
import { formatMoney } from '../../ui/format-money.ts';

/**
 * A cost in words: every currency by itself, and what has no known price said beside it. Where nothing has a price that is
 * all there is to say; a dash is for nothing at all.
 */
export function costText({ amounts, unpricedCalls }: CostSum): string {
  const sums = amounts.map(({ amount, currency }) => formatMoney(amount, currency)).join(' + ');
  if (unpricedCalls === 0) return sums === '' ? '–' : sums;
  return sums === '' ? i18next.t('usage.priceUnknown') : i18next.t('usage.andUnknown', { sums, count: unpricedCalls });
}
