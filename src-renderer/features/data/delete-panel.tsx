import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import { ErrorNote } from '../../errors/error-note.tsx';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Switch } from '../../ui/switch.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Panel } from './panel.tsx';

/** What the core wants to be told, whatever language the words were written in. */
const CONFIRMED = 'delete everything';

/** The end of every conversation, for good, once a person has written so. */
export function DeletePanel() {
  const { t } = useTranslation();
  const { api } = useCore();
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const [backups, setBackups] = useState(false);
  const [working, setWorking] = useState(false);
  const [deleted, setDeleted] = useState<number | null>(null);
  const [problem, setProblem] = useState<AppError | null>(null);
  const words = t('data.confirmAll.phrase');
  const matches = typed.trim().toLowerCase() === words.toLowerCase();

  const run = async () => {
    if (!matches) return;
    setAsking(false);
    setTyped('');
    setWorking(true);
    const answer = await api.request('data.deleteAll', { confirm: CONFIRMED, backups });
    setWorking(false);
    setProblem(answer.ok ? null : answer.error);
    setDeleted(answer.ok ? answer.data.conversations : null);
  };
  return (
    <Panel
      title={t('data.deleteAll')}
      hint={t('data.deleteAllHint')}
      actions={
        <Button look="danger" data-testid="delete-all" disabled={working} onClick={() => setAsking(true)}>
          {working ? t('data.deleting') : t('data.deleteAllDo')}
        </Button>
      }
    >
      {problem !== null && (
        <div className="p-3">
          <ErrorNote {...problem} />
        </div>
      )}
      {deleted !== null && (
        <p role="status" className="px-4 py-2.5 text-ink-2">
          {t('data.deleted', { count: deleted })}
        </p>
      )}
      {asking && (
        <Dialog
          title={t('data.confirmAll.title')}
          body={t('data.confirmAll.body')}
          onClose={() => setAsking(false)}
          onSubmit={() => void run()}
        >
          <div className="flex items-center justify-between gap-3">
            <span>{t('data.confirmAll.backups')}</span>
            <Switch label={t('data.confirmAll.backups')} checked={backups} onChange={setBackups} />
          </div>
          <TextField
            label={t('data.confirmAll.words', { words })}
            data-testid="delete-words"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          <div className="flex justify-end gap-2">
            <Button tall onClick={() => setAsking(false)}>
              {t('action.cancel')}
            </Button>
            <Button tall look="danger" type="submit" disabled={!matches}>
              {t('data.confirmAll.yes')}
            </Button>
          </div>
        </Dialog>
      )}
    </Panel>
  );
}
