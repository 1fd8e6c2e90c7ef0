import { useTranslation } from 'react-i18next';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { TextArea } from '../../ui/text-field.tsx';
import { useSavedText } from '../../ui/use-saved-text.ts';
import { Setting, Words } from './settings-group.tsx';
import { useSettingsStore } from './settings-store.ts';

/** Text that is typed is stored when the writer pauses this long. */
const PAUSE_MS = 800;

/** What every model is told first. Nothing written: Sluice's own text. */
export function BasePrompt() {
  const { t } = useTranslation();
  const { api } = useCore();
  const stored = useSettingsStore((state) => state.settings.systemPrompt);
  const change = useSettingsStore((state) => state.change);
  const save = async (systemPrompt: string) => {
    const error = await change(api, { systemPrompt });
    return error === null ? null : error.message;
  };
  const field = useSavedText(stored, save, PAUSE_MS);
  const reset = () => {
    field.onChange('');
    field.flush();
  };
  return (
    <Setting words={[t('settings.basePrompt'), t('settings.basePromptHint')]} className="px-4 py-2.5">
      <div className="mb-2 flex min-h-7 items-center gap-4">
        <div className="min-w-0 flex-1">
          <p className="font-medium">
            <Words text={t('settings.basePrompt')} />
          </p>
          <p className="text-xs text-ink-3">
            <Words text={t('settings.basePromptHint')} />
          </p>
        </div>
        {field.text !== '' && (
          <Button look="plain" className="-mr-2" data-testid="reset-prompt" onClick={reset}>
            {t('settings.resetPrompt')}
          </Button>
        )}
      </div>
      <TextArea
        hideLabel
        label={t('settings.basePrompt')}
        data-testid="base-prompt"
        placeholder={t('settings.basePromptOwn')}
        value={field.text}
        problem={field.problem}
        onChange={(event) => field.onChange(event.target.value)}
        onBlur={field.flush}
      />
    </Setting>
  );
}
