import i18next from 'i18next';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type CredentialRecord,
  HEALTH_SPANS,
  type HealthFigures,
  type HealthReport,
  type HealthSpan,
} from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { BoldFact } from '../../ui/bold-fact.tsx';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { formatDuration, formatMoment } from '../../ui/format.ts';
import { formatCount, formatShare } from '../../ui/format-money.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { useCredentialsStore } from './credentials-store.ts';

/** A window moves with the clock: what was in it leaves without news. */
const REFRESH_MS = 5000;
/** Below this part of successes, above that part of passing failures, a figure is marked; D.10 of the specification. */
const LOW_SUCCESS = 0.95;
const HIGH_TRANSIENT = 0.1;
const BAR_PX = 18;

interface PoolHealthProps {
  health: HealthReport | null;
  credentials: readonly CredentialRecord[];
  ready: number;
  needsPerson: number;
}

/** How all keys stand and how calls went lately, in one line of figures; by model and by key when asked for. */
export function PoolHealth({ health, credentials, ready, needsPerson }: PoolHealthProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [span, setSpan] = useState<HealthSpan>('fiveMinutes');
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const ask = () => {
      if (document.visibilityState === 'visible') void useCredentialsStore.getState().loadHealth(api);
    };
    ask();
    const timer = setInterval(ask, REFRESH_MS);
    return () => clearInterval(timer);
  }, [api]);
  const figures = health?.windows[span] ?? null;
  const labels = new Map(credentials.map(({ id, label }) => [id, label]));
  const bad = health?.minutes.filter(({ failed }) => failed > 0).length ?? 0;
  return (
    <section
      aria-label={t('credentials.pool.title')}
      data-testid="pool-health"
      className="@container rounded-lg border border-line-2 bg-raised"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5">
        <p className="min-w-0 flex-1 max-word:basis-full">
          <BoldFact fact={t('credentials.pool.ready', { ready, count: credentials.length })}>
            {needsPerson > 0 && (
              <span className="text-ink-2">{t('credentials.pool.needs', { count: needsPerson })}</span>
            )}
          </BoldFact>
        </p>
        {health !== null && <Minutes minutes={health.minutes} label={t('credentials.pool.minutes', { count: bad })} />}
        <Segmented
          label={t('credentials.pool.window')}
          value={span}
          options={HEALTH_SPANS.map((value) => ({ value, label: t(`credentials.pool.spans.${value}`) }))}
          onChange={setSpan}
        />
      </div>
      <dl className="grid grid-cols-2 border-t border-line py-1 @min-[28rem]:grid-cols-4 @min-[44rem]:grid-cols-7 @min-[44rem]:py-0">
        {FIGURES.map(({ name, text, isBad }) => (
          <div key={name} className="border-line px-4 py-1 @min-[44rem]:py-2 @min-[44rem]:not-first:border-l">
            <dt className="text-xs text-ink-3">{t(`credentials.pool.figures.${name}`)}</dt>
            <dd
              data-testid={`health-${name}`}
              className={classNames(
                'num text-lg font-semibold',
                figures !== null &&
                  isBad?.(figures) === true &&
                  (name === 'success' ? 'text-stop-ink' : 'text-wait-ink'),
              )}
            >
              {figures === null ? '–' : text(figures)}
            </dd>
          </div>
        ))}
      </dl>
      <div className="flex items-center gap-2 border-t border-line py-0.5 pr-1 pl-2">
        <Button
          look="plain"
          className="text-xs"
          aria-expanded={open}
          data-testid="health-details"
          onClick={() => setOpen(!open)}
        >
          {t(open ? 'credentials.pool.less' : 'credentials.pool.more')}
        </Button>
        <span className="flex-1" />
        {health !== null && (
          <p className="px-2 text-xs text-ink-3">{t('credentials.pool.since', { at: formatMoment(health.sinceMs) })}</p>
        )}
      </div>
      {open && health !== null && (
        <div className="thin-scroll grid gap-4 overflow-x-auto border-t border-line px-4 py-3">
          <FigureTable
            caption={t('credentials.pool.byModel')}
            rows={health.byModel[span].map((row) => ({
              name: row.model ?? t('credentials.pool.ownModel'),
              figures: row,
            }))}
          />
          <FigureTable
            caption={t('credentials.pool.byKey')}
            rows={health.byCredential[span].map((row) => ({
              name:
                row.credentialId === null
                  ? t('credentials.pool.noKey')
                  : (labels.get(row.credentialId) ?? t('credentials.pool.deletedKey')),
              figures: row,
            }))}
          />
        </div>
      )}
    </section>
  );
}

