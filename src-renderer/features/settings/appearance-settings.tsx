import { Minus, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { LOCALES } from '#contract/locale';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Switch } from '../../ui/switch.tsx';
import { SelectField } from '../../ui/text-field.tsx';
import { Group, Row } from './settings-group.tsx';
import { useSettingsStore } from './settings-store.ts';
import { textSizeAfter } from './text-size.ts';

const THEMES = ['system', 'light', 'dark'] as const;

/** Each in its own words, so that whoever does not read the present one finds the way back. */
const LANGUAGE_NAMES: Record<(typeof LOCALES)[number], string> = { en: 'English', 'zh-CN': '简体中文' };

/** How Sluice looks and speaks. */
export function AppearanceSettings({ onShowShortcuts }: { onShowShortcuts: () => void }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const { settings, change } = useSettingsStore();
  const { textSize } = settings;
  return (
    <Group name="appearance" title={t('settings.appearance')}>
      <Row title={t('settings.language')} hint={t('settings.languageHint')} words={Object.values(LANGUAGE_NAMES)}>
        <div className="w-48">
          <SelectField
            hideLabel
            label={t('settings.language')}
            data-testid="language"
            value={settings.language}
            onChange={(event) => {
              const language = LOCALES.find((locale) => locale === event.target.value) ?? 'system';
              void change(api, { language });
            }}
            options={[
              { value: 'system', label: t('settings.languageSystem') },
              ...LOCALES.map((locale) => ({ value: locale, label: LANGUAGE_NAMES[locale] })),
            ]}
          />
        </div>
      </Row>
      <Row
        title={t('settings.theme')}
        hint={t('settings.themeHint')}
        words={THEMES.map((theme) => t(`settings.themes.${theme}`))}
      >
        <Segmented
          label={t('settings.theme')}
          value={settings.theme}
          onChange={(theme) => void change(api, { theme })}
          options={THEMES.map((theme) => ({ value: theme, label: t(`settings.themes.${theme}`) }))}
        />
      </Row>
      <Row title={t('settings.textSize')} hint={t('settings.textSizeHint')}>
        <div className="-mx-1.5 flex items-center gap-1">
          <IconButton
            icon={Minus}
            label={t('command.textSmaller')}
            onClick={() => void change(api, { textSize: textSizeAfter(textSize, -1) })}
          />
          <output data-testid="text-size" className="num w-14 text-center">
            {t('unit.percent', { value: textSize })}
          </output>
          <IconButton
            icon={Plus}
            label={t('command.textLarger')}
            onClick={() => void change(api, { textSize: textSizeAfter(textSize, 1) })}
          />
          {textSize !== 100 && (
            <Button look="plain" onClick={() => void change(api, { textSize: 100 })}>
              {t('settings.resetPrompt')}
            </Button>
          )}
        </div>
      </Row>
      <Row title={t('settings.reduceMotion')} hint={t('settings.reduceMotionHint')}>
        <Switch
          label={t('settings.reduceMotion')}
          checked={settings.reduceMotion}
          onChange={(reduceMotion) => void change(api, { reduceMotion })}
        />
      </Row>
      <Row title={t('command.showShortcuts')} hint={t('settings.shortcutsHint')}>
        <Button onClick={onShowShortcuts}>{t('settings.showShortcuts')}</Button>
      </Row>
    </Group>
  );
}
