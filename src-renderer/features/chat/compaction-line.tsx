import { FoldVertical } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { RunView } from '#contract/run-view';
import { formatTokens } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';

/** What was let down before this answer. While it lasts, the live line says so. */
export function CompactionLine({ compression }: { compression: NonNullable<RunView['compression']> }) {
  const { t } = useTranslation();
  if (compression.state === 'running') return null;
  if (compression.error !== undefined) {
    return <p className="mb-2 text-xs text-ink-3">{t('chat.notCompacted', { reason: compression.error })}</p>;
  }
  if (!compression.compressed) return null;
  return (
    <p className="lock-line num mb-3 flex items-center gap-2 text-xs whitespace-nowrap text-ink-3">
      <Icon of={FoldVertical} size={14} />
      {t('chat.compacted', {
        count: compression.totalMessages - compression.resultMessages,
        before: formatTokens(compression.beforeTokens),
        after: formatTokens(compression.afterTokens),
      })}
    </p>
  );
}
