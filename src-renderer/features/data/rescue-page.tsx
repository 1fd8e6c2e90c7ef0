import { HardDrive } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupRecord, StoreState } from '#contract/data';
import { ErrorNote } from '../../errors/error-note.tsx';
import { useCore } from '../../ipc/use-api.ts';
import { failureSentence } from '../../locales/failure-language.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Icon } from '../../ui/icons.tsx';
import { BackupList } from './backup-list.tsx';
import { DiagnosticsPanel } from './diagnostics-panel.tsx';
import { ExportPanel } from './export-panel.tsx';
import { Panel } from './panel.tsx';
import { useBackups } from './use-backups.ts';

/** Stands in place of everything when the conversations cannot be opened: what happened, what is safe, what can be done. */
export function RescuePage() {
  const { t } = useTranslation();
  const { api } = useCore();
  const { backups, task, problem, restore, tryAgain, startEmpty } = useBackups();
  const [trouble, setTrouble] = useState<StoreState['trouble']>(null);
  const [asked, setAsked] = useState<BackupRecord | 'empty' | null>(null);
  useEffect(() => {
    let current = true;
    void api.request('data.store', {}).then((answer) => {
      if (!current || !answer.ok) return;
      // It was put right meanwhile, by another window perhaps.
      if (answer.data.trouble === null) window.location.reload();
      else setTrouble(answer.data.trouble);
    });
    return () => {
      current = false;
    };
  }, [api]);
  if (trouble === null) return null;
  const busy = task !== null;
  const mayRestore = trouble.kind !== 'locked' && trouble.kind !== 'full';
  return (
    <main data-testid="rescue" data-kind={trouble.kind} className="h-full overflow-auto bg-canvas p-6 max-word:p-4">
      <div className="mx-auto grid max-w-(--column) grid-cols-1 gap-5 py-8 max-word:py-2">
        <header className="grid gap-2">
          <h1 className="flex items-center gap-2 text-lg">
            <Icon of={HardDrive} className="text-stop-ink" />
            {t(`rescue.title.${trouble.kind}`)}
          </h1>
          <p role="alert" className="text-ink-2">
            {failureSentence(trouble.message, trouble.said)}
          </p>
          <p className="text-xs text-ink-3">
            {t('rescue.folder')} <code className="wrap-anywhere select-all">{trouble.dataDir}</code>
          </p>
        </header>
        {problem !== null && <ErrorNote {...problem} />}
        {busy && (
          <p role="status" className="text-ink-2">
            {t('data.reopening')}
          </p>
        )}
        <Panel
          title={t('rescue.again')}
          hint={t(`rescue.againHint.${trouble.kind}`)}
          actions={
            <Button look="solid" disabled={busy} onClick={() => void tryAgain()}>
              {t('action.tryAgain')}
            </Button>
          }
        />
        {mayRestore && (
          <Panel title={t('data.backups')} hint={t('rescue.backupsHint')}>
            {backups?.length === 0 && <p className="px-4 py-2.5 text-ink-3">{t('rescue.noBackups')}</p>}
            {backups !== null && backups.length > 0 && (
              <BackupList backups={backups} disabled={busy} onRestore={setAsked} />
            )}
          </Panel>
        )}
        {trouble.kind === 'damaged' && <ExportPanel isRescue />}
        {mayRestore && (
          <Panel
            title={t('rescue.empty')}
            hint={t('rescue.emptyHint')}
            actions={
              <Button disabled={busy} onClick={() => setAsked('empty')}>
                {t('rescue.emptyDo')}
              </Button>
            }
          />
        )}
        <DiagnosticsPanel />
        {trouble.canShowFolder && (
          <p>
            <Button onClick={() => void api.request('data.showFolder', {})}>{t('data.showFolder')}</Button>
          </p>
        )}
      </div>
      {asked === 'empty' && (
        <ConfirmDialog
          title={t('rescue.emptyConfirm.title')}
          body={t('rescue.emptyConfirm.body')}
          look="solid"
          confirm={t('rescue.emptyConfirm.yes')}
          cancel={t('action.cancel')}
          onConfirm={() => void startEmpty()}
          onClose={() => setAsked(null)}
        />
      )}
      {asked !== null && asked !== 'empty' && (
        <ConfirmDialog
          title={t('rescue.restoreConfirm.title')}
          body={t('rescue.restoreConfirm.body')}
          look="solid"
          confirm={t('data.confirmRestore.yes')}
          cancel={t('action.cancel')}
          onConfirm={() => void restore(asked.file)}
          onClose={() => setAsked(null)}
        />
      )}
    </main>
  );
}
