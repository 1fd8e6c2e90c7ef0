import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupRecord } from '#contract/data';
import { ErrorNote } from '../../errors/error-note.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { BackupList } from './backup-list.tsx';
import { Panel } from './panel.tsx';
import { useBackups } from './use-backups.ts';

/** Copies of everything, and the way back to one of them. */
export function BackupsPanel() {
  const { t, i18n } = useTranslation();
  const { backups, task, problem, create, remove, restore } = useBackups();
  const [asked, setAsked] = useState<{ what: 'restore' | 'delete'; backup: BackupRecord } | null>(null);
  const when = (backup: BackupRecord) =>
    new Intl.DateTimeFormat(i18n.language, { dateStyle: 'long', timeStyle: 'short', hourCycle: 'h23' }).format(
      backup.createdAtMs,
    );
  return (
    <Panel
      title={t('data.backups')}
      hint={t('data.backupsHint')}
      actions={
        <Button data-testid="back-up" disabled={task !== null} onClick={() => void create()}>
          {task === 'making' ? t('data.making') : t('data.backUp')}
        </Button>
      }
    >
      {problem !== null && (
        <div className="p-3">
          <ErrorNote {...problem} />
        </div>
      )}
      {task === 'reopening' && (
        <p role="status" className="px-4 py-2.5 text-ink-2">
          {t('data.reopening')}
        </p>
      )}
      {backups?.length === 0 && <p className="px-4 py-2.5 text-ink-3">{t('data.noBackups')}</p>}
      {backups !== null && backups.length > 0 && (
        <BackupList
          backups={backups}
          disabled={task !== null}
          onRestore={(backup) => setAsked({ what: 'restore', backup })}
          onDelete={(backup) => setAsked({ what: 'delete', backup })}
        />
      )}
      {asked?.what === 'restore' && (
        <ConfirmDialog
          title={t('data.confirmRestore.title', { when: when(asked.backup) })}
          body={t('data.confirmRestore.body')}
          look="solid"
          confirm={t('data.confirmRestore.yes')}
          cancel={t('action.cancel')}
          onConfirm={() => void restore(asked.backup.file)}
          onClose={() => setAsked(null)}
        />
      )}
      {asked?.what === 'delete' && (
        <ConfirmDialog
          title={t('data.confirmDelete.title', { when: when(asked.backup) })}
          body={t('data.confirmDelete.body')}
          confirm={t('data.confirmDelete.yes')}
          cancel={t('action.cancel')}
          onConfirm={() => void remove(asked.backup.file)}
          onClose={() => setAsked(null)}
        />
      )}
    </Panel>
  );
}
