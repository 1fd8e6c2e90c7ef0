import { useTranslation } from 'react-i18next';
import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Switch } from '../../ui/switch.tsx';
import { NumberSetting } from './number-setting.tsx';
import { Group, Row } from './settings-group.tsx';
import { useSettingsStore } from './settings-store.ts';

const MODES = ['priority', 'balanced'] as const;
/** The ranges that the contract's schema allows, in seconds. */
const WAIT_RANGE = { min: 1, max: 600 };
const REST_RANGE = { min: 1, max: 7200 };
const REST_WAIT_RANGE = { min: 3, max: 120 };
const LINE_RANGE = { min: 0, max: 1000 };
const REQUESTS_RANGE = { min: 0, max: 10_000 };
const RESTS = ['rateLimitCooldownMs', 'upstreamErrorCooldownMs', 'timeoutCooldownMs', 'overageCooldownMs'] as const;
/** What "Reset to the defaults" concerns: everything on this part of the page. */
const RESETTABLE = [
  'credentialMode',
  'credentialQueueLimit',
  'credentialQueueWaitMs',
  'credentialRestWaitMs',
  'credentialOverflow',
  'maxRequestsInFlight',
  'cooldownsEnabled',
  ...RESTS,
  'suspiciousCooldownMs',
] as const satisfies readonly (keyof Settings)[];
const DEFAULTS: Partial<Settings> = Object.fromEntries(RESETTABLE.map((name) => [name, DEFAULT_SETTINGS[name]]));

/** Which key a request gets, how long it waits for one, and how long a key rests. */
export function KeySettings() {
  const { t } = useTranslation();
  const { api } = useCore();
  const { settings, change } = useSettingsStore();
  const isDefault = RESETTABLE.every((name) => settings[name] === DEFAULT_SETTINGS[name]);
  return (
    <Group name="keys" title={t('settings.keys')}>
      <Row
        title={t('settings.keyMode')}
        hint={t('settings.keyModeHint')}
        words={MODES.map((mode) => t(`settings.keyModes.${mode}`))}
      >
        <Segmented
          label={t('settings.keyMode')}
          value={settings.credentialMode}
          onChange={(credentialMode) => void change(api, { credentialMode })}
          options={MODES.map((mode) => ({ value: mode, label: t(`settings.keyModes.${mode}`) }))}
        />
      </Row>
      <NumberSetting
        title={t('settings.keyWait')}
        hint={t('settings.keyWaitHint')}
        name="credentialQueueWaitMs"
        range={WAIT_RANGE}
        scale="seconds"
      />
      <NumberSetting
        title={t('settings.restWait')}
        hint={t('settings.restWaitHint')}
        name="credentialRestWaitMs"
        range={REST_WAIT_RANGE}
        scale="seconds"
      />
      <NumberSetting
        title={t('settings.keyLine')}
        hint={t('settings.keyLineHint')}
        name="credentialQueueLimit"
        range={LINE_RANGE}
      />
      <Row title={t('settings.keyOverflow')} hint={t('settings.keyOverflowHint')}>
        <Switch
          label={t('settings.keyOverflow')}
          checked={settings.credentialOverflow}
          onChange={(credentialOverflow) => void change(api, { credentialOverflow })}
        />
      </Row>
      <NumberSetting
        title={t('settings.maxRequests')}
        hint={t('settings.maxRequestsHint')}
        name="maxRequestsInFlight"
        range={REQUESTS_RANGE}
      />
      <Row title={t('settings.rests')} hint={t('settings.restsHint')}>
        <Switch
          label={t('settings.rests')}
          checked={settings.cooldownsEnabled}
          onChange={(cooldownsEnabled) => void change(api, { cooldownsEnabled })}
        />
      </Row>
      {settings.cooldownsEnabled &&
        RESTS.map((name) => (
          <NumberSetting
            key={name}
            title={t(`settings.rest.${name}`)}
            hint={t('settings.restHint')}
            name={name}
            range={REST_RANGE}
            scale="seconds"
          />
        ))}
      <NumberSetting
        title={t('settings.rest.suspiciousCooldownMs')}
        hint={t('settings.suspiciousHint')}
        name="suspiciousCooldownMs"
        range={REST_RANGE}
        scale="seconds"
      />
      <Row title={t('settings.resetKeys')} hint={t('settings.resetKeysHint')}>
        {isDefault ? (
          <p className="text-xs text-ink-3">{t('settings.atDefaults')}</p>
        ) : (
          <Button data-testid="reset-key-settings" onClick={() => void change(api, DEFAULTS)}>
            {t('settings.resetPrompt')}
          </Button>
        )}
      </Row>
    </Group>
  );
}
