import { useTranslation } from 'react-i18next';
import type { BackupRecord } from '#contract/data';
import { Button } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format-bytes.ts';

interface BackupListProps {
  backups: readonly BackupRecord[];
  disabled: boolean;
  onRestore: (backup: BackupRecord) => void;
  onDelete?: (backup: BackupRecord) => void;
}

/** Backups with what tells one from another: when, why, and how much each holds. */
export function BackupList({ backups, disabled, onRestore, onDelete }: BackupListProps) {
  const { t, i18n } = useTranslation();
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });
  return (
    <ul data-testid="backups" className="divide-y divide-line">
      {backups.map((backup) => {
        const when = date.format(backup.createdAtMs);
        return (
          <li key={backup.file} className="flex items-center gap-x-4 gap-y-2 px-4 py-2.5 max-word:flex-wrap">
            <div className="min-w-0 flex-1 max-word:basis-full">
              <p className="flex flex-wrap gap-x-2">
                <time dateTime={new Date(backup.createdAtMs).toISOString()} className="num font-medium">
                  {when}
                </time>
                <span className="text-ink-2">{t(`data.reason.${backup.reason}`)}</span>
              </p>
              <p className="num text-xs text-ink-3">
                {backup.defect === null
                  ? `${t('data.conversations', { count: backup.conversations ?? 0 })} · ${t('data.messages', { count: backup.messages ?? 0 })} · ${formatBytes(backup.sizeBytes)}`
                  : t('data.defect', { defect: backup.defect })}
              </p>
            </div>
            <div className="flex flex-none gap-1.5">
              {onDelete !== undefined && (
                <Button
                  look="plain"
                  disabled={disabled}
                  aria-label={t('data.deleteBackup', { when })}
                  onClick={() => onDelete(backup)}
                >
                  {t('data.delete')}
                </Button>
              )}
              <Button
                disabled={disabled || backup.defect !== null}
                aria-label={t('data.restoreBackup', { when })}
                onClick={() => onRestore(backup)}
              >
                {t('data.restore')}
              </Button>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
