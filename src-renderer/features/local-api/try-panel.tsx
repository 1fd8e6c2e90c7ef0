import { Check, OctagonX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LocalApiTrial } from '#contract/programs';
import type { ProfileRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { failureSentence } from '../../locales/failure-language.ts';
import { Button } from '../../ui/button.tsx';
import { formatDuration } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { SelectField } from '../../ui/text-field.tsx';

interface TryPanelProps {
  profiles: readonly ProfileRecord[];
  isOn: boolean;
}

/** Has somebody say one word over the address, as a program would. What that costs stands beside the button. */
export function TryPanel({ profiles, isOn }: TryPanelProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [chosen, setChosen] = useState<string | null>(null);
  const [trial, setTrial] = useState<
    Pick<LocalApiTrial, 'ok' | 'text' | 'message' | 'said' | 'durationMs'> | 'asking' | null
  >(null);
  const demo = profiles.find((profile) => profile.kind === 'demo');
  const profile = profiles.find((each) => each.name === chosen) ?? demo ?? profiles[0];
  if (profile === undefined) return null;
  const ask = async () => {
    if (trial === 'asking' || !isOn) return;
    setTrial('asking');
    const answer = await api.request('localApi.try', { profile: profile.name });
    setTrial(answer.ok ? answer.data : { ok: false, text: null, message: answer.error.message, durationMs: 0 });
  };
  return (
    <section aria-labelledby="try" className="min-w-0">
      <h2 id="try" className="mb-2">
        {t('localApi.try.title')}
      </h2>
      <div className="grid gap-2 rounded-lg border border-line bg-raised px-4 py-3">
        <div className="flex flex-wrap items-end gap-2">
          <div className="w-48 min-w-0 flex-[0_1_auto]">
            <SelectField
              label={t('localApi.try.who')}
              data-testid="try-profile"
              value={profile.name}
              onChange={(event) => {
                setChosen(event.target.value);
                setTrial(null);
              }}
              options={profiles.map(({ name }) => ({ value: name, label: name }))}
            />
          </div>
          <Button
            tall
            data-testid="try-it"
            aria-disabled={!isOn || trial === 'asking'}
            onClick={() => void ask()}
            className="aria-disabled:border-dashed aria-disabled:text-ink-3!"
          >
            {trial === 'asking' ? t('localApi.try.asking') : t('localApi.try.ask')}
          </Button>
        </div>
        <p className="text-xs text-ink-3" data-testid="try-cost">
          {!isOn
            ? t('localApi.try.off')
            : profile.kind === 'demo'
              ? t('localApi.try.free')
              : t('localApi.try.costs', { profile: profile.name })}
        </p>
        <p
          role="status"
          data-testid="try-result"
          data-state={trial === null || trial === 'asking' ? undefined : trial.ok ? 'ok' : 'failed'}
          className="wrap-anywhere empty:hidden"
        >
          {trial !== null && trial !== 'asking' && (
            <>
              <Icon
                of={trial.ok ? Check : OctagonX}
                size={14}
                className={`mr-1.5 inline align-[-2px] ${trial.ok ? '' : 'text-stop-ink'}`}
              />
              {trial.ok
                ? t('localApi.try.worked', {
                    time: formatDuration(trial.durationMs, true),
                    text: firstLine(trial.text),
                  })
                : t('localApi.try.failed', { reason: failureSentence(trial.message ?? '', trial.said) })}
            </>
          )}
        </p>
      </div>
    </section>
  );
}

/** Shows that words came; nobody reads an answer here. */
function firstLine(text: string | null): string {
  const line = (text ?? '').split('\n')[0] ?? '';
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
