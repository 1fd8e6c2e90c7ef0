import { Check, KeyRound, Lock, MemoryStick, Plus, Power, PowerOff, RotateCcw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CredentialRecord, ProfileRecord } from '#contract/records';
import { Button } from '../../ui/button.tsx';
import { formatTime } from '../../ui/format.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon, type IconType } from '../../ui/icons.tsx';
import { Tag } from '../../ui/tag.tsx';
import { useNow } from '../../ui/use-now.ts';
import { AddKeyForm } from './add-key-form.tsx';

interface ProfileCardProps {
  profile: ProfileRecord;
  credentials: CredentialRecord[];
  isDefault: boolean;
  onMakeDefault: () => void;
  onChanged: () => void;
  onDeleteKey: (credential: CredentialRecord) => void;
  onSwitchKey: (credential: CredentialRecord) => void;
  onResetKey: (credential: CredentialRecord) => void;
  onDeleteProfile: () => void;
}

/** An upstream with its keys: where requests go and what they are signed with. */
export function ProfileCard(props: ProfileCardProps) {
  const {
    profile,
    credentials,
    isDefault,
    onMakeDefault,
    onChanged,
    onDeleteKey,
    onSwitchKey,
    onResetKey,
    onDeleteProfile,
  } = props;
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const isDemo = profile.kind === 'demo';
  return (
    <article
      data-testid="profile-card"
      aria-label={profile.name}
      className="overflow-hidden rounded-lg border border-line bg-raised"
    >
      <div className="flex min-h-7 items-center gap-2 pt-2 pr-2.5 pl-3">
        <h2 className="min-w-0 flex-1 truncate">
          {profile.name}
          {profile.name !== t(`kind.${profile.kind}`) && (
            <span className="ml-1.5 font-normal text-ink-3">{t(`kind.${profile.kind}`)}</span>
          )}
        </h2>
        {isDefault ? (
          <Tag look="ready" icon={Check}>
            {t('credentials.default')}
          </Tag>
        ) : (
          <Button look="plain" className="-my-0.5 h-6 text-xs" onClick={onMakeDefault}>
            {t('credentials.makeDefault')}
          </Button>
        )}
      </div>
      <p className="truncate px-3 pt-0.5 pb-2.5 text-xs text-ink-3" title={profile.chatUrl}>
        {isDemo ? t('credentials.demoAddress') : t('credentials.calls')}
        {!isDemo && <code className="text-ink-2">{profile.chatUrl || profile.baseUrl}</code>}
        {profile.defaultModel !== null && !isDemo && ` · ${profile.defaultModel}`}
      </p>
      {credentials.map((credential) => (
        <KeyRow
          key={credential.id}
          credential={credential}
          onDelete={() => onDeleteKey(credential)}
          onSwitch={() => onSwitchKey(credential)}
          onReset={() => onResetKey(credential)}
        />
      ))}
      {!isDemo && credentials.length === 0 && (
        <p className="border-t border-line px-3 py-2 text-ink-2">{t('credentials.noKey')}</p>
      )}
      {adding && (
        <AddKeyForm
          profileId={profile.id}
          suggestedLabel={t('credentials.nextKey', { number: credentials.length + 1 })}
          onCancel={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            onChanged();
          }}
        />
      )}
      {!isDemo && !adding && (
        <div className="flex items-center justify-between border-t border-line py-1 pr-1.5 pl-1.5">
          <Button
            look="plain"
            icon={Plus}
            className="h-6.5 text-xs"
            data-testid="add-key"
            onClick={() => setAdding(true)}
          >
            {t('credentials.addKey')}
          </Button>
          <Button look="plain" className="h-6.5 text-xs" onClick={onDeleteProfile}>
            {t('credentials.deleteProfile')}
          </Button>
        </div>
      )}
    </article>
  );
}

const STORAGE_ICON: Record<CredentialRecord['storage'], IconType> = {
  sealed: KeyRound,
  memory: MemoryStick,
  locked: Lock,
};

/** A key that rests or failed can be made as good as new by hand. One that a person switched off is switched on. */
function canReset({ state, disabledReason }: CredentialRecord): boolean {
  return state === 'cooling' || (state !== 'ready' && disabledReason !== null && disabledReason !== 'manual');
}

/** How a key stands, in words. Nothing where it is simply ready. */
function KeyState({ credential }: { credential: CredentialRecord }) {
  const { t } = useTranslation();
  const { state, lastError } = credential;
  const now = useNow(state === 'cooling');
  // A rest ends by itself, without news from the core.
  const rest = credential.rests.find(({ untilMs }) => untilMs > now);
  if (state === 'ready' || state === 'locked' || (state === 'cooling' && rest === undefined)) return null;
  const words =
    state === 'cooling' && rest !== undefined
      ? t('credentials.state.cooling', {
          time: formatTime(rest.untilMs),
          kind: t(`credentials.rest.${rest.kind}`),
        })
      : t(`credentials.state.${state}`);
  return (
    <p
      data-testid="key-state"
      className={`text-xs ${state === 'disabled' || state === 'busy' ? 'text-ink-2' : 'text-wait-ink'}`}
      title={rest?.reason ?? lastError?.message}
    >
      {words}
    </p>
  );
}

interface KeyRowProps {
  credential: CredentialRecord;
  onDelete: () => void;
  onSwitch: () => void;
  onReset: () => void;
}

function KeyRow({ credential, onDelete, onSwitch, onReset }: KeyRowProps) {
  const { t } = useTranslation();
  const locked = credential.storage === 'locked';
  // One that was switched off by its failures comes back by a reset.
  const isSwitchable = !credential.disabled || credential.disabledReason === 'manual';
  return (
    <div data-testid="key-row" className="flex items-center gap-2.5 border-t border-line py-1.5 pr-1.5 pl-3">
      <Icon of={STORAGE_ICON[credential.storage]} className={locked ? 'text-wait-ink' : 'text-ink-2'} />
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 gap-2">
          <span className="truncate font-medium">{credential.label}</span>
          <code className="flex-none text-xs leading-5 text-ink-2">{credential.mask}</code>
        </p>
        <p className={`text-xs ${locked ? 'text-wait-ink' : 'text-ink-3'}`}>
          {t(`credentials.storage.${credential.storage}`)}
        </p>
        <KeyState credential={credential} />
      </div>
      {canReset(credential) && (
        <IconButton
          small
          icon={RotateCcw}
          label={t('credentials.reset', { label: credential.label })}
          onClick={onReset}
        />
      )}
      {isSwitchable && (
        <IconButton
          small
          icon={credential.disabled ? Power : PowerOff}
          label={t(credential.disabled ? 'credentials.switchOn' : 'credentials.switchOff', { label: credential.label })}
          onClick={onSwitch}
        />
      )}
      <IconButton
        small
        icon={Trash2}
        label={t('credentials.deleteKey', { label: credential.label })}
        onClick={onDelete}
      />
    </div>
  );
}
