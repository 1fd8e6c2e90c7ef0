import { SearchX } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProfileRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icons.tsx';
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
import { Group, Row, SettingsFilter } from './settings-group.tsx';
import { SettingsSections } from './settings-sections.tsx';
import { useSettingsStore } from './settings-store.ts';
import { UpdateSettings } from './update-settings.tsx';
import { useSections } from './use-sections.ts';

/** The ranges that the contract's schema allows. */
const QUEUE_RANGE = { min: 1, max: 1000 };
const RUNS_RANGE = { min: 0, max: 10_000 };

interface SettingsPageProps {
  /** The section that was asked for, anew with each asking; null for the top. */
  place: { section: string } | null;
  profiles: ProfileRecord[];
  onShowShortcuts: () => void;
  onOpenData: () => void;
  onOpenDiagnostics: () => void;
  onOpenLocalApi: () => void;
}

export function SettingsPage(props: SettingsPageProps) {
  const { place, profiles, onShowShortcuts, onOpenData, onOpenDiagnostics, onOpenLocalApi } = props;
  const { t } = useTranslation();
  const { api } = useCore();
  const { settings, info, problem, change } = useSettingsStore();
  const [query, setQuery] = useState('');
  const page = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const sections = useSections(page);
  const { jump } = sections;
  useEffect(() => {
    if (place !== null) jump(place.section);
  }, [place, jump]);
  const isEmpty = query.trim() !== '' && sections.count === 0;
  return (
    <>
      <PageHeader title={t('settings.title')} />
      <div ref={page} className="page settings-page">
        <SettingsSections
          sections={sections}
          query={query}
          onQuery={(next) => {
            setQuery(next);
            page.current?.scrollTo({ top: 0 });
          }}
          field={field}
          onLeaveField={() =>
            page.current
              ?.querySelector<HTMLElement>('[data-setting]:not([hidden]) :is(button, input, select, textarea)')
              ?.focus()
          }
        />
        <div className="grid grid-cols-1 gap-5 max-full:pt-4">
          <SettingsFilter value={query.trim()}>
            {problem !== null && (
              <p role="alert" className="text-stop-ink">
                {problem.message}
              </p>
            )}
            <AppearanceSettings onShowShortcuts={onShowShortcuts} />
            <Group name="answers" title={t('settings.answers')}>
              <Row
                title={t('settings.defaultProfile')}
                hint={t('settings.defaultProfileHint')}
                words={profiles.map((profile) => profile.name)}
              >
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
            <Group name="queue" title={t('settings.queue')}>
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
            <Group name="window" title={t('settings.window')}>
              <NotifyRow />
            </Group>
            <DesktopSettings />
            <UpdateSettings />
            <Group name="pages" title={t('settings.places')}>
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
              <Group name="about" title={t('settings.about')}>
                <Row title={t('settings.dataFolder')} hint={t('settings.dataFolderHint')}>
                  <code className="text-xs wrap-anywhere text-ink-2 select-all">{info.dataDir}</code>
                </Row>
                <Row title={t('settings.version')} hint={t(`settings.host.${info.host}`)}>
                  <span className="num text-ink-2">{info.version}</span>
                </Row>
              </Group>
            )}
          </SettingsFilter>
          {isEmpty && (
            <div className="grid justify-items-center gap-1 py-16 text-center">
              <Icon of={SearchX} size={20} className="mb-1 text-ink-3" />
              <p className="font-medium wrap-anywhere">{t('settings.foundNone', { query: query.trim() })}</p>
              <p className="text-ink-3">{t('settings.foundNoneHint')}</p>
              <Button
                className="mt-2"
                onClick={() => {
                  setQuery('');
                  field.current?.focus();
                }}
              >
                {t('settings.clearFilter')}
              </Button>
            </div>
          )}
        </div>
      </div>
    </>
  );
}
