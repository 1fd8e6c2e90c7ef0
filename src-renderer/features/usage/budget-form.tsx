import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BUDGET_PERIODS, type BudgetPeriod, type BudgetState } from '#contract/usage-report';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { readAmount, readCurrency } from '../../ui/read-amount.ts';
import { Switch } from '../../ui/switch.tsx';
import { SelectField, TextField } from '../../ui/text-field.tsx';
import { useUsageStore } from './usage-store.ts';

/** A new budget, or another limit for one. */
export function BudgetForm({ budget, onDone }: { budget: BudgetState | null; onDone: () => void }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [period, setPeriod] = useState<BudgetPeriod>(budget?.period ?? 'month');
  const [limit, setLimit] = useState(budget?.limit ?? '');
  const [currency, setCurrency] = useState(budget?.currency ?? 'USD');
  const [warn, setWarn] = useState(String(Math.round((budget?.warnShare ?? 0.8) * 100)));
  const [stops, setStops] = useState(budget?.stops ?? false);
  const [problem, setProblem] = useState<{ field: 'limit' | 'currency' | 'warn'; message: string } | null>(null);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const warnShare = Number(warn) / 100;
    if (!(warnShare >= 0.05 && warnShare <= 1)) {
      setProblem({ field: 'warn', message: t('usage.warnRange') });
      return;
    }
    const code = readCurrency(currency);
    if (code === null) {
      setProblem({ field: 'currency', message: t('usage.currencyForm') });
      return;
    }
    const error = await useUsageStore.getState().saveBudget(api, {
      ...(budget === null ? {} : { id: budget.id }),
      period,
      limit: readAmount(limit) ?? '0',
      currency: code,
      warnShare,
      stops,
    });
    if (error === null) onDone();
    else setProblem({ field: 'limit', message: error.message });
  };
  const problemOf = (field: 'limit' | 'currency' | 'warn') => (problem?.field === field ? problem.message : undefined);

  return (
    <form onSubmit={(event) => void save(event)} className="grid gap-3 border-t border-line p-4 first:border-t-0">
      <div className="grid grid-cols-4 gap-3 max-wide:grid-cols-2">
        <SelectField
          label={t('usage.period')}
          value={period}
          onChange={(event) => setPeriod(event.target.value === 'day' ? 'day' : 'month')}
          options={BUDGET_PERIODS.map((value) => ({ value, label: t(`usage.periods.${value}`) }))}
        />
        <TextField
          autoFocus
          label={t('usage.limit')}
          inputMode="decimal"
          placeholder="60"
          className="num text-right"
          data-testid="budget-limit"
          value={limit}
          problem={problemOf('limit')}
          onChange={(event) => {
            setLimit(event.target.value);
            setProblem(null);
          }}
        />
        <TextField
          label={t('usage.currency')}
          value={currency}
          problem={problemOf('currency')}
          onChange={(event) => setCurrency(event.target.value)}
        />
        <TextField
          label={t('usage.warnAt')}
          inputMode="numeric"
          className="num text-right"
          value={warn}
          problem={problemOf('warn')}
          onChange={(event) => setWarn(event.target.value)}
        />
      </div>
      <div className="flex items-center gap-3">
        <Switch label={t('usage.stopAtLimit')} checked={stops} onChange={setStops} />
        <span aria-hidden="true">
          {t('usage.stopAtLimit')}
          <span className="block text-xs text-ink-3">{t('usage.stopAtLimitHint')}</span>
        </span>
      </div>
      <div className="flex gap-2">
        <Button type="submit" data-testid="save-budget">
          {t('usage.saveBudget')}
        </Button>
        <Button look="plain" onClick={onDone}>
          {t('action.cancel')}
        </Button>
      </div>
    </form>
  );
}
