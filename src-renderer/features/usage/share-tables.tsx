import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CredentialUsage, ModelUsage, UsageTotals } from '#contract/usage-report';
import { classNames } from '../../ui/class-names.ts';
import { costText } from '../../ui/cost-text.ts';
import { formatTokens } from '../../ui/format.ts';
import { formatCount, formatShare } from '../../ui/format-money.ts';
import type { Chart } from './chart-series.ts';
import { seriesClass } from './series-class.ts';

const HEAD = 'border-b border-line-2 py-1.5 text-xs font-medium whitespace-nowrap text-ink-3';
const CELL = 'border-b border-line py-1.5';

/** What a row weighs beside the others: its cost in the largest currency, else its tokens. */
function weigher(rows: readonly UsageTotals[]): (row: UsageTotals) => number {
  const costOf = (row: UsageTotals) => Number(row.cost.amounts[0]?.amount ?? 0);
  const tokensOf = (row: UsageTotals) => (row.inputTokens ?? 0) + (row.outputTokens ?? 0);
  const weigh = rows.some((row) => costOf(row) > 0) ? costOf : tokensOf;
  const most = Math.max(...rows.map(weigh), 0);
  return (row) => (most === 0 ? 0 : weigh(row) / most);
}

interface ShareTableProps<Row extends UsageTotals> {
  id: string;
  title: string;
  first: string;
  /** The column that gives way first where there is little room. */
  extra: { title: string; of: (row: Row) => string };
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  nameOf: (row: Row) => ReactNode;
  aside?: ReactNode;
}

function ShareTable<Row extends UsageTotals>(props: ShareTableProps<Row>) {
  const { t } = useTranslation();
  const { id, title, first, extra, rows, keyOf, nameOf, aside } = props;
  const share = weigher(rows);
  return (
    <section aria-labelledby={id} className="min-w-0">
      <div className="flex items-center gap-2">
        <h2 id={id} className="flex-1">
          {title}
        </h2>
        {aside}
      </div>
      <table data-testid={id} className="w-full">
        <thead>
          <tr>
            <th scope="col" className={classNames(HEAD, 'pr-3 text-left')}>
              {first}
            </th>
            <th scope="col" className={HEAD}>
              <span className="sr-only">{t('usage.share')}</span>
            </th>
            <th scope="col" className={classNames(HEAD, 'px-2 text-right')}>
              {t('usage.requests')}
            </th>
            <th scope="col" className={classNames(HEAD, 'px-2 text-right max-word:hidden')}>
              {extra.title}
            </th>
            <th scope="col" className={classNames(HEAD, 'pl-2 text-right')}>
              {t('usage.cost')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              <th scope="row" className={classNames(CELL, 'max-w-48 truncate pr-3 text-left font-normal')}>
                {nameOf(row)}
              </th>
              <td className={classNames(CELL, 'w-[20%] min-w-8')}>
                <span aria-hidden="true" className="block h-1.5">
                  <i className="series-2 block h-full rounded-[2px]" style={{ width: `${share(row) * 100}%` }} />
                </span>
              </td>
              <td className={classNames(CELL, 'num px-2 text-right')}>{formatCount(row.requests)}</td>
              <td className={classNames(CELL, 'num px-2 text-right max-word:hidden')}>{extra.of(row)}</td>
              <td className={classNames(CELL, 'num pl-2 text-right whitespace-nowrap')}>{costText(row.cost)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** @param chart the bars above, whose shades stand beside the names. */
export function ModelTable({ rows, chart }: { rows: readonly ModelUsage[]; chart: Chart | null }) {
  const { t } = useTranslation();
  const tokensOf = ({ inputTokens, outputTokens }: ModelUsage) =>
    formatTokens(inputTokens === null && outputTokens === null ? null : (inputTokens ?? 0) + (outputTokens ?? 0));
  return (
    <ShareTable
      id="usage-by-model"
      title={t('usage.byModel')}
      first={t('usage.model')}
      extra={{ title: t('usage.tokens'), of: tokensOf }}
      rows={rows}
      keyOf={(row) => row.model ?? ''}
      nameOf={(row) => (
        <>
          <Swatch series={chart?.series.findIndex(({ models }) => models.includes(row.model)) ?? -1} />
          {row.model ?? t('usage.noModel')}
        </>
      )}
    />
  );
}

function Swatch({ series }: { series: number }) {
  return (
    <i
      aria-hidden="true"
      className={classNames(
        'mr-2 inline-block size-2.5 rounded-[2px] align-[-1px]',
        series < 0 ? 'shadow-[inset_0_0_0_1px_var(--line-2)]' : seriesClass(series),
      )}
    />
  );
}

export function CredentialTable({
  rows,
  onOpenCredentials,
}: {
  rows: readonly CredentialUsage[];
  onOpenCredentials: () => void;
}) {
  const { t } = useTranslation();
  return (
    <ShareTable
      id="usage-by-key"
      title={t('usage.byKey')}
      first={t('usage.key')}
      extra={{ title: t('usage.cached'), of: (row) => formatShare(row.cacheHitRatio) }}
      rows={rows}
      keyOf={(row) => row.credentialId ?? `/${row.profile}`}
      nameOf={(row) => row.label ?? t('usage.noKey', { profile: row.profile })}
      aside={
        <button type="button" onClick={onOpenCredentials} className="touch text-xs text-ink-2 underline hover:text-ink">
          {t('usage.manageKeys')}
        </button>
      }
    />
  );
}
