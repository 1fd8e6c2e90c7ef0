import { Hand } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '#contract/message';
import type { LiveRun } from '#contract/run-view';
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
  const now = useNow();
  const words = liveWords(run, rows, stopping);
  return (
    <p
      data-testid="live-line"
      data-live={words.key}
      className={classNames(
        'num mt-1.5 flex h-7 items-center gap-1.5 text-xs',
        words.key === 'needs' ? 'text-ink-2' : 'text-accent-ink',
      )}
    >
      <Icon of={words.key === 'needs' ? Hand : FlowIcon} />
      {t(`live.${words.key}`, { tool: words.tool, time: formatDuration(now - words.sinceMs) })}
    </p>
  );
}
