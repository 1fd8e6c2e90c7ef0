import { Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { QueuedMessage, QueuePauseReason } from '#contract/events';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Tag } from '../../ui/tag.tsx';
import { QueueItem } from './queue-item.tsx';

interface QueuePanelProps {
  sessionId: string;
  items: QueuedMessage[];
  paused: QueuePauseReason | null;
  running: boolean;
  /** Who answers here now. */
  model: string | null;
}

/** What waits, above the gate: what happens next in words, and every item in reach. */
export function QueuePanel({ sessionId, items, paused, running, model }: QueuePanelProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [problem, setProblem] = useState<AppError | null>(null);
  if (items.length === 0) return null;
  const report = (result: { ok: true } | { ok: false; error: AppError }) => setProblem(result.ok ? null : result.error);
  const next = paused === null ? (running ? 'queue.next' : 'queue.starting') : `queue.paused.${paused}`;
  return (
    <section
      aria-label={t('queue.count', { count: items.length })}
      data-testid="queue-panel"
      className="-mb-2.5 rounded-t-lg bg-said px-1 pt-1 pb-3.5"
    >
      <header className="flex min-h-7 flex-wrap items-center gap-2 pr-0.5 pl-2 text-xs text-ink-3">
        <b className="num flex-none text-sm font-semibold text-ink">{t('queue.count', { count: items.length })}</b>
        {paused !== null && (
          <Tag look="quiet" icon={Pause}>
            {t('queue.pausedWord')}
          </Tag>
        )}
        <span className={classNames('min-w-0 flex-1', paused !== null && 'max-wide:order-last max-wide:basis-full')}>
          {t(next)}
        </span>
        {paused !== null && (
          <span className="ml-auto flex gap-1">
            <Button
              look="plain"
              className="h-6 text-xs"
              onClick={() => void api.request('chat.queue_clear', { session_id: sessionId }).then(report)}
            >
              {t('queue.clear')}
            </Button>
            <Button
              data-testid="resume-queue"
              look="go"
              icon={Play}
              className="h-6 text-xs"
              onClick={() => void api.request('chat.queue_resume', { session_id: sessionId }).then(report)}
            >
              {t('queue.resume')}
            </Button>
          </span>
        )}
      </header>
      <ol className="thin-scroll max-h-37.5 overflow-auto">
        {items.map((item, index) => (
          <QueueItem
            key={item.id}
            sessionId={sessionId}
            item={item}
            position={index + 1}
            otherModel={item.model === undefined || item.model === model ? null : item.model}
            onResult={report}
          />
        ))}
      </ol>
      {problem !== null && (
        <p role="alert" className="px-2 py-1 text-xs text-stop-ink">
          {problem.message}
        </p>
      )}
    </section>
  );
}
