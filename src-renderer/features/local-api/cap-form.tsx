import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BUDGET_PERIODS, type BudgetPeriod, type SpendCap } from '#contract/usage-report';
import { Button } from '../../ui/button.tsx';
import { readAmount, readCurrency } from '../../ui/read-amount.ts';
import { SelectField, TextField } from '../../ui/text-field.tsx';

/** What a program may spend. */
export function CapForm({
  cap,
  onSave,
  onDone,
}: {
  cap: SpendCap | null;
  /** Returns the core's refusal. */
  onSave: (cap: SpendCap | null) => Promise<string | null>;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const [period, setPeriod] = useState<BudgetPeriod>(cap?.period ?? 'month');
  const [limit, setLimit] = useState(cap?.limit ?? '');
  const [currency, setCurrency] = useState(cap?.currency ?? 'USD');
  const [problem, setProblem] = useState<{ field: 'limit' | 'currency'; message: string } | null>(null);

  const store = async (next: SpendCap | null) => {
    const message = await onSave(next);
    if (message === null) onDone();
    else setProblem({ field: 'limit', message });
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    const code = readCurrency(currency);
    if (code === null) {
      setProblem({ field: 'currency', message: t('usage.currencyForm') });
      return;
    }
    void store({ period, currency: code, limit: readAmount(limit) ?? '0' });
  };

  return (
    <form onSubmit={save} className="mt-3 grid gap-3">
      <div className="grid grid-cols-3 gap-3 max-word:grid-cols-1">
        <TextField
          autoFocus
          label={t('usage.limit')}
          inputMode="decimal"
          placeholder="5"
          className="num text-right"
          data-testid="cap-limit"
          value={limit}
          problem={problem?.field === 'limit' ? problem.message : undefined}
          onChange={(event) => {
            setLimit(event.target.value);
            setProblem(null);
          }}
        />
        <TextField
          label={t('usage.currency')}
          value={currency}
          problem={problem?.field === 'currency' ? problem.message : undefined}
          onChange={(event) => setCurrency(event.target.value)}
        />
        <SelectField
          label={t('localApi.capPeriod')}
          value={period}
          onChange={(event) => setPeriod(event.target.value === 'day' ? 'day' : 'month')}
          options={BUDGET_PERIODS.map((value) => ({ value, label: t(`localApi.capPeriods.${value}`) }))}
        />
      </div>
      <p className="text-xs text-ink-3">{t('localApi.capHint')}</p>
      <div className="flex gap-2">
        <Button type="submit">{t('localApi.saveCap')}</Button>
        {cap !== null && (
          <Button look="plain" onClick={() => void store(null)}>
            {t('localApi.removeCap')}
          </Button>
        )}
        <Button look="plain" onClick={onDone}>
          {t('action.cancel')}
        </Button>
      </div>
    </form>
  );
}
