import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
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
      body={title}
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
      <div className="mt-1 flex justify-end gap-2">
        <Button tall onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button tall type="submit" look="solid">
          {t('sessions.rename')}
        </Button>
      </div>
    </Dialog>
  );
}
