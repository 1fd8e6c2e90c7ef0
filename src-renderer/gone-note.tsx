import { Trash2, X } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useGoneStore } from './drop-sessions.ts';
import { useChatStore } from './features/chat/chat-store.ts';
import { BoldFact } from './ui/bold-fact.tsx';
import { IconButton } from './ui/icon-button.tsx';
import { Icon } from './ui/icons.tsx';

/** Why a new chat stands here: the conversation that was open was deleted elsewhere. It goes with the new chat. */
export function GoneNote() {
  const { t } = useTranslation();
  const gone = useGoneStore((state) => state.gone);
  const isNew = useChatStore((state) => state.isNew);
  const forget = () => useGoneStore.setState({ gone: null });
  useEffect(() => {
    if (!isNew) useGoneStore.setState({ gone: null });
  }, [isNew]);
  // The region stands before it has anything to say: one that comes with its words is not read out.
  return (
    <div role="status" data-testid="gone-note">
      {gone !== null && isNew && (
        <div className="flex min-h-11 items-center gap-2.5 border-b border-line bg-sunken py-2 pr-2.5 pl-6 max-wide:pl-4">
          <Icon of={Trash2} className="flex-none text-ink-2" />
          <p className="min-w-0 flex-1 wrap-anywhere">
            <BoldFact fact={gone.title === '' ? t('gone.unnamed') : t('gone.named', { title: gone.title })}>
              {t(gone.hasDraft ? 'gone.nextDraft' : 'gone.next')}
            </BoldFact>
          </p>
          <IconButton icon={X} label={t('gone.close')} onClick={forget} />
        </div>
      )}
    </div>
  );
}
