import { Check, ChevronDown } from 'lucide-react';
import type { Ref } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { ProfileRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Icon } from '../../ui/icons.tsx';
import { Popover } from '../../ui/popover.tsx';
import { useChatStore } from './chat-store.ts';
import type { Choice } from './kept-choice.ts';
import { ModelField } from './models/model-field.tsx';
import { pickModel } from './models/pick-model.ts';

interface ProfilePickerProps {
  sessionId: string;
  profiles: ProfileRecord[];
  /** The profile that answers where none was chosen; null while that is not known. */
  defaultProfile: string | null;
  /** The button, for the remedy that asks for another model. */
  buttonRef?: Ref<HTMLButtonElement>;
  /** The model was chosen: whoever did goes on writing. */
  onChosen: () => void;
  /** The choice holds for this page and could not be stored. */
  onFailure: (error: AppError) => void;
}

const NO_CHOICE: Choice = {};

/** Who answers: the profile, fixed once a conversation has begun, and the model from the next message on. */
export function ProfilePicker({
  sessionId,
  profiles,
  defaultProfile,
  buttonRef,
  onChosen,
  onFailure,
}: ProfilePickerProps) {
  const { t } = useTranslation();
  const choice = useChatStore((state) => state.choices[sessionId] ?? NO_CHOICE);
  const session = useChatStore((state) => state.sessions[sessionId]);
  const isNew = useChatStore((state) => state.isNew && state.currentId === sessionId);
  const choose = useChatStore((state) => state.choose);
  // What a conversation has chosen comes with it; until then nobody is named, rather than somebody else.
  const own = choice.profile ?? session?.profile ?? null;
  const name = own ?? (isNew || session !== undefined ? defaultProfile : null);
  const profile = profiles.find((each) => each.name === name);
  const model = choice.model ?? session?.model ?? profile?.defaultModel ?? null;
  const shown =
    name === null ? null : profile?.kind === 'demo' ? t('kind.demo') : model === null ? name : `${name} · ${model}`;
  const { api } = useCore();
  return (
    <Popover
      kind="dialog"
      label={t('picker.label')}
      side="above"
      beside="[data-composer]"
      className="w-96"
      trigger={(props) => (
        <button
          type="button"
          {...props}
          ref={buttonRef}
          data-testid="profile-picker"
          // Opened before it is known who there is, it would have nothing to type into.
          disabled={shown === null || profiles.length === 0}
          aria-label={shown === null ? t('picker.label') : t('picker.who', { name: shown })}
          className="touch inline-flex h-7 min-w-0 items-center gap-1.5 rounded-md px-2 text-ink-2 hover:bg-hover hover:text-ink"
        >
          <span className="truncate">{shown}</span>
          <Icon of={ChevronDown} size={12} className="text-ink-3" />
        </button>
      )}
    >
      {(close) => (
        <div className="grid gap-3">
          {isNew ? (
            <fieldset>
              <legend className="mb-1 text-xs text-ink-2">{t('picker.profile')}</legend>
              {profiles.map((each) => (
                <button
                  key={each.id}
                  type="button"
                  role="radio"
                  aria-checked={each.name === name}
                  onClick={() => {
                    // The model belongs to the profile that was; the folder stays.
                    const { model: _dropped, ...rest } = choice;
                    choose(sessionId, { ...rest, profile: each.name });
                    close();
                  }}
                  className="touch -mx-2 flex h-7 w-[calc(100%+1rem)] items-center gap-2 rounded-md px-2 text-left hover:bg-hover"
                >
                  <Icon of={Check} size={14} className={each.name === name ? '' : 'invisible'} />
                  <span className="min-w-0 flex-1 truncate">{each.name}</span>
                  <span className="text-xs text-ink-3">{t(`kind.${each.kind}`)}</span>
                </button>
              ))}
            </fieldset>
          ) : (
            // The focus has a place to go, so that Escape closes this and not the answer.
            <p
              tabIndex={-1}
              {...(profile?.kind === 'demo' ? { 'data-first': true } : {})}
              className="text-ink-2 outline-none"
            >
              {name === null ? '' : t('picker.fixed', { name })}
            </p>
          )}
          {profile !== undefined && profile.kind !== 'demo' && (
            <ModelField
              profile={profile}
              value={choice.model ?? session?.model ?? ''}
              first
              onPick={(picked) => {
                void pickModel(api, { sessionId, isNew, own: profile.defaultModel }, picked).then((error) => {
                  if (error !== null) onFailure(error);
                });
                close(false);
                onChosen();
              }}
            />
          )}
        </div>
      )}
    </Popover>
  );
}
