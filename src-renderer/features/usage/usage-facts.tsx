import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { BudgetState, UsageSummary } from '#contract/usage-report';
import { formatTokens } from '../../ui/format.ts';
import { formatCount, formatMoney, formatShare } from '../../ui/format-money.ts';
import { BudgetTrack } from './budget-track.tsx';

interface UsageFactsProps {
  summary: UsageSummary;
  /** The budget of the month that is shown, where there is one. */
  budget: BudgetState | null;
  title: string;
  onOpenPrices: () => void;
}

/** The month in one row: what it cost, what of the budget is left, and how much was asked and answered. */
export function UsageFacts({ summary, budget, title, onOpenPrices }: UsageFactsProps) {
  const { t } = useTranslation();
  const { totals } = summary;
  const { amounts, unpricedCalls } = totals.cost;
  const estimates = amounts.filter((money) => Number(money.estimated) > 0);
  return (
    <section aria-label={title} className="rounded-lg border border-line bg-raised">
      <dl className="grid grid-flow-col auto-cols-fr divide-x divide-line max-full:grid-flow-row max-full:grid-cols-2 max-full:divide-x-0 max-word:*:first:col-span-2">
        <Fact name={title}>
          <div data-testid="usage-total">
            {amounts.length === 0 ? (
              <p className="text-2xl font-semibold">{unpricedCalls > 0 ? t('usage.unknown') : '–'}</p>
            ) : (
              amounts.map((money) => (
                <p key={money.currency} className="num text-2xl font-semibold tracking-[-0.015em]">
                  {formatMoney(money.amount, money.currency)}
                </p>
              ))
            )}
          </div>
          {estimates.map((money) => (
            <Note key={money.currency}>
              {t('usage.estimatedPart', { amount: formatMoney(money.estimated, money.currency) })}
            </Note>
          ))}
          {unpricedCalls > 0 && (
            <Note>
              {t('usage.unpriced', { count: unpricedCalls })}{' '}
              <button
                type="button"
                data-testid="usage-set-prices"
                onClick={onOpenPrices}
                className="touch underline hover:text-ink"
              >
                {t('usage.setPrices')}
              </button>
            </Note>
          )}
        </Fact>
        {budget !== null && (
          <Fact name={t('usage.monthBudget')}>
            <p className="num text-lg font-semibold">
              {formatMoney(budget.limit, budget.currency)}{' '}
              <small className="text-xs font-normal text-ink-3">
                {t('usage.used', { share: formatShare(budget.share) })}
              </small>
            </p>
            <BudgetTrack budget={budget} className="mt-1.5" />
          </Fact>
        )}
        <Fact name={t('usage.hitRatio')}>
          <p className="num text-lg font-semibold">{formatShare(totals.cacheHitRatio)}</p>
          <Note>{totals.cacheHitRatio === null ? t('usage.notReported') : t('usage.reported')}</Note>
        </Fact>
        <Fact name={t('usage.requests')}>
          <p className="num text-lg font-semibold">{formatCount(totals.requests)}</p>
          {totals.refused > 0 && <Note>{t('usage.refused', { count: totals.refused })}</Note>}
        </Fact>
        <Fact name={t('usage.inOut')}>
          <p className="num text-lg font-semibold">
            {formatTokens(totals.inputTokens)}{' '}
            <small className="text-xs font-normal text-ink-3">/ {formatTokens(totals.outputTokens)}</small>
          </p>
          {totals.reasoningTokens !== null && (
            <Note>{t('usage.thought', { tokens: formatTokens(totals.reasoningTokens) })}</Note>
          )}
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0 px-4 py-2.5">
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

function Note({ children }: { children: ReactNode }) {
  return <p className="num text-xs text-ink-3">{children}</p>;
}