type FigureName = 'success' | 'transient' | 'ttfbP50' | 'ttfbP95' | 'waits' | 'fallbacks' | 'aborts';

/** Counts of a window in which nothing happened are as unknown as its rates: "–", not 0. */
const counted = (count: number, { calls }: HealthFigures) => (calls === 0 ? '–' : formatCount(count));
const seconds = (ms: number | null) =>
  ms === null ? '–' : ms < 995 ? i18next.t('unit.milliseconds', { value: Math.round(ms) }) : formatDuration(ms, true);

const FIGURES: { name: FigureName; text: (of: HealthFigures) => string; isBad?: (of: HealthFigures) => boolean }[] = [
  {
    name: 'success',
    text: (of) => formatShare(of.successRate),
    isBad: (of) => of.successRate !== null && of.successRate < LOW_SUCCESS,
  },
  {
    name: 'transient',
    text: (of) => formatShare(of.transientRate),
    isBad: (of) => of.transientRate !== null && of.transientRate > HIGH_TRANSIENT,
  },
  { name: 'ttfbP50', text: (of) => seconds(of.ttfbP50Ms) },
  { name: 'ttfbP95', text: (of) => seconds(of.ttfbP95Ms) },
  { name: 'waits', text: (of) => counted(of.waits, of) },
  { name: 'fallbacks', text: (of) => counted(of.fallbacks, of) },
  { name: 'aborts', text: (of) => counted(of.aborts, of) },
];

/** What leaves first where there is little room; the sums above still say it. */
const SECONDARY: ReadonlySet<FigureName> = new Set(['waits', 'fallbacks', 'aborts']);
const WIDE_ONLY = 'hidden @min-[44rem]:table-cell';

/** How the column of a figure shows: P95 says of an upstream's pace what matters, so P50 goes before it. */
function columnOf(name: FigureName): string {
  if (SECONDARY.has(name)) return `px-2 ${WIDE_ONLY}`;
  return name === 'ttfbP50' ? 'hidden px-2 @min-[28rem]:table-cell' : 'px-2';
}

function FigureTable({ caption, rows }: { caption: string; rows: { name: string; figures: HealthFigures }[] }) {
  const { t } = useTranslation();
  return (
    <table className="num w-full @min-[44rem]:min-w-[40rem] table-fixed text-right text-xs">
      <caption className="mb-1 text-left font-medium">{caption}</caption>
      <thead className="text-ink-3">
        <tr>
          <th scope="col" className="w-28 @min-[44rem]:w-36 py-1 pr-2 text-left font-medium">
            {t('credentials.pool.name')}
          </th>
          <th scope="col" className="px-2 font-medium">
            {t('credentials.pool.figures.calls')}
          </th>
          {FIGURES.map(({ name }) => (
            <th key={name} scope="col" className={classNames('font-medium', columnOf(name))}>
              {t(`credentials.pool.figures.${name}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {rows.map(({ name, figures }) => (
          <tr key={name}>
            <th scope="row" className="max-w-48 truncate py-1 pr-2 text-left font-normal">
              {name}
            </th>
            <td className="px-2">{formatCount(figures.calls)}</td>
            {FIGURES.map((figure) => (
              <td key={figure.name} className={classNames('whitespace-nowrap', columnOf(figure.name))}>
                {figure.text(figures)}
              </td>
            ))}
          </tr>
        ))}
        {rows.length === 0 && (
          <tr>
            <td colSpan={FIGURES.length + 2} className="py-1 text-left text-ink-3">
              {t('credentials.pool.nothing')}
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** Calls of each minute of the last hour; the foot of a bar is what failed. */
function Minutes({ minutes, label }: { minutes: HealthReport['minutes']; label: string }) {
  const most = Math.max(1, ...minutes.map(({ calls }) => calls));
  return (
    <span role="img" aria-label={label} className="flex h-[18px] items-end gap-px max-wide:hidden">
      {minutes.map(({ calls, failed }, at) => (
        <i
          key={at}
          className="flex w-0.5 flex-col justify-end bg-chart-2"
          style={{ height: calls === 0 ? 1 : Math.max(3, Math.round((calls / most) * BAR_PX)) }}
        >
          {failed > 0 && (
            <i className="block bg-stop-mark" style={{ height: `${Math.max(30, (failed / calls) * 100)}%` }} />
          )}
        </i>
      ))}
    </span>
  );
}
