import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../ipc/use-api.ts';
import { formatMoney } from '../../ui/format-money.ts';
import { useUsageStore } from './usage-store.ts';

/** Sums are nobody's first interest: they are asked for once the rest stands. */
const AFTER_START_MS = 1500;
/** What a run costs is booked with its end; several ends are one question. */
const PAUSE_MS = 400;

/** Keeps the sums up to date while answers end, and says the month's for the sidebar; undefined while nothing is spent. */
export function useUsageFact(): string | undefined {
  const { t } = useTranslation();
  const { api } = useCore();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const soon = (waitMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => void useUsageStore.getState().load(api), waitMs);
    };
    const off = api.onEvent((event) => {
      if (event.event === 'sessions.changed') soon(PAUSE_MS);
    });
    soon(AFTER_START_MS);
    return () => {
      clearTimeout(timer);
      off();
    };
  }, [api]);
  const largest = useUsageStore((state) => state.current?.totals.cost.amounts[0]);
  if (largest === undefined || Number(largest.amount) === 0) return undefined;
  return t('usage.thisMonth', { amount: formatMoney(largest.amount, largest.currency) });
}
