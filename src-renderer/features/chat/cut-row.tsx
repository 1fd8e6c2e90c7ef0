import { Play, RefreshCw, Square, Unplug } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { RunRecord } from '#contract/records';
import { failureSentence } from '../../locales/failure-language.ts';
import { Button } from '../../ui/button.tsx';
import { formatTime } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { pairText } from '../../ui/join-text.ts';

interface CutRowProps {
  kind: 'stopped' | 'interrupted';
  run: RunRecord | null;
  /** Only the last answer can be taken up again. */
  onContinue: (() => void) | undefined;
  onRetry: (() => void) | undefined;
}

/** Where an answer was cut: when, by what, and how it goes on. */
export function CutRow({ kind, run, onContinue, onRetry }: CutRowProps) {
  const { t } = useTranslation();
  const at = run?.endedAtMs ?? null;
  const reason = kind === 'interrupted' ? failureSentence(run?.error ?? t('cut.closed'), run?.errorInfo?.said) : null;
  const fact = at === null ? t(`cut.${kind}`) : t(`cut.${kind}At`, { time: formatTime(at) });
  return (
    <div data-testid="interrupted-row" data-kind={kind} className="mt-1 flex flex-wrap items-center gap-1.5">
      <p className="flex basis-full items-start gap-1.5 text-ink-2">
        <Icon of={kind === 'stopped' ? Square : Unplug} size={14} className="mt-[3px]" />
        <span className="num min-w-0 wrap-anywhere">{reason === null ? fact : pairText(fact, reason)}</span>
      </p>
      {onContinue !== undefined && (
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
