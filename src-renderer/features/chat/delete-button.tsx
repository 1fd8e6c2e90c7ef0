import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { useTurnPlace } from './turn-actions.ts';

/** Deletes a message with its answer, once that was confirmed: it cannot be undone. */
export function DeleteButton({ messageId }: { messageId: string }) {
  const { t } = useTranslation();
  const { actions } = useTurnPlace();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <IconButton
        small
        data-testid="delete-turn"
        icon={Trash2}
        label={t('deleteTurn.open')}
        onClick={() => setAsking(true)}
      />
      {asking && (
        <ConfirmDialog
          title={t('deleteTurn.title')}
          body={t('deleteTurn.body')}
          confirm={t('deleteTurn.yes')}
          cancel={t('deleteTurn.no')}
          onConfirm={() => actions.remove(messageId)}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
