import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { classNames } from '../../ui/class-names.ts';
import { formatTokens } from '../../ui/format.ts';
import { formatMoney } from '../../ui/format-money.ts';
import { listText, pairText } from '../../ui/join-text.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { type Chart, type ChartDay, type ChartUnit, ESTIMATED } from './chart-series.ts';
import { seriesClass } from './series-class.ts';

const HEIGHT_PX = 180;
/** Marks below the bars: the first day, and every fifth. */
const isMarked = (day: number) => day === 1 || day % 5 === 0;

interface DayChartProps {
  chart: Chart;
  unit: ChartUnit;
  /** Currencies that something was spent in, largest first. */
  currencies: readonly string[];
  onUnit: (unit: string) => void;
  today: string;
}

/** What was spent on each day of a month, stacked by model; the same as a table below it. */
export function DayChart({ chart, unit, currencies, onUnit, today }: DayChartProps) {
  const { t, i18n } = useTranslation();
  const [at, setAt] = useState<number | null>(null);

  const show = (value: number) =>
    unit.kind === 'tokens' ? formatTokens(Math.round(value)) : formatMoney(String(value), unit.currency);
  const scale = (value: number) =>
    unit.kind === 'tokens' ? formatTokens(value) : formatMoney(String(value), unit.currency).replace(/\.00$/, '');
  const nameOf = (series: number): string => {
    if (series === ESTIMATED) return t('usage.estimated');
    const named = chart.series[series];
    if (named?.isRest === true) return t('usage.others', { count: named.models.length });
    return named?.models[0] ?? t('usage.noModel');
  };
  const dayName = (day: string) =>
    new Intl.DateTimeFormat(i18n.language, { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(
      Date.parse(`${day}T00:00:00Z`),
    );
  const sentence = (day: ChartDay) =>
    listText([
      pairText(dayName(day.day), show(day.total)),
      ...day.parts.map((part) => `${nameOf(part.series)} ${show(part.value)}`),
    ]);

  const last = chart.days.length - 1;
  const move = (event: KeyboardEvent) => {
    const from =
      at ??
      Math.max(
        0,
        chart.days.findIndex((day) => day.day === today),
      );
    const to = {
      ArrowLeft: from - 1,
      ArrowDown: from - 1,
      ArrowRight: from + 1,
      ArrowUp: from + 1,
      Home: 0,
      End: last,
    }[event.key];
    if (event.key === 'Escape') setAt(null);
    if (to === undefined) return;
    event.preventDefault();
    setAt(Math.min(last, Math.max(0, to)));
  };
  const shown = at === null ? undefined : chart.days[at];
  const label = unit.kind === 'tokens' ? t('usage.tokensByDay') : t('usage.costByDay');

  return (
    <section aria-labelledby="usage-by-day" className="mt-4">
      <div className="mb-2 flex items-center gap-4">
        <h2 id="usage-by-day">{t('usage.byDay')}</h2>
        <Legend chart={chart} nameOf={nameOf} />
        <span className="hidden flex-1 max-wide:block" />
        {currencies.length === 0 ? (
          // Where nothing has a price there is nothing to choose.
          <span className="text-xs text-ink-3">{t('usage.tokens')}</span>
        ) : (
          <Segmented
            label={t('usage.unit')}
            value={unit.kind === 'tokens' ? 'tokens' : unit.currency}
            onChange={onUnit}
            options={[
              ...currencies.map((currency) => ({
                value: currency,
                label: currencies.length === 1 ? t('usage.cost') : currency,
              })),
              { value: 'tokens', label: t('usage.tokens') },
            ]}
          />
        )}
      </div>
      <div className="grid grid-cols-[2.75rem_minmax(0,1fr)] gap-x-2">
        <div
          aria-hidden="true"
          className="num -mt-2 flex h-[196px] flex-col justify-between text-right text-2xs text-ink-3"
        >
          {[4, 3, 2, 1, 0].map((step) => (
            <span key={step}>{scale((chart.top / 4) * step)}</span>
          ))}
        </div>
        <div
          role="slider"
          tabIndex={0}
          data-testid="usage-chart"
          aria-label={label}
          aria-valuemin={1}
          aria-valuemax={chart.days.length}
          aria-valuenow={(at ?? 0) + 1}
          aria-valuetext={sentence(shown ?? chart.days[0] ?? { day: today, total: 0, parts: [] })}
          onKeyDown={move}
          onBlur={() => setAt(null)}
          onPointerLeave={() => setAt(null)}
          className="plot-lines relative flex h-[180px] items-end gap-1 border-b border-line-control max-word:gap-0.5"
        >
          {chart.days.map((day, index) => (
            <div
              key={day.day}
              data-testid="usage-day"
              onPointerEnter={() => setAt(index)}
              className={classNames(
                'flex h-full min-w-0 flex-1 flex-col-reverse justify-start gap-px rounded-t-[2px]',
                index === at && 'bg-hover',
              )}
            >
              {day.parts
                .map((part) => ({ ...part, heightPx: (part.value / chart.top) * HEIGHT_PX }))
                // What is too small to be seen would only make the bar higher than it is.
                .filter((part) => part.heightPx >= 1)
                .map((part) => (
                  <span
                    key={part.series}
                    className={classNames('block flex-none last:rounded-t-[2px]', seriesClass(part.series))}
                    style={{ height: Math.max(1, part.heightPx - 1) }}
                  />
                ))}
            </div>
          ))}
          {shown !== undefined && shown.total > 0 && (
            <div
              aria-hidden="true"
              data-testid="usage-tip"
              className="num pointer-events-none absolute top-1 z-2 w-52 rounded-md border border-line-2 bg-raised px-2.5 py-2 text-xs shadow-lift-2"
              style={
                (at ?? 0) > chart.days.length / 2
                  ? { right: `${(1 - (at ?? 0) / chart.days.length) * 100}%`, marginRight: 8 }
                  : { left: `${(((at ?? 0) + 1) / chart.days.length) * 100}%`, marginLeft: 8 }
              }
            >
              <p className="flex justify-between gap-2 font-semibold">
                {dayName(shown.day)}
                <span>{show(shown.total)}</span>
              </p>
              <ul>
                {shown.parts.map((part) => (
                  <li
                    key={part.series}
                    className="grid grid-cols-[8px_minmax(0,1fr)_auto] items-center gap-1.5 text-ink-2"
                  >
                    <i className={classNames('size-2 rounded-[2px]', seriesClass(part.series))} />
                    <span className="truncate">{nameOf(part.series)}</span>
                    <span>{show(part.value)}</span>
                  </li>
                ))}
              </ul>
            </div>
          )}
        </div>
        <div aria-hidden="true" className="num col-start-2 flex gap-1 pt-1 text-2xs text-ink-3 max-word:gap-0.5">
          {chart.days.map((day) => {
            const number = Number(day.day.slice(8));
            return (
              <span key={day.day} className="min-w-0 flex-1 text-center whitespace-nowrap">
                {isMarked(number) ? number : ''}
              </span>
            );
          })}
        </div>
      </div>
      <details className="mt-1">
        <summary className="touch inline-block rounded-md text-xs text-ink-2 underline hover:text-ink">
          {t('usage.asTable')}
        </summary>
        <div className="thin-scroll mt-2 overflow-x-auto">
          <table className="num w-full text-xs" data-testid="usage-day-table">
            <caption className="sr-only">{label}</caption>
            <thead>
              <tr className="border-b border-line-2 text-ink-3">
                <th scope="col" className="py-1 pr-3 text-left font-medium">
                  {t('usage.day')}
                </th>
                {columnsOf(chart).map((series) => (
                  <th key={series} scope="col" className="px-2 py-1 text-right font-medium whitespace-nowrap">
                    {nameOf(series)}
                  </th>
                ))}
                <th scope="col" className="py-1 pl-2 text-right font-medium">
                  {t('usage.sum')}
                </th>
              </tr>
            </thead>
            <tbody>
              {chart.days
                .filter((day) => day.total > 0)
                .map((day) => (
                  <tr key={day.day} className="border-b border-line">
                    <th scope="row" className="py-1 pr-3 text-left font-normal whitespace-nowrap">
                      {dayName(day.day)}
                    </th>
                    {columnsOf(chart).map((series) => (
                      <td key={series} className="px-2 py-1 text-right">
                        {show(day.parts.find((part) => part.series === series)?.value ?? 0)}
                      </td>
                    ))}
                    <td className="py-1 pl-2 text-right">{show(day.total)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}

function columnsOf(chart: Chart): number[] {
  return [...chart.series.map((_, index) => index), ...(chart.hasEstimates ? [ESTIMATED] : [])];
}

function Legend({ chart, nameOf }: { chart: Chart; nameOf: (series: number) => string }) {
  return (
    <ul className="flex min-w-0 flex-1 flex-wrap justify-end gap-x-4 gap-y-1 text-xs text-ink-2 max-wide:hidden">
      {columnsOf(chart).map((series) => (
        <li key={series} className="flex min-w-0 items-center gap-1.5">
          <i className={classNames('size-2.5 flex-none rounded-[2px]', seriesClass(series))} />
          <span className="truncate">{nameOf(series)}</span>
        </li>
      ))}
    </ul>
  );
}
