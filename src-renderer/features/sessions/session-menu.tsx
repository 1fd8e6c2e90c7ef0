import { Archive, ArchiveRestore, Braces, FileText, GitBranch, Pencil, Pin, PinOff, Tag, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { SessionRecord } from '#contract/records';
import { fixedKeyText } from '../../commands/use-shortcuts.ts';
import { Floating } from '../../ui/floating.tsx';
import { MenuItem, MenuLine } from '../../ui/menu-item.tsx';
import type { SessionActions } from './use-session-actions.ts';

interface SessionMenuProps {
  session: SessionRecord;
  anchor: HTMLElement;
  actions: SessionActions;
  onRename: () => void;
  onTags: () => void;
  onDelete: () => void;
  onClose: (returnFocus: boolean) => void;
}

/** Everything that can be done with a conversation of the list. */
export function SessionMenu({ session, anchor, actions, onRename, onTags, onDelete, onClose }: SessionMenuProps) {
  const { t } = useTranslation();
  const archived = session.archivedAtMs !== null;
  const canFork = session.state === 'idle' && session.messageCount > 0;
  const then = (act: () => void) => () => {
    onClose(true);
    act();
  };
  return (
    <Floating
      kind="menu"
      label={t('sessions.menu', { title: session.title })}
      anchor={anchor}
      align="end"
      onClose={onClose}
      className="min-w-52"
    >
      <MenuItem icon={Pencil} shortcut={fixedKeyText('renameRow')} onClick={then(onRename)}>
        {t('sessions.rename')}
      </MenuItem>
      {!archived && (
        <MenuItem
          icon={session.pinned ? PinOff : Pin}
          onClick={then(() => void actions.pin(session.id, !session.pinned))}
        >
          {t(session.pinned ? 'sessions.unpin' : 'sessions.pin')}
        </MenuItem>
      )}
      <MenuItem icon={Tag} onClick={then(onTags)}>
        {t('tags.open')}
      </MenuItem>
      <MenuItem
        icon={archived ? ArchiveRestore : Archive}
        onClick={then(() => void actions.archive(session.id, !archived))}
      >
        {t(archived ? 'sessions.unarchive' : 'sessions.archive')}
      </MenuItem>
      {canFork && (
        <MenuItem icon={GitBranch} onClick={then(() => void actions.fork(session))}>
          {t('sessions.fork')}
        </MenuItem>
      )}
      <MenuLine />
      <MenuItem icon={FileText} onClick={then(() => void actions.save(session, 'markdown'))}>
        {t('sessions.exportMarkdown')}
      </MenuItem>
      <MenuItem icon={Braces} onClick={then(() => void actions.save(session, 'json'))}>
        {t('sessions.exportJson')}
      </MenuItem>
      <MenuLine />
      <MenuItem icon={Trash2} danger shortcut={fixedKeyText('deleteRow')} onClick={then(onDelete)}>
        {t('sessions.delete')}
      </MenuItem>
    </Floating>
  );
}
