import { Pause, Play, RefreshCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ErrorCode } from '#contract/errors';
import type { QueuePauseReason } from '#contract/events';
import { errorWords } from '../../errors/error-words.ts';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { endedText, sentencesText } from '../../ui/join-text.ts';
import { Tag } from '../../ui/tag.tsx';

interface QueueHeaderProps {
  count: number;
  paused: QueuePauseReason | null;
  running: boolean;
  /** Why the last answer failed, where that paused the queue. */
  failure: ErrorCode | null;
  /** The failed message is being answered again. */
  retrying: boolean;
  onPause: () => void;
  onResume: () => void;
  onRetry: () => void;
  onClear: () => void;
}

/** How many wait, what happens next in words, and who may change that. */
export function QueueHeader(props: QueueHeaderProps) {
  const { count, paused, running, failure, retrying, onPause, onResume, onRetry, onClear } = props;
  const { t } = useTranslation();
  const failed = paused === 'failure' && failure !== null && !running;
  const next = retrying ? 'queue.nextRetried' : running ? 'queue.nextRunning' : 'queue.nextIdle';
  const words =
    paused === null
      ? t(running ? 'queue.next' : 'queue.starting')
      : failed
        ? sentencesText(
            endedText(t(errorWords({ code: failure, retry: { kind: 'no' } }).titleKey)),
            t('queue.nextIdle'),
          )
        : paused === 'restart' && !running
          ? sentencesText(t('queue.restarted'), t('queue.nextIdle'))
          : t(next);
  return (
    <header className="flex min-h-7 flex-wrap items-center gap-x-2 pr-0.5 pl-2 text-xs text-ink-3">
      <b className="num flex-none text-sm font-semibold text-ink">{t('queue.count', { count })}</b>
      {paused !== null && (
        <Tag look="quiet" icon={Pause}>
          {t('queue.pausedWord')}
        </Tag>
      )}
      <span
        data-testid="queue-words"
        className={classNames(
          'min-w-0 flex-1',
          paused !== null && 'max-wide:order-last max-wide:basis-full max-wide:pb-1',
          // The reason and three buttons have no room beside each other.
          failed && 'order-last basis-full pb-1',
        )}
      >
        {words}
      </span>
      <span className="ml-auto flex flex-none gap-1">
        {count > 0 && (
          <Button
            look="plain"
            data-testid="queue-clear"
            data-then='[data-testid="queue-undo"]'
            className="h-6 text-xs"
            onClick={onClear}
          >
            {t('queue.clear')}
          </Button>
        )}
        {paused === null ? (
          <Button
            look="plain"
            data-testid="pause-queue"
            data-then='[data-testid="resume-queue"]'
            icon={Pause}
            className="h-6 text-xs"
            onClick={onPause}
          >
            {t('queue.pause')}
          </Button>
        ) : (
          <>
            {failed && (
              <Button data-testid="queue-skip" className="h-6 text-xs" title={t('queue.skipHint')} onClick={onResume}>
                {t('queue.skip')}
              </Button>
            )}
            {failed ? (
              <Button data-testid="queue-retry" look="go" icon={RefreshCw} className="h-6 text-xs" onClick={onRetry}>
                {t('action.retry')}
              </Button>
            ) : (
              <Button
                data-testid="resume-queue"
                data-then='[data-testid="pause-queue"]'
                look="go"
                icon={Play}
                className="h-6 text-xs"
                onClick={onResume}
              >
                {t('queue.resume')}
              </Button>
            )}
          </>
        )}
      </span>
    </header>
  );
}
