import { useTranslation } from 'react-i18next';
import type { SessionRecord } from '#contract/records';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { RenameDialog } from './rename-dialog.tsx';
import { TagDialog } from './tag-dialog.tsx';
import type { SessionActions } from './use-session-actions.ts';

/** What a person is asked about a conversation. */
export interface AskedOfSession {
  what: 'name' | 'tags' | 'deletion';
  session: SessionRecord;
}

interface SessionDialogsProps {
  /** Null where nothing is asked. */
  asked: AskedOfSession | null;
  /** Every tag there is. */
  tags: readonly string[];
  actions: SessionActions;
  onClose: () => void;
}

/** The one question about a conversation that is open: its name, its tags, or whether it goes. */
export function SessionDialogs({ asked, tags, actions, onClose }: SessionDialogsProps) {
  const { t } = useTranslation();
  if (asked === null) return null;
  const { what, session } = asked;
  switch (what) {
    case 'name':
      return (
        <RenameDialog
          title={session.title}
          onRename={(next) => void actions.rename(session.id, next)}
          onClose={onClose}
        />
      );
    case 'tags':
      return (
        <TagDialog
          title={session.title}
          tags={session.tags}
          known={tags}
          onSave={(next) => void actions.setTags(session.id, next)}
          onClose={onClose}
        />
      );
    case 'deletion':
      return (
        <ConfirmDialog
          title={t('sessions.confirm.title', { title: session.title })}
          body={t('sessions.confirm.body')}
          confirm={t('sessions.confirm.yes')}
          cancel={t('sessions.confirm.no')}
          onConfirm={() => void actions.remove(session)}
          onClose={onClose}
        />
      );
  }
}
