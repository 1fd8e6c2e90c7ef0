import { LifeBuoy } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { CrashNotice } from '#contract/diagnostics';
import { useSettingsStore } from './features/settings/settings-store.ts';
import { useCore } from './ipc/use-api.ts';
import { Banner } from './ui/banner.tsx';
import { Button } from './ui/button.tsx';

/** Says calmly that the last time ended unexpectedly, until a person took note of it. */
export function CrashBanner({ crash, onDiagnostics }: { crash: CrashNotice; onDiagnostics: () => void }) {
  const { t, i18n } = useTranslation();
  const { api } = useCore();
  const when = new Intl.DateTimeFormat(i18n.language, {
    dateStyle: 'medium',
    timeStyle: 'short',
    hourCycle: 'h23',
  }).format(crash.atMs);
  const takeNote = () =>
    void api.request('diagnostics.seenCrash', {}).then(() => useSettingsStore.getState().load(api));
  return (
    <Banner look="calm" icon={LifeBuoy} fact={t('banner.crash', { when })} consequence={t('banner.crashNext')}>
      <Button
        onClick={() => {
          takeNote();
          onDiagnostics();
        }}
      >
        {t('diagnostics.title')}
      </Button>
      <Button look="plain" onClick={takeNote}>
        {t('links.close')}
      </Button>
    </Banner>
  );
}
