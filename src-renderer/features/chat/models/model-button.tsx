import { ChevronDown } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProfileRecord } from '#contract/records';
import { Icon } from '../../../ui/icons.tsx';
import { Popover } from '../../../ui/popover.tsx';
import { ModelField } from './model-field.tsx';

interface ModelButtonProps {
  profile: ProfileRecord;
  /** Empty: the profile's own. */
  value: string;
  problem: string | undefined;
  onPick: (model: string) => void;
}

/** The chosen model as a field of a form; pressed, it opens the list that the composer has. */
export function ModelButton({ profile, value, problem, onPick }: ModelButtonProps) {
  const { t } = useTranslation();
  const id = useId();
  const own =
    profile.defaultModel === null ? t('picker.modelDefault') : t('picker.own', { model: profile.defaultModel });
  return (
    <div className="min-w-0 [&>div]:flex">
      <p id={`${id}-label`} className="mb-1 text-xs text-ink-2">
        {t('conversation.model')}
      </p>
      <Popover
        kind="dialog"
        label={t('conversation.model')}
        className="w-80"
        align="end"
        trigger={(props) => (
          <button
            type="button"
            {...props}
            id={`${id}-value`}
            data-testid="conversation-model"
            aria-labelledby={`${id}-label ${id}-value`}
            aria-describedby={problem === undefined ? undefined : `${id}-problem`}
            className="touch flex h-8 w-full min-w-0 items-center gap-2 rounded-md border border-line-control bg-raised px-2.5 text-left hover:bg-hover"
          >
            <span className={`min-w-0 flex-1 truncate ${value === '' ? 'text-ink-2' : 'font-mono'}`}>
              {value === '' ? own : value}
            </span>
            <Icon of={ChevronDown} size={13} className="flex-none text-ink-3" />
          </button>
        )}
      >
        {(close) => (
          <ModelField
            profile={profile}
            value={value}
            first
            onPick={(model) => {
              close();
              onPick(model.trim());
            }}
          />
        )}
      </Popover>
      {problem !== undefined && (
        <p id={`${id}-problem`} role="alert" className="mt-1 text-xs break-words text-stop-ink">
          {problem}
        </p>
      )}
    </div>
  );
}
