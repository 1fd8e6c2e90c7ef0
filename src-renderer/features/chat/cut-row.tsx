import type { TFunction } from 'i18next';
import { Funnel, Play, RefreshCw, Scissors, Square, Unplug } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { RunRecord } from '#contract/records';
import { failureSentence } from '../../locales/failure-language.ts';
import { Button } from '../../ui/button.tsx';
import { formatTime, formatTokens } from '../../ui/format.ts';
import { Icon, type IconType } from '../../ui/icons.tsx';
import { pairText } from '../../ui/join-text.ts';

type Cut = 'stopped' | 'interrupted' | 'full' | 'filtered';

const ICONS: Record<Cut, IconType> = { stopped: Square, interrupted: Unplug, full: Scissors, filtered: Funnel };

interface CutRowProps {
  kind: Cut;
  run: RunRecord | null;
  /** Only the last answer can be taken up again. */
  onContinue: (() => void) | undefined;
  onRetry: (() => void) | undefined;
}

/** Where an answer was cut: when, by what, and how it goes on. */
export function CutRow({ kind, run, onContinue, onRetry }: CutRowProps) {
  const { t } = useTranslation();
  const reason = kind === 'interrupted' ? failureSentence(run?.error ?? t('cut.closed'), run?.errorInfo?.said) : null;
  const fact = factOf(kind, run, t);
  return (
    <div data-testid="interrupted-row" data-kind={kind} className="mt-1 flex flex-wrap items-center gap-1.5">
      <p className="flex basis-full items-start gap-1.5 text-pretty text-ink-2">
        <Icon of={ICONS[kind]} size={14} className="mt-[3px]" />
        <span className="num min-w-0 wrap-anywhere">{reason === null ? fact : pairText(fact, reason)}</span>
      </p>
      {/* What a filter ended it would end again. */}
      {onContinue !== undefined && kind !== 'filtered' && (
        <Button icon={Play} onClick={onContinue}>
          {t('action.continue')}
        </Button>
      )}
      {onRetry !== undefined && (
        <Button icon={RefreshCw} onClick={onRetry}>
          {t('action.retry')}
        </Button>
      )}
    </div>
  );
}

function factOf(kind: Cut, run: RunRecord | null, t: TFunction): string {
  if (kind === 'filtered') return t('cut.filtered');
  if (kind === 'full') {
    const own = run?.parameters?.sent.maxOutputTokens;
    return own === undefined ? t('cut.full') : t('cut.fullOwn', { tokens: formatTokens(own) });
  }
  const at = run?.endedAtMs ?? null;
  return at === null ? t(`cut.${kind}`) : t(`cut.${kind}At`, { time: formatTime(at) });
}
