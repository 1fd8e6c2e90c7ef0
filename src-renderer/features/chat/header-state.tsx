import { useTranslation } from 'react-i18next';
import { useIsUnheard } from '../../ipc/connection-store.ts';
import { formatClock } from '../../ui/format.ts';
import { FlowIcon, Icon } from '../../ui/icons.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useChatStore } from './chat-store.ts';

/** Says that the answer goes on without the window. */
export function HeaderState({ sessionId }: { sessionId: string }) {
  const { t } = useTranslation();
  const startedAtMs = useChatStore((state) => state.views[sessionId]?.run?.startedAtMs);
  // Who waits does not flow: the card in the conversation says for whom.
  const isWaiting = useChatStore((state) => state.views[sessionId]?.run?.state === 'waiting');
  // What cannot be heard may have ended: the banner says so.
  const isUnheard = useIsUnheard();
  const isShown = startedAtMs !== undefined && !isWaiting && !isUnheard;
  const now = useNow(isShown);
  if (!isShown) return null;
  return (
    <span
      title={t('chat.backgroundHint')}
      className="num inline-flex items-center gap-1.5 text-xs whitespace-nowrap text-accent-ink"
    >
      <Icon of={FlowIcon} />
      <span className="max-word:sr-only">{t('chat.background')}</span>
      {formatClock(now - startedAtMs)}
    </span>
  );
}
