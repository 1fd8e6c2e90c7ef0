import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type DesktopState, QUICK_KEYS, QUIT_CHOICES } from '#contract/desktop';
import type { Settings } from '#contract/settings';
import { keyText } from '../../commands/read-keys.ts';
import { useCore } from '../../ipc/use-api.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { Switch } from '../../ui/switch.tsx';
import { SelectField } from '../../ui/text-field.tsx';
import { Group, Row } from './settings-group.tsx';
import { useSettingsStore } from './settings-store.ts';

const NO_KEYS = 'none';

/** How the desktop application behaves outside of its page. Nothing is drawn where the host is none. */
export function DesktopSettings() {
  const isDesktop = useSettingsStore((state) => state.info?.abilities.desktop === true);
  return isDesktop ? <Manners /> : null;
}

function Manners() {
  const { t } = useTranslation();
  const { api } = useCore();
  const settings = useSettingsStore((state) => state.settings);
  const change = useSettingsStore((state) => state.change);
  const [desktop, setDesktop] = useState<DesktopState | null>(null);
  const look = useCallback(
    () =>
      api.request('app.desktop', {}).then((answer) => {
        if (answer.ok) setDesktop(answer.data.desktop);
      }),
    [api],
  );
  useEffect(() => void look(), [look]);
  // What the system made of a wish is known once it is stored.
  const wish = (values: Partial<Settings>) => void change(api, values).then(look);
  const isMac = desktop?.platform === 'darwin';
  return (
    <Group name="desktop" title={t('desktop.title')}>
      <Row title={t('desktop.tray')} hint={t(desktop?.tray === 'failed' ? 'desktop.trayFailed' : 'desktop.trayHint')}>
        <Switch
          label={t('desktop.tray')}
          checked={settings.closeToTray}
          onChange={(closeToTray) => wish({ closeToTray })}
        />
      </Row>
      <Row
        title={t('desktop.keys')}
        hint={t(desktop?.quickKeys === 'taken' ? 'desktop.keysTaken' : 'desktop.keysHint')}
      >
        <div className="w-48">
          <SelectField
            label={t('desktop.keys')}
            hideLabel
            data-testid="quick-keys"
            value={settings.quickKeys ?? NO_KEYS}
            onChange={(event) => wish({ quickKeys: QUICK_KEYS.find((keys) => keys === event.target.value) ?? null })}
            options={[
              { value: NO_KEYS, label: t('desktop.noKeys') },
              ...QUICK_KEYS.map((keys) => ({
                value: keys,
                label: keyText(keys.replace('CommandOrControl', 'Mod'), isMac),
              })),
            ]}
          />
        </div>
      </Row>
      <Row title={t('desktop.login')} hint={t('desktop.loginHint')}>
        <Switch
          label={t('desktop.login')}
          checked={desktop?.opensAtLogin ?? settings.openAtLogin}
          onChange={(openAtLogin) => wish({ openAtLogin })}
        />
      </Row>
      <Row title={t('desktop.spelling')} hint={t(isMac ? 'desktop.spellingHintMac' : 'desktop.spellingHint')}>
        <Switch
          label={t('desktop.spelling')}
          checked={desktop?.spellCheck ?? settings.spellCheck === 'on'}
          onChange={(isOn) => wish({ spellCheck: isOn ? 'on' : 'off' })}
        />
      </Row>
      <Row title={t('desktop.quit')} hint={t('desktop.quitHint')}>
        <Segmented
          label={t('desktop.quit')}
          value={settings.quitWhileBusy}
          onChange={(quitWhileBusy) => wish({ quitWhileBusy })}
          options={QUIT_CHOICES.map((choice) => ({ value: choice, label: t(`desktop.quits.${choice}`) }))}
        />
      </Row>
    </Group>
  );
}
