import { Check, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CredentialRecord, ProfileRecord } from '#contract/records';
import { Button } from '../../ui/button.tsx';
import { Tag } from '../../ui/tag.tsx';
import { AddKeyForm } from './add-key-form.tsx';
import { EditAddress } from './edit-address.tsx';
import { HealthLine } from './health-line.tsx';
import { KeyRow } from './key-row.tsx';

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
  const [editing, setEditing] = useState(false);
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
          profile={profile}
          onChanged={onChanged}
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
      {editing && (
        <EditAddress
          profile={profile}
          onCancel={() => setEditing(false)}
          onDone={() => {
            setEditing(false);
            onChanged();
          }}
        />
      )}
      {!isDemo && !adding && !editing && (
        <div className="flex flex-wrap items-center gap-x-1 border-t border-line py-1 pr-1.5 pl-1.5">
          <Button
            look="plain"
            icon={Plus}
            className="h-6.5 text-xs"
            data-testid="add-key"
            onClick={() => setAdding(true)}
          >
            {t('credentials.addKey')}
          </Button>
          <HealthLine profileId={profile.id} />
          <Button
            look="plain"
            className="h-6.5 text-xs"
            data-testid="edit-address-open"
            onClick={() => setEditing(true)}
          >
            {t('credentials.editAddress.open')}
          </Button>
          <Button look="plain" className="ml-auto h-6.5 text-xs" onClick={onDeleteProfile}>
            {t('credentials.deleteProfile')}
          </Button>
        </div>
      )}
    </article>
  );
}
