import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogActions } from '../../ui/dialog-actions.tsx';
import { TextField } from '../../ui/text-field.tsx';

interface RenameDialogProps {
  title: string;
  onRename: (title: string) => void;
  onClose: () => void;
}

/** The name of the open conversation, for whoever does not go to the list for it. */
export function RenameDialog({ title, onRename, onClose }: RenameDialogProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(title);
  return (
    <Dialog
      title={t('command.renameSession')}
      onClose={onClose}
      onSubmit={() => {
        if (text.trim() !== '' && text.trim() !== title) onRename(text.trim());
        onClose();
      }}
    >
      <TextField
        autoFocus
        hideLabel
        label={t('sessions.renameLabel')}
        data-testid="rename-dialog-field"
        maxLength={200}
        value={text}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setText(event.target.value)}
      />
      <DialogActions submit={t('sessions.rename')} onClose={onClose} />
    </Dialog>
  );
}
