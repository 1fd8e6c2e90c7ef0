import { useDeferredValue, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import { estimateTokens } from '#contract/token-estimate';
import { isCoreSilent } from '../../errors/core-silent.ts';
import { classNames } from '../../ui/class-names.ts';
import { formatTokenLimit, formatTokens } from '../../ui/format.ts';
import { Popover } from '../../ui/popover.tsx';
import { CompactNow } from './compact-now.tsx';
import { ContextGauge } from './context-gauge.tsx';
import { ContextPartsList } from './context-parts-list.tsx';
import { contextFigures } from './context-shares.ts';
import { draftOf, useDraftStore } from './draft-store.ts';
import { useContext } from './use-context.ts';

interface ContextMeterProps {
  sessionId: string;
  /** Who answers adds instructions and tools that nobody here can count. */
  isAgent: boolean;
  onFailure: (error: AppError) => void;
  /** There is nothing to summarise. */
  onNothing: () => void;
}

/** What the next request will hold against what its model takes; opens into its parts. */
export function ContextMeter({ sessionId, isAgent, onFailure, onNothing }: ContextMeterProps) {
  const { t } = useTranslation();
  const answer = useContext(sessionId);
  // A long draft is counted after its letter is there.
  const draft = useDeferredValue(useDraftStore((state) => draftOf(state.texts, sessionId)));
  const draftTokens = useMemo(() => estimateTokens(draft), [draft]);
  if (answer === null) return null;
  if (answer.parts === null) {
    // That the core is out of reach is said across the page.
    if (isCoreSilent(answer.error)) return null;
    return <p className="truncate">{t('context.failed', { reason: answer.error.message })}</p>;
  }
  const context = answer.parts;
  const figures = contextFigures(context, draftTokens);
  const used = formatTokens(figures.totalTokens);
  const limit = formatTokenLimit(context.windowTokens);
  return (
    <Popover
      kind="dialog"
      label={t('context.title')}
      side="above"
      beside="[data-composer]"
      className="num w-99 text-sm text-ink"
      trigger={(props) => (
        <button
          type="button"
          {...props}
          data-testid="context-meter"
          className="touch relative -ml-1.5 inline-flex h-5.5 min-w-0 items-center gap-2 rounded-sm px-1.5 whitespace-nowrap -outline-offset-1 hover:bg-hover hover:text-ink aria-expanded:bg-hover aria-expanded:text-ink"
        >
          <span className="max-wide:sr-only">{t('context.next')}</span>
          <ContextGauge figures={figures} />
          <b className={classNames('font-medium', figures.state === 'fits' ? 'text-ink-2' : 'text-wait-ink')}>
            {t('context.figure', { used, window: limit })}
          </b>
          {figures.state !== 'fits' && (
            <span className="truncate text-wait-ink max-word:sr-only">
              {t(figures.state === 'full' ? 'context.full' : 'context.over')}
            </span>
          )}
        </button>
      )}
    >
      {(close) => (
        <>
          <ContextPartsList context={context} figures={figures} isAgent={isAgent} />
          <div className="-mx-3 mt-2 flex min-h-9 items-center gap-2 border-t border-line px-3 pt-2 text-xs text-ink-3">
            <span className="flex-1">{t('context.free', { tokens: formatTokens(figures.freeTokens) })}</span>
            <CompactNow sessionId={sessionId} onStarted={close} onFailure={onFailure} onNothing={onNothing} />
          </div>
        </>
      )}
    </Popover>
  );
}
