import { DatabaseBackup, HardDrive, KeyRound, WifiOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { CrashBanner } from './crash-banner.tsx';
import { useSettingsStore } from './features/settings/settings-store.ts';
import type { Connection } from './ipc/transport.ts';
import { useCore } from './ipc/use-api.ts';
import { failureSentence } from './locales/failure-language.ts';
import { Banner } from './ui/banner.tsx';
import { Button } from './ui/button.tsx';

interface StateBannersProps {
  /** Why a link could not be asked about; null where all is well. */
  linkProblem: string | null;
  onLinkClose: () => void;
  connection: Connection;
  onDiagnostics: () => void;
}

/** What holds for every page: what cannot be stored, who cannot be reached, what the last start or end left to be said. */
export function StateBanners({ linkProblem, onLinkClose, connection, onDiagnostics }: StateBannersProps) {
  const { t } = useTranslation();
  const crash = useSettingsStore((state) => state.info?.crash);
  return (
    <>
      {linkProblem !== null && (
        <Banner look="stop" icon={KeyRound} fact={t('links.failed', { reason: linkProblem })} consequence="">
          <Button onClick={onLinkClose}>{t('links.close')}</Button>
        </Banner>
      )}
      <WorstBanner connection={connection} />
      {crash != null && <CrashBanner crash={crash} onDiagnostics={onDiagnostics} />}
    </>
  );
}

/** One of them at a time: the worst. */
function WorstBanner({ connection }: Pick<StateBannersProps, 'connection'>) {
  const { t } = useTranslation();
  const { api } = useCore();
  const { storage, info, load } = useSettingsStore();
  if (storage.state === 'read-only') {
    const { message, said } = storage;
    const isFull = said?.word === 'storage_read_only';
    return (
      <Banner
        look="stop"
        icon={HardDrive}
        fact={t(isFull ? 'banner.full' : 'banner.readOnly')}
        consequence={
          isFull ? t('banner.fullNext') : message === null ? t('banner.readOnlyNext') : failureSentence(message, said)
        }
      >
        <Button onClick={() => void load(api)}>{t('action.tryAgain')}</Button>
      </Banner>
    );
  }
  if (connection === 'down') {
    return <Banner look="wait" icon={WifiOff} fact={t('banner.down')} consequence={t('banner.downNext')} />;
  }
  if (info?.notice == null) return null;
  const { message, said } = info.notice;
  // What a person chose and what went well is no alarm.
  if (said?.word === 'restored') {
    return (
      <Banner
        look="calm"
        icon={DatabaseBackup}
        fact={t('banner.restored')}
        consequence={t('banner.restoredNext', { path: said.with?.['path'] ?? '' })}
      />
    );
  }
  return <Banner look="stop" icon={HardDrive} fact={t('banner.notice')} consequence={failureSentence(message, said)} />;
}
