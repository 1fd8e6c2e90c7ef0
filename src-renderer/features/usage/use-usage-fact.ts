import { useTranslation } from 'react-i18next';
import type { SluiceApi } from '#contract/routes';
import { useKeptFresh } from '../../ipc/use-kept-fresh.ts';
import { formatMoney } from '../../ui/format-money.ts';
import { useUsageStore } from './usage-store.ts';

/** What a run costs is booked with its end; several ends are one question. */
const PAUSE_MS = 400;

const load = (api: SluiceApi) => void useUsageStore.getState().load(api);

/** Keeps the sums up to date while answers end, and says the month's for the sidebar; undefined while nothing is spent. */
export function useUsageFact(): string | undefined {
  const { t } = useTranslation();
  useKeptFresh(load, 'sessions.changed', PAUSE_MS);
  const largest = useUsageStore((state) => state.current?.totals.cost.amounts[0]);
  if (largest === undefined || Number(largest.amount) === 0) return undefined;
  return t('usage.thisMonth', { amount: formatMoney(largest.amount, largest.currency) });
}
