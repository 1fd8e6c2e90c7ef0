import { useTranslation } from 'react-i18next';
import type { BudgetState } from '#contract/usage-report';
import { classNames } from '../../ui/class-names.ts';
import { formatShare } from '../../ui/format-money.ts';

/** How much of a budget is used, with a tick where it warns. */
export function BudgetTrack({ budget, className }: { budget: BudgetState; className?: string }) {
  const { t } = useTranslation();
  const shares = { share: formatShare(budget.share), warn: formatShare(budget.warnShare) };
  return (
    <span
      role="img"
      aria-label={t('usage.track', shares)}
      className={classNames('relative block h-2 overflow-hidden rounded-[2px] bg-line', className)}
    >
      <i
        className={classNames(
          'block h-full',
          budget.state === 'reached' ? 'bg-stop-mark' : budget.state === 'near' ? 'bg-wait-mark' : 'series-2',
        )}
        style={{ width: `${Math.min(1, budget.share) * 100}%` }}
      />
      <b className="absolute inset-y-0 w-px bg-ink" style={{ left: `${budget.warnShare * 100}%` }} />
    </span>
  );
}
