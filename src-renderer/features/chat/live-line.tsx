import { Hand, Hourglass, WifiOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '#contract/message';
import type { LiveRun } from '#contract/run-view';
import { useIsUnheard } from '../../ipc/connection-store.ts';
import { failureSentence } from '../../locales/failure-language.ts';
import { classNames } from '../../ui/class-names.ts';
import { formatDuration } from '../../ui/format.ts';
import { FlowIcon, Icon } from '../../ui/icons.tsx';
import { useNow } from '../../ui/use-now.ts';
import { liveWords } from './live-words.ts';

interface LiveLineProps {
  run: LiveRun;
  rows: Message[];
  stopping: boolean;
}

/** The last line of a live answer. Its seconds are for the eye; the reader hears one summary at the end. */
export function LiveLine({ run, rows, stopping }: LiveLineProps) {
  const { t } = useTranslation();
  const isUnheard = useIsUnheard();
  const now = useNow(!isUnheard);
  const words = liveWords(run, rows, stopping);
  // Nobody here knows whether it still moves, so nothing counts and nothing flows.
  if (isUnheard) {
    return (
      <p
        data-testid="live-line"
        data-live="unheard"
        className="mt-0.5 flex h-7 items-center gap-1.5 text-xs text-ink-2"
      >
        <Icon of={WifiOff} />
        {t('live.unheard')}
      </p>
    );
  }
  if (words.key === 'retrying' && run.retry !== null) return <RetryLine run={run} retry={run.retry} now={now} />;
  return (
    <p
      data-testid="live-line"
      data-live={words.key}
      className={classNames(
        'num mt-0.5 flex h-7 items-center gap-1.5 text-xs',
        words.key === 'needs' ? 'text-ink-2' : 'text-accent-ink',
      )}
    >
      <Icon of={words.key === 'needs' ? Hand : FlowIcon} />
      {t(`live.${words.key}`, { tool: words.tool, time: formatDuration(now - words.sinceMs) })}
    </p>
  );
}

/** The upstream takes nothing now. The change is announced once; its seconds are for the eye only. */
function RetryLine({ run, retry, now }: { run: LiveRun; retry: NonNullable<LiveRun['retry']>; now: number }) {
  const { t } = useTranslation();
  const waits = t('live.retrying', {
    profile: run.profile,
    reason: failureSentence(retry.reason, retry.said).replace(/[.。\s]+$/, ''),
  });
  const leftMs = retry.untilMs - now;
  return (
    <div
      data-testid="live-line"
      data-live="retrying"
      className="num mt-0.5 flex min-h-7 items-start gap-1.5 py-1 text-xs text-wait-ink"
    >
      <Icon of={Hourglass} className="mt-px" />
      <p aria-hidden="true" className="min-w-0 wrap-anywhere">
        {waits}{' '}
        {leftMs > 0
          ? t('live.nextTry', { time: formatDuration(Math.ceil(leftMs / 1000) * 1000), number: retry.attempt + 1 })
          : t('live.tryingNow', { number: retry.attempt + 1 })}
      </p>
      <p role="status" className="sr-only">
        {waits}
      </p>
    </div>
  );
}
