import { useTranslation } from 'react-i18next';
import type { ProfileRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { isComposing } from '../../ui/is-composing.ts';
import { Switch } from '../../ui/switch.tsx';
import { SelectField, TextField } from '../../ui/text-field.tsx';
import { useSavedText } from '../../ui/use-saved-text.ts';
import { NumberSetting } from './number-setting.tsx';
import { Group, Row } from './settings-group.tsx';
import { useSettingsStore } from './settings-store.ts';
import { summarisers } from './summarisers.ts';

/** The ranges that the contract's schema allows; the first in percent. */
const THRESHOLD_RANGE = { min: 5, max: 95 };
const MESSAGES_RANGE = { min: 0, max: 100_000 };
const TAIL_RANGE = { min: 0, max: 500 };

/** When long conversations are compacted, and by whom. */
export function ContextSettings({ profiles }: { profiles: readonly ProfileRecord[] }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const { compressionEnabled, summaryProfile, summaryModel } = useSettingsStore((state) => state.settings);
  const change = useSettingsStore((state) => state.change);
  const model = useSavedText(
    summaryModel,
    async (text) => {
      const error = await change(api, { summaryModel: text.trim() });
      return error === null ? null : error.message;
    },
    null,
  );
  return (
    <Group name="context" title={t('settings.context')}>
      <Row title={t('settings.compact')} hint={t('settings.compactHint')}>
        <Switch
          label={t('settings.compact')}
          checked={compressionEnabled}
          onChange={(next) => void change(api, { compressionEnabled: next })}
        />
      </Row>
      <NumberSetting
        title={t('settings.threshold')}
        hint={t('settings.thresholdHint')}
        name="compressionThreshold"
        range={THRESHOLD_RANGE}
        scale="percent"
      />
      <NumberSetting
        title={t('settings.maxMessages')}
        hint={t('settings.maxMessagesHint')}
        name="compressionMaxMessages"
        range={MESSAGES_RANGE}
      />
      <NumberSetting
        title={t('settings.tailMessages')}
        hint={t('settings.tailMessagesHint')}
        name="compressionTailMessages"
        range={TAIL_RANGE}
      />
      <Row title={t('settings.summaryProfile')} hint={t('settings.summaryProfileHint')}>
        <div className="w-48">
          <SelectField
            hideLabel
            label={t('settings.summaryProfile')}
            data-testid="summary-profile"
            value={summaryProfile}
            onChange={(event) => void change(api, { summaryProfile: event.target.value })}
            options={[
              { value: '', label: t('settings.ownProfile') },
              ...summarisers(profiles, summaryProfile).map((name) => ({ value: name, label: name })),
            ]}
          />
        </div>
      </Row>
      <Row title={t('settings.summaryModel')} hint={t('settings.summaryModelHint')}>
        <div className="w-48">
          <TextField
            hideLabel
            mono
            label={t('settings.summaryModel')}
            data-testid="summary-model"
            value={model.text}
            problem={model.problem}
            onChange={(event) => model.onChange(event.target.value)}
            onBlur={model.flush}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !isComposing(event.nativeEvent)) model.flush();
            }}
          />
        </div>
      </Row>
    </Group>
  );
}
