import { useTranslation } from 'react-i18next';
import type { ProfileRecord } from '#contract/records';
import { useModels } from '../../../ipc/models-store.ts';
import { ComboField } from '../../../ui/combo-field.tsx';
import { noteModel, recentModels } from './recent-models.ts';

interface ModelFieldProps {
  profile: ProfileRecord;
  /** Empty: the profile's own. */
  value: string;
  first?: boolean;
  /** What is said of a choice, below a list that could be read. */
  hint?: string;
  /** Each letter, where what was typed counts without a row being taken. */
  onType?: (model: string) => void;
  onPick: (model: string) => void;
}

/** Which of a provider's models answers: found by a few letters, or typed whole where the provider does not list it. */
export function ModelField({ profile, value, first = false, hint, onType, onPick }: ModelFieldProps) {
  const { t } = useTranslation();
  const known = useModels(profile);
  const own =
    profile.defaultModel === null ? t('picker.modelDefault') : t('picker.own', { model: profile.defaultModel });
  const note =
    known === null || known.state === 'known'
      ? (hint ?? t('picker.modelHint'))
      : known.state === 'asking'
        ? t('picker.asking', { name: profile.name })
        : t('picker.noList', { reason: known.said ?? t('picker.tellsNone', { name: profile.name }) });
  return (
    <ComboField
      label={t('picker.model')}
      note={note}
      placeholder={profile.defaultModel ?? t('picker.modelDefault')}
      value={value}
      options={known?.models ?? []}
      recent={recentModels(profile.id)}
      own={own}
      recentTitle={t('picker.recent')}
      optionsTitle={t('picker.all', { name: profile.name })}
      typedLabel={(typed) => t('picker.use', { model: typed })}
      first={first}
      {...(onType === undefined ? {} : { onType })}
      onPick={(model) => {
        noteModel(profile.id, model);
        onPick(model);
      }}
    />
  );
}
