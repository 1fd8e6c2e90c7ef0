import type { CostSum } from '#contract/usage-report';
import { formatMoney } from '../../ui/format-money.ts';

/** What was spent, largest currency first; a dash where it is not known, which is not zero. */
export function spendText(spend: CostSum | null | undefined): string {
  if (spend === null) return '–';
  if (spend === undefined || spend.amounts.length === 0) {
    return spend !== undefined && spend.unpricedCalls > 0 ? '–' : formatMoney('0', 'USD');
  }
  return spend.amounts.map(({ amount, currency }) => formatMoney(amount, currency)).join(' + ');
}
