import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError, Result } from '#contract/errors';
import type { AppInfo, CredentialRecord, ProfileRecord } from '#contract/records';
import { ErrorNote } from '../../errors/error-note.tsx';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { ConnectForm } from './connect-form.tsx';
import { useCredentialsStore } from './credentials-store.ts';
import { ProfileCard } from './profile-card.tsx';
import { ProxyForm } from './proxy-form.tsx';
import { SecretsNote } from './secrets-note.tsx';

interface CredentialsPageProps {
  info: AppInfo | null;
  defaultProfile: string;
  onMakeDefault: (profileName: string) => void;
  /** What keys are kept with has changed. */
  onSecretsChanged: () => void;
}

type Doomed = { kind: 'key'; credential: CredentialRecord } | { kind: 'profile'; profile: ProfileRecord };

/** Who can answer, and with which keys. */
export function CredentialsPage({ info, defaultProfile, onMakeDefault, onSecretsChanged }: CredentialsPageProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const { profiles, credentials, proxies, problem, load } = useCredentialsStore();
  const general = proxies.find((each) => each.scope === 'global');
  const [adding, setAdding] = useState(false);
  const [doomed, setDoomed] = useState<Doomed | null>(null);
  const [refused, setRefused] = useState<AppError | null>(null);

  const remove = async (target: Doomed) => {
    const answer: Result<unknown> =
      target.kind === 'key'
        ? await api.request('credentials.delete', { credentialId: target.credential.id })
        : await api.request('profiles.delete', { profileId: target.profile.id });
    setRefused(answer.ok ? null : answer.error);
    await load(api);
  };
  const change = async (route: 'credentials.setDisabled' | 'credentials.reset', credential: CredentialRecord) => {
    const ids = [credential.id];
    const answer =
      route === 'credentials.reset'
        ? await api.request(route, { credentialIds: ids })
        : await api.request(route, { credentialIds: ids, disabled: !credential.disabled });
    const result = answer.ok ? answer.data.results[0] : null;
    setRefused(answer.ok ? (result?.ok === false ? result.error : null) : answer.error);
    await load(api);
  };
  const failure = refused ?? problem;

  return (
    <>
      <PageHeader title={t('credentials.title')}>
        <Button look="go" icon={Plus} data-testid="add-profile" onClick={() => setAdding(true)}>
          {t('credentials.addProfile')}
        </Button>
      </PageHeader>
      <div className="page">
        <div className="mx-auto grid max-w-(--column) gap-4">
          {info !== null && <SecretsNote secrets={info.secrets} onChanged={onSecretsChanged} />}
          {failure !== null && <ErrorNote {...failure} onRemedy={() => void load(api)} />}
          {adding && (
            <section aria-label={t('credentials.addProfile')} className="rounded-lg border border-line bg-raised p-4">
              <h2 className="mb-3">{t('credentials.addProfile')}</h2>
              <ConnectForm
                submit={t('credentials.save')}
                onCancel={() => setAdding(false)}
                onDone={(profile) => {
                  setAdding(false);
                  if (profiles?.every((each) => each.kind === 'demo') === true) onMakeDefault(profile.name);
                }}
              />
            </section>
          )}
          {profiles?.map((profile) => (
            <ProfileCard
              key={profile.id}
              profile={profile}
              credentials={credentials?.filter((each) => each.profileId === profile.id) ?? []}
              isDefault={profile.name === defaultProfile}
              onMakeDefault={() => onMakeDefault(profile.name)}
              onChanged={() => void load(api)}
              onDeleteKey={(credential) => setDoomed({ kind: 'key', credential })}
              onSwitchKey={(credential) => void change('credentials.setDisabled', credential)}
              onResetKey={(credential) => void change('credentials.reset', credential)}
              onDeleteProfile={() => setDoomed({ kind: 'profile', profile })}
            />
          ))}
          {profiles !== null && (
            <section
              aria-label={t('credentials.proxy.general')}
              className="grid gap-2 rounded-lg border border-line bg-raised px-3 py-2.5"
            >
              <div>
                <h2>{t('credentials.proxy.general')}</h2>
                <p className="text-xs text-ink-3">{t('credentials.proxy.generalHint')}</p>
              </div>
              <ProxyForm
                key={general?.updatedAtMs ?? 0}
                scope="global"
                owner=""
                known={general}
                onDone={() => void load(api)}
              />
            </section>
          )}
        </div>
      </div>
      {doomed !== null && (
        <ConfirmDialog
          title={
            doomed.kind === 'key'
              ? t('credentials.confirmKey.title', { label: doomed.credential.label })
              : t('credentials.confirmProfile.title', { name: doomed.profile.name })
          }
          body={t(doomed.kind === 'key' ? 'credentials.confirmKey.body' : 'credentials.confirmProfile.body')}
          confirm={t(doomed.kind === 'key' ? 'credentials.confirmKey.yes' : 'credentials.confirmProfile.yes')}
          cancel={t(doomed.kind === 'key' ? 'credentials.confirmKey.no' : 'credentials.confirmProfile.no')}
          onConfirm={() => void remove(doomed)}
          onClose={() => setDoomed(null)}
        />
      )}
    </>
  );
}
