import { ChevronRight } from 'lucide-react';
import { memo, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '#contract/message';
import { formatDuration } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useFoldStore } from './fold-store.ts';
import { LongText } from './long-text.tsx';

/** Thinking, folded into one row. It stays as the reader left it. */
export const ReasoningRow = memo(function ReasoningRow({ row, thinking }: { row: Message; thinking: boolean }) {
  const { t } = useTranslation();
  const now = useNow(thinking);
  const open = useFoldStore((state) => state.open[row.id] ?? false);
  const setOpen = useFoldStore((state) => state.setOpen);
  const title = thinking
    ? t('chat.thinking', { time: formatDuration(now - row.created_at_ms) })
    : row.reasoning_ms === null
      ? t('chat.thought')
      : t('chat.thoughtFor', { time: formatDuration(Math.max(1000, row.reasoning_ms)) });
  const onToggle = (event: SyntheticEvent<HTMLDetailsElement>) => setOpen(row.id, event.currentTarget.open);
  return (
    <details className="station mb-0.5" data-testid="reasoning" data-live={thinking} open={open} onToggle={onToggle}>
      <summary className="touch -mx-2 flex h-7 items-center gap-2 rounded-md px-2 text-ink-2 hover:bg-hover">
        <span className="num flex-1 font-medium text-ink">{title}</span>
        <Icon of={ChevronRight} size={14} className="chevron text-ink-3" />
      </summary>
      {open && (
        <div className="max-w-(--measure) pt-1 pb-2 text-ink-2">
          <LongText text={row.reasoning ?? ''} />
        </div>
      )}
    </details>
  );
});
