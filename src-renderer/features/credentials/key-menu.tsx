import { Hand, Pencil, PlugZap, Power, PowerOff, RefreshCw, RotateCcw, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { CredentialRecord } from '#contract/records';
import { Floating } from '../../ui/floating.tsx';
import { MenuItem, MenuLine } from '../../ui/menu-item.tsx';
import type { BatchTask } from './use-key-actions.ts';

interface KeyMenuProps {
  credential: CredentialRecord;
  anchor: HTMLElement;
  onTask: (task: BatchTask) => void;
  onOpen: () => void;
  onClose: () => void;
}

/** Everything that can be done to one key. */
export function KeyMenu({ credential, anchor, onTask, onOpen, onClose }: KeyMenuProps) {
  const { t } = useTranslation();
  const { label, disabled, oauth } = credential;
  const close = (returnFocus: boolean) => {
    onClose();
    if (returnFocus) anchor.focus();
  };
  const item = (task: BatchTask) => () => {
    close(true);
    onTask(task);
  };
  return (
    <Floating anchor={anchor} kind="menu" align="end" label={t('credentials.card.more', { label })} onClose={close}>
      <MenuItem
        icon={Pencil}
        onClick={() => {
          onClose();
          onOpen();
        }}
      >
        {t('credentials.do.edit')}
      </MenuItem>
      <MenuItem icon={PlugZap} onClick={item('test')}>
        {t('credentials.do.test')}
      </MenuItem>
      <MenuItem icon={RotateCcw} onClick={item('reset')}>
        {t('credentials.do.reset')}
      </MenuItem>
      {oauth !== null && (
        <MenuItem
          icon={oauth.state === 'sign_in' ? Hand : RefreshCw}
          onClick={
            oauth.state === 'sign_in'
              ? () => {
                  onClose();
                  onOpen();
                }
              : item('renew')
          }
        >
          {t(oauth.state === 'sign_in' ? 'credentials.do.signIn' : 'credentials.oauth.renew')}
        </MenuItem>
      )}
      <MenuItem icon={disabled ? Power : PowerOff} onClick={item(disabled ? 'enable' : 'disable')}>
        {t(disabled ? 'credentials.do.enable' : 'credentials.do.disable')}
      </MenuItem>
      <MenuLine />
      {disabled ? (
        <MenuItem icon={Trash2} danger onClick={item('delete')}>
          {t('credentials.do.delete')}
        </MenuItem>
      ) : (
        <p className="max-w-52 px-2 py-1 text-xs text-ink-3">{t('credentials.deleteNeedsDisabled')}</p>
      )}
    </Floating>
  );
}
