import { Check, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProfileRecord } from '#contract/records';
import { Button } from '../../ui/button.tsx';
import { Tag } from '../../ui/tag.tsx';
import { AddKeyForm } from './add-key-form.tsx';
import { EditAddress } from './edit-address.tsx';
import { HealthLine } from './health-line.tsx';
import { useHealthCheck } from './use-health-check.ts';

interface ProfileSectionProps {
  profile: ProfileRecord;
  /** All keys that it has, also those that a filter hides. */
  keyCount: number;
  isDefault: boolean;
  onMakeDefault: () => void;
  onChanged: () => void;
  onDelete: () => void;
  /** The cards of its keys. */
  children: ReactNode;
}

/** An upstream: where requests go, and the keys that they are signed with. */
export function ProfileSection(props: ProfileSectionProps) {
  const { profile, keyCount, isDefault, onMakeDefault, onChanged, onDelete, children } = props;
  const { t } = useTranslation();
  const [open, setOpen] = useState<'key' | 'address' | null>(null);
  const isDemo = profile.kind === 'demo';
  const health = useHealthCheck(profile.id);
  const done = () => {
    setOpen(null);
    onChanged();
  };
  return (
    <section data-testid="profile-card" aria-label={profile.name} className="grid grid-cols-1 gap-2">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
        <h2 className="min-w-0 truncate">
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
          <Button look="plain" className="h-6 text-xs" onClick={onMakeDefault}>
            {t('credentials.makeDefault')}
          </Button>
        )}
        <span className="flex-1" />
        {!isDemo && open === null && (
          <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
            {/* A plain button begins with its words, so that whichever comes first in a line stands under the name. */}
            <Button
              look="plain"
              className="-ml-2 h-6.5 text-xs"
              data-testid="check-health"
              onClick={() => void health.check()}
            >
              {t(health.isAsking ? 'credentials.health.checking' : 'credentials.health.check')}
            </Button>
            <Button
              look="plain"
              className="-ml-2 h-6.5 text-xs"
              data-testid="edit-address-open"
              onClick={() => setOpen('address')}
            >
              {t('credentials.editAddress.open')}
            </Button>
            <Button look="plain" className="-ml-2 h-6.5 text-xs" onClick={onDelete}>
              {t('credentials.deleteProfile')}
            </Button>
            <Button className="h-6.5 text-xs" icon={Plus} data-testid="add-key" onClick={() => setOpen('key')}>
              {t('credentials.addKey')}
            </Button>
          </div>
        )}
        {!isDemo && open === null && <HealthLine told={health.told} />}
        <p className="basis-full text-xs wrap-anywhere text-ink-3">
          {isDemo ? t('credentials.demoAddress') : t('credentials.calls')}
          {!isDemo && <code className="text-ink-2">{profile.chatUrl || profile.baseUrl}</code>}
          {profile.defaultModel !== null && !isDemo && ` · ${profile.defaultModel}`}
        </p>
      </div>
      {open !== null && (
        <div className="rounded-lg border border-line-2 bg-raised">
          {open === 'key' ? (
            <AddKeyForm
              profileId={profile.id}
              suggestedLabel={t('credentials.nextKey', { number: keyCount + 1 })}
              onCancel={() => setOpen(null)}
              onDone={done}
            />
          ) : (
            <EditAddress profile={profile} onCancel={() => setOpen(null)} onDone={done} />
          )}
        </div>
      )}
      {!isDemo && keyCount === 0 && open !== 'key' && <p className="text-ink-2">{t('credentials.noKey')}</p>}
      {children}
    </section>
  );
}
