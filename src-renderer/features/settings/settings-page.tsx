import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProfileRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { PageHeader } from '../../ui/page-header.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Switch } from '../../ui/switch.tsx';
import { SelectField } from '../../ui/text-field.tsx';
import { useSettingsStore } from './settings-store.ts';

const THEMES = ['system', 'light', 'dark'] as const;

export function SettingsPage({ profiles }: { profiles: ProfileRecord[] }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const { settings, info, problem, change } = useSettingsStore();
  return (
    <>
      <PageHeader title={t('settings.title')} />
      <div className="page">
        <div className="mx-auto grid max-w-(--column) gap-5">
          {problem !== null && (
            <p role="alert" className="text-stop-ink">
              {problem.message}
            </p>
          )}
          <Group title={t('settings.answers')}>
            <Row title={t('settings.defaultProfile')} hint={t('settings.defaultProfileHint')}>
              <div className="w-48">
                <SelectField
                  label={t('settings.defaultProfile')}
                  hideLabel
                  data-testid="default-profile"
                  value={settings.defaultProfile}
                  onChange={(event) => void change(api, { defaultProfile: event.target.value })}
                  options={profiles.map((profile) => ({ value: profile.name, label: profile.name }))}
                />
              </div>
            </Row>
            <Row title={t('settings.stopPauses')} hint={t('settings.stopPausesHint')}>
              <Switch
                label={t('settings.stopPauses')}
                checked={settings.stopPausesQueue}
                onChange={(stopPausesQueue) => void change(api, { stopPausesQueue })}
              />
            </Row>
          </Group>
          <Group title={t('settings.look')}>
            <Row title={t('settings.theme')} hint={t('settings.themeHint')}>
              <Segmented
                label={t('settings.theme')}
                value={settings.theme}
                onChange={(theme) => void change(api, { theme })}
                options={THEMES.map((theme) => ({ value: theme, label: t(`settings.themes.${theme}`) }))}
              />
            </Row>
          </Group>
          {info !== null && (
            <Group title={t('settings.about')}>
              <Row title={t('settings.dataFolder')} hint={t('settings.dataFolderHint')}>
                <code className="text-xs wrap-anywhere text-ink-2 select-all">{info.dataDir}</code>
              </Row>
              <Row title={t('settings.version')} hint={t(`settings.host.${info.host}`)}>
                <span className="num text-ink-2">{info.version}</span>
              </Row>
            </Group>
          )}
        </div>
      </div>
    </>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-2">{title}</h2>
      <div className="divide-y divide-line rounded-lg border border-line bg-raised">{children}</div>
    </section>
  );
}

function Row({ title, hint, children }: { title: string; hint: string; children: ReactNode }) {
  return (
    <div className="flex min-h-14 items-center gap-x-4 gap-y-2 px-4 py-2.5 max-word:flex-wrap">
      <div className="min-w-0 flex-1 max-word:basis-full">
        <p className="font-medium">{title}</p>
        <p className="text-xs text-ink-3">{hint}</p>
      </div>
      <div className="min-w-0 flex-[0_1_auto]">{children}</div>
    </div>
  );
}
