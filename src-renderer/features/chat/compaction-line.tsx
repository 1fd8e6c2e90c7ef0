import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ShortenedContext } from '#contract/records';
import { failureSentence } from '../../locales/failure-language.ts';
import { formatDuration, formatTokens } from '../../ui/format.ts';
import { FlowIcon, Icon } from '../../ui/icons.tsx';
import { useNow } from '../../ui/use-now.ts';

/** Why nothing was let down, or what was done without a summary. What was is a divider in the conversation; while it lasts, a live line says so. */
export function CompactionFailure({ shortened, byHand }: { shortened: ShortenedContext; byHand: boolean }) {
  const { t } = useTranslation();
  const { reason, reasonSaid, beforeTokens, afterTokens } = shortened;
  return (
    <p data-testid="compaction-failed" role="status" className="mb-2 text-xs wrap-anywhere text-ink-3">
      {reason === null
        ? t('compaction.shortened', { before: formatTokens(beforeTokens), after: formatTokens(afterTokens) })
        : t(byHand ? 'compaction.failed' : 'compaction.failedInRun', {
            reason: failureSentence(reason, reasonSaid).replace(/[.。]$/, ''),
          })}
    </p>
  );
}

/** A person asked for it: no answer is being made, so no other line tells of it. */
export function CompactingLine({ onStop }: { onStop: () => void }) {
  const { t } = useTranslation();
  const [sinceMs] = useState(() => Date.now());
  const now = useNow();
  return (
    <p
      data-testid="compacting"
      className="lock-line num mt-6 flex min-h-7 items-center gap-2 text-xs whitespace-nowrap text-accent-ink"
    >
      <Icon of={FlowIcon} />
      {t('live.compacting', { time: formatDuration(now - sinceMs) })}
      <button type="button" onClick={onStop} className="touch underline underline-offset-2 hover:text-ink">
        {t('composer.stop')}
      </button>
    </p>
  );
}
