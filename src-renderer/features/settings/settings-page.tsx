import { useTranslation } from 'react-i18next';
import type { ProfileRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Switch } from '../../ui/switch.tsx';
import { SelectField } from '../../ui/text-field.tsx';
import { AppearanceSettings } from './appearance-settings.tsx';
import { BasePrompt } from './base-prompt.tsx';
import { ContextSettings } from './context-settings.tsx';
import { DesktopSettings } from './desktop-settings.tsx';
import { KeySettings } from './key-settings.tsx';
import { Leftovers } from './leftovers.tsx';
import { ModelPrices } from './model-prices.tsx';
import { NotifyRow } from './notify-row.tsx';
import { NumberSetting } from './number-setting.tsx';
import { PrefixPanel } from './prefix-panel.tsx';
import { Group, Row } from './settings-group.tsx';
import { useSettingsStore } from './settings-store.ts';
import { UpdateSettings } from './update-settings.tsx';

/** The ranges that the contract's schema allows. */
const QUEUE_RANGE = { min: 1, max: 1000 };
const RUNS_RANGE = { min: 0, max: 10_000 };

interface SettingsPageProps {
  profiles: ProfileRecord[];
  onShowShortcuts: () => void;
  onOpenData: () => void;
  onOpenDiagnostics: () => void;
  onOpenLocalApi: () => void;
}

export function SettingsPage(props: SettingsPageProps) {
  const { profiles, onShowShortcuts, onOpenData, onOpenDiagnostics, onOpenLocalApi } = props;
  const { t } = useTranslation();
  const { api } = useCore();
  const { settings, info, problem, change } = useSettingsStore();
  return (
    <>
      <PageHeader title={t('settings.title')} />
      <div className="page">
        <div className="mx-auto grid max-w-(--column) grid-cols-1 gap-5">
          {problem !== null && (
            <p role="alert" className="text-stop-ink">
              {problem.message}
            </p>
          )}
          <AppearanceSettings onShowShortcuts={onShowShortcuts} />
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
            <BasePrompt />
          </Group>
          <Group title={t('settings.queue')}>
            <Row title={t('settings.stopPauses')} hint={t('settings.stopPausesHint')}>
              <Switch
                label={t('settings.stopPauses')}
                checked={settings.stopPausesQueue}
                onChange={(stopPausesQueue) => void change(api, { stopPausesQueue })}
              />
            </Row>
            <Row title={t('settings.failurePauses')} hint={t('settings.failurePausesHint')}>
              <Switch
                label={t('settings.failurePauses')}
                checked={settings.pauseQueueOnFailure}
                onChange={(pauseQueueOnFailure) => void change(api, { pauseQueueOnFailure })}
              />
            </Row>
            <NumberSetting
              title={t('settings.maxQueue')}
              hint={t('settings.maxQueueHint')}
              name="maxQueuePerSession"
              range={QUEUE_RANGE}
            />
            <NumberSetting
              title={t('settings.maxRuns')}
              hint={t('settings.maxRunsHint')}
              name="maxConcurrentRuns"
              range={RUNS_RANGE}
            />
          </Group>
          <KeySettings />
          <ContextSettings profiles={profiles} />
          <ModelPrices profiles={profiles} />
          <PrefixPanel />
          <Group title={t('settings.window')}>
            <NotifyRow />
          </Group>
          <DesktopSettings />
          <UpdateSettings />
          <Group title={t('settings.places')}>
            <Row title={t('localApi.title')} hint={t('settings.localApiHint')}>
              <Button data-testid="open-local-api" onClick={onOpenLocalApi}>
                {t('settings.open')}
              </Button>
            </Row>
            <Row title={t('data.title')} hint={t('data.hint')}>
              <Button data-testid="open-data" onClick={onOpenData}>
                {t('settings.open')}
              </Button>
            </Row>
            <Row title={t('diagnostics.title')} hint={t('diagnostics.hint')}>
              <Button data-testid="open-diagnostics" onClick={onOpenDiagnostics}>
                {t('settings.open')}
              </Button>
            </Row>
          </Group>
          <Leftovers />
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
