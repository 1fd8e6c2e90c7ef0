import { Check, ChevronDown, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RunRecord } from '#contract/records';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Popover } from '../../ui/popover.tsx';
import { ModelField } from './models/model-field.tsx';
import { useTurnPlace } from './turn-actions.ts';

/** Another answer to the same message: by whoever answered, or by somebody else. The one that stands there is kept. */
export function RegenerateMenu({ run }: { run: RunRecord }) {
  const { t } = useTranslation();
  const { profiles, actions } = useTurnPlace();
  const [profile, setProfile] = useState(run.profile);
  const [model, setModel] = useState('');
  const chosen = profiles.find((each) => each.name === profile);
  return (
    <>
      <IconButton
        small
        data-testid="regenerate"
        icon={RefreshCw}
        label={t('regenerate.again')}
        onClick={() => actions.retry(run.id)}
      />
      <Popover
        kind="dialog"
        label={t('regenerate.with')}
        side="above"
        align="end"
        className="w-80"
        trigger={(props) => (
          <button
            type="button"
            {...props}
            data-testid="regenerate-with"
            aria-label={t('regenerate.with')}
            title={t('regenerate.with')}
            className="touch-square inline-grid h-6 w-6 flex-none place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
          >
            <Icon of={ChevronDown} size={12} />
          </button>
        )}
      >
        {(close) => (
          <form
            className="grid gap-3 text-sm whitespace-normal text-ink"
            onSubmit={(event) => {
              event.preventDefault();
              close();
              actions.retry(run.id, { profile, ...(model.trim() === '' ? {} : { model: model.trim() }) });
            }}
          >
            <fieldset>
              <legend className="mb-1 text-xs text-ink-2">{t('regenerate.with')}</legend>
              <div role="radiogroup" className="grid gap-px">
                {profiles.map((each) => (
                  <button
                    key={each.id}
                    type="button"
                    role="radio"
                    aria-checked={each.name === profile}
                    {...(each.name === run.profile ? { 'data-first': true } : {})}
                    onClick={() => {
                      // The model belongs to the profile that was.
                      if (each.name !== profile) setModel('');
                      setProfile(each.name);
                    }}
                    className="touch -mx-2 flex h-7 w-[calc(100%+1rem)] items-center gap-2 rounded-md px-2 text-left hover:bg-hover"
                  >
                    <Icon of={Check} size={14} className={each.name === profile ? '' : 'invisible'} />
                    <span className="min-w-0 flex-1 truncate">{each.name}</span>
                    <span className="text-xs text-ink-3">{t(`kind.${each.kind}`)}</span>
                  </button>
                ))}
              </div>
            </fieldset>
            {chosen !== undefined && chosen.kind !== 'demo' && (
              <ModelField key={chosen.id} profile={chosen} value={model} hint="" onType={setModel} onPick={setModel} />
            )}
            <p className="text-xs text-ink-3">{t('regenerate.kept')}</p>
            <span className="flex justify-end">
              <Button type="submit" icon={RefreshCw} data-testid="regenerate-go">
                {t('regenerate.go')}
              </Button>
            </span>
          </form>
        )}
      </Popover>
    </>
  );
}
