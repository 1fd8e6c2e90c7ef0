import { ChartColumn, ChevronLeft, ChevronRight, Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { useIsBelow } from '../../ui/window-width.ts';
import { BudgetsPanel } from './budgets-panel.tsx';
import { DayChart } from './day-chart.tsx';
import { exportCsv } from './export-csv.ts';
import { CredentialTable, ModelTable } from './share-tables.tsx';
import { UsageFacts } from './usage-facts.tsx';
import { addMonths, thisMonth, useUsageStore } from './usage-store.ts';
import { useChart } from './use-chart.ts';

interface UsagePageProps {
  onOpenCredentials: () => void;
  /** To where a person writes what models cost. */
  onOpenPrices: () => void;
}

/** What was spent in a month: at once, by day, by model, by key, and what may be spent. */
export function UsagePage({ onOpenCredentials, onOpenPrices }: UsagePageProps) {
  const { t, i18n } = useTranslation();
  const { api } = useCore();
  const { month, summary, budgets, problem } = useUsageStore();
  const [exporting, setExporting] = useState(false);
  const [refused, setRefused] = useState<AppError | null>(null);
  const shown = useChart(summary);
  useEffect(() => {
    void useUsageStore.getState().load(api);
  }, [api]);

  const isNarrow = useIsBelow('word');
  const isNow = month >= thisMonth();
  const monthIn = (length: 'long' | 'short') =>
    new Intl.DateTimeFormat(i18n.language, { month: length, year: 'numeric', timeZone: 'UTC' }).format(
      Date.parse(`${month}-01T00:00:00Z`),
    );
  const monthName = monthIn('long');
  // The room that the last month took is kept until the next one is there: what stands below is not to move under a pointer.
  const figures = useRef<HTMLDivElement>(null);
  const [heldPx, setHeldPx] = useState<number | null>(null);
  const turn = (count: number) => {
    if (summary !== null) setHeldPx(figures.current?.offsetHeight ?? null);
    void useUsageStore.getState().show(api, addMonths(month, count));
  };
  const save = async () => {
    if (summary === null) return;
    setExporting(true);
    const answer = await exportCsv(api, { fromMs: summary.fromMs, toMs: summary.toMs });
    setExporting(false);
    setRefused(answer.ok ? null : answer.error);
    if (answer.ok) saveFile(t('usage.fileName', { month }), answer.data, 'text/csv');
  };
  const failure = refused ?? problem;
  const isEmpty = summary !== null && summary.totals.requests === 0;

  return (
    <>
      <PageHeader title={t('usage.title')}>
        <IconButton icon={ChevronLeft} label={t('usage.before')} onClick={() => turn(-1)} />
        <span className="num whitespace-nowrap" data-testid="usage-month">
          {isNarrow ? monthIn('short') : monthName}
        </span>
        <IconButton
          icon={ChevronRight}
          label={isNow ? t('usage.noLater') : t('usage.after')}
          disabled={isNow}
          onClick={() => turn(1)}
          className="disabled:pointer-events-none disabled:opacity-45"
        />
        <Button
          look="plain"
          icon={Download}
          shrinks
          data-testid="usage-export"
          aria-disabled={exporting || isEmpty || summary === null}
          title={isEmpty ? t('usage.nothingToExport') : undefined}
          onClick={() => {
            if (!exporting && !isEmpty) void save();
          }}
        >
          {exporting ? t('usage.exporting') : t('usage.export')}
        </Button>
      </PageHeader>
      <div className="page" data-testid="usage-page">
        <div className="mx-auto max-w-[72rem]">
          {failure !== null && (
            <p role="alert" className="mb-3 text-stop-ink">
              {failure.message}
            </p>
          )}
          {summary === null ? (
            <div className="min-h-40" style={{ height: heldPx ?? undefined }} aria-busy={failure === null} />
          ) : isEmpty ? (
            <div ref={figures}>
              <Empty month={monthName} />
            </div>
          ) : (
            <div ref={figures}>
              <UsageFacts
                summary={summary}
                budget={isNow ? (budgets?.find((budget) => budget.period === 'month') ?? null) : null}
                title={isNow ? t('usage.soFar', { month: monthName }) : monthName}
                onOpenPrices={onOpenPrices}
              />
              {shown !== null && <DayChart {...shown} today={dayIn(summary.timeZone)} />}
              <div className="mt-4 grid grid-cols-[repeat(auto-fit,minmax(min(100%,24rem),1fr))] gap-4">
                <ModelTable rows={summary.byModel} chart={shown?.chart ?? null} />
                <CredentialTable rows={summary.byCredential} onOpenCredentials={onOpenCredentials} />
              </div>
            </div>
          )}
          {(summary !== null || failure !== null || heldPx !== null) && <BudgetsPanel budgets={budgets ?? []} />}
          {summary !== null && (
            <p className="mt-4 text-xs text-ink-3">
              {t('usage.zone', { zone: summary.timeZone.replaceAll('_', ' ') })}
            </p>
          )}
        </div>
      </div>
    </>
  );
}

/** The day that it is in a zone, as the summary spells it. */
function dayIn(timeZone: string): string {
  const parts = { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  // Canadian English writes a date as ISO 8601 does.
  return new Intl.DateTimeFormat('en-CA', parts).format(new Date());
}

function Empty({ month }: { month: string }) {
  const { t } = useTranslation();
  return (
    <div className="grid justify-items-center gap-1 py-12 text-center" data-testid="usage-empty">
      <Icon of={ChartColumn} size={20} className="mb-1 text-ink-3" />
      <h2 className="text-lg font-semibold">{t('usage.emptyTitle', { month })}</h2>
      <p className="max-w-md text-ink-2">{t('usage.emptyBody')}</p>
    </div>
  );
}
