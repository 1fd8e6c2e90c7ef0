import { useTranslation } from 'react-i18next';
import type { ContextParts } from '#contract/records';
import { formatTokenLimit, formatTokens } from '../../ui/format.ts';
import { ContextGauge, PartSwatch } from './context-gauge.tsx';
import type { ContextFigures, ContextPartName } from './context-shares.ts';

interface ContextPartsListProps {
  context: ContextParts;
  figures: ContextFigures;
  isAgent: boolean;
}

/** The parts of the next request, each with what it is and what it costs. */
export function ContextPartsList({ context, figures, isAgent }: ContextPartsListProps) {
  const { t } = useTranslation();
  const { deviation, items, thresholdTokens, windowTokens, windowSource } = context;
  const limit = formatTokenLimit(windowTokens);
  const what: Record<ContextPartName, string> = {
    system: t('context.systemWhat'),
    pinned: t('context.pinnedWhat', { count: items.pinned }),
    summary: t('context.summaryWhat', { count: items.summarised }),
    recent: t('context.recentWhat', { count: items.recent }),
    files: t('context.filesWhat', { count: items.files }),
    draft:
      context.draftFiles.count === 0
        ? t('context.draftWhat')
        : t('context.draftWith', { count: context.draftFiles.count }),
  };
  const shown = figures.shares.filter(({ name, tokens }) => tokens > 0 || name === 'recent');
  return (
    <>
      <h2 className="flex justify-between gap-3 font-semibold">
        {t('context.title')}
        <span className="text-xs font-normal text-ink-3">
          {deviation === null
            ? t('context.estimated')
            : t('context.within', { percent: Math.max(1, Math.round(deviation * 100)) })}
        </span>
      </h2>
      <div className="mt-2.5 mb-1">
        <ContextGauge figures={figures} tall />
      </div>
      <p className="relative flex h-4 justify-between text-2xs text-ink-3">
        <span>{t('context.from')}</span>
        {thresholdTokens !== null && figures.tickPercent !== null && (
          <span
            className="absolute -translate-x-1/2 whitespace-nowrap"
            style={{ left: `clamp(5rem, ${figures.tickPercent}%, calc(100% - 6rem))` }}
          >
            {t('context.threshold', { tokens: formatTokenLimit(thresholdTokens) })}
          </span>
        )}
        <span>{limit}</span>
      </p>
      <ul className="mt-1" data-testid="context-parts">
        {shown.map(({ name, tokens }) => (
          <li key={name} className="grid h-6 grid-cols-[10px_104px_minmax(0,1fr)_auto] items-center gap-2">
            <PartSwatch name={name} />
            <span>{t(`context.${name}`)}</span>
            <span className="truncate text-xs text-ink-3">{what[name]}</span>
            <span>{formatTokens(tokens)}</span>
          </li>
        ))}
      </ul>
      {windowSource === 'default' && (
        <p className="mt-1 text-xs text-ink-3">{t('context.assumed', { tokens: limit })}</p>
      )}
      {isAgent && <p className="mt-1 text-xs text-ink-3">{t('context.agent')}</p>}
    </>
  );
}
