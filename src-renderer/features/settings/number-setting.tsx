import { useTranslation } from 'react-i18next';
import { useCore } from '../../ipc/use-api.ts';
import { isComposing } from '../../ui/is-composing.ts';
import { TextField } from '../../ui/text-field.tsx';
import { useSavedText } from '../../ui/use-saved-text.ts';
import { type NumberRange, readNumber } from './read-number.ts';
import { Row } from './settings-group.tsx';
import { useSettingsStore } from './settings-store.ts';

interface NumberSettingProps {
  title: string;
  hint: string;
  name:
    | 'maxQueuePerSession'
    | 'maxConcurrentRuns'
    | 'compressionThreshold'
    | 'compressionMaxMessages'
    | 'compressionTailMessages'
    | 'credentialQueueWaitMs'
    | 'maxRequestsInFlight'
    | 'rateLimitCooldownMs'
    | 'upstreamErrorCooldownMs'
    | 'timeoutCooldownMs'
    | 'overageCooldownMs'
    | 'suspiciousCooldownMs'
    | 'credentialRestWaitMs'
    | 'credentialQueueLimit'
    | 'prefixMinTokens'
    | 'prefixCapacity';
  range: NumberRange;
  /** The setting is a share, written here in percent, or milliseconds, written in seconds. */
  scale?: 'percent' | 'seconds';
}

/** A limit. It is stored when the field is left; what is out of range stays in the field and says so. */
export function NumberSetting({ title, hint, name, range, scale }: NumberSettingProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const stored = useSettingsStore((state) => state.settings[name]);
  const change = useSettingsStore((state) => state.change);
  const stands =
    scale === 'percent' ? (value: number) => value / 100 : (value: number) => value * (scale === 'seconds' ? 1000 : 1);
  const shown = scale === 'percent' ? stored * 100 : stored / (scale === 'seconds' ? 1000 : 1);
  const save = async (text: string) => {
    const value = readNumber(text, range);
    if (value === null) return t('settings.outOfRange', { ...range });
    const error = await change(api, { [name]: stands(value) });
    return error === null ? null : error.message;
  };
  const field = useSavedText(String(Math.round(shown)), save, null);
  return (
    <Row title={title} hint={hint}>
      <div className="w-28">
        <TextField
          hideLabel
          label={title}
          data-testid={`setting-${name}`}
          inputMode="numeric"
          value={field.text}
          problem={field.problem}
          onChange={(event) => field.onChange(event.target.value)}
          onBlur={field.flush}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !isComposing(event.nativeEvent)) field.flush();
          }}
          className="num text-right"
        />
      </div>
    </Row>
  );
}
