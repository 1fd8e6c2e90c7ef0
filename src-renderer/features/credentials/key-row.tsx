import { KeyRound, Lock, MemoryStick, Network, Power, PowerOff, RefreshCw, RotateCcw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError, Result } from '#contract/errors';
import type { CredentialRecord, ProfileRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon, type IconType } from '../../ui/icons.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useCredentialsStore } from './credentials-store.ts';
import { KeyState } from './key-state.tsx';
import { ProxyForm } from './proxy-form.tsx';

const STORAGE_ICON: Record<CredentialRecord['storage'], IconType> = {
  sealed: KeyRound,
  memory: MemoryStick,
  locked: Lock,
};

interface KeyRowProps {
  credential: CredentialRecord;
  profile: ProfileRecord;
  onChanged: () => void;
  onDelete: () => void;
  onSwitch: () => void;
  onReset: () => void;
}

/** A key that rests or failed can be made as good as new by hand. One that a person switched off is switched on. */
function canReset({ state, disabledReason }: CredentialRecord): boolean {
  if (state === 'needs_sign_in') return false;
  return state === 'cooling' || (state !== 'ready' && disabledReason !== null && disabledReason !== 'manual');
}

/** One key: how it stands, where it is kept, where it may go, and what it goes through. */
export function KeyRow({ credential, profile, onChanged, onDelete, onSwitch, onReset }: KeyRowProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const way = useCredentialsStore((state) => state.effective.find((each) => each.credentialId === credential.id));
  const [open, setOpen] = useState<'proxy' | 'sign-in' | null>(null);
  const [problem, setProblem] = useState<AppError | null>(null);
  const { label, storage, oauth } = credential;
  const now = originOf(profile.baseUrl);
  const isElsewhere = now !== null && now !== credential.approvedOrigin;
  const ended = oauth?.state === 'sign_in';
  // One that was switched off by its failures comes back by a reset.
  const isSwitchable = !credential.disabled || credential.disabledReason === 'manual';
  const needsSomebody = storage === 'locked' || isElsewhere || ended;

  const act = async (request: Promise<Result<unknown>>) => {
    const answer = await request;
    setProblem(answer.ok ? null : answer.error);
    if (answer.ok) onChanged();
  };
  const facts = [
    storage === 'locked'
      ? (credential.lockedReason ?? t('credentials.storage.locked'))
      : t(`credentials.storage.${storage}`),
    oauth !== null && !ended ? t('credentials.oauth.ready', { host: hostOf(oauth.tokenUrl) }) : '',
    ended ? t('credentials.oauth.ended', { reason: oauth.lastError ?? '' }) : '',
    way === undefined || way.source === 'none'
      ? ''
      : t(`credentials.proxy.source.${way.source}`, { url: way.url ?? '' }),
  ].filter((fact) => fact !== '');

  return (
    <div data-testid="key-row" className="border-t border-line py-1.5 pr-1.5 pl-3">
      <div className="flex items-center gap-2.5">
        <Icon of={STORAGE_ICON[storage]} className={needsSomebody ? 'text-wait-ink' : 'text-ink-2'} />
        <div className="min-w-0 flex-1">
          <p className="flex min-w-0 gap-2">
            <span className="truncate font-medium">{label}</span>
            <code className="flex-none text-xs leading-5 text-ink-2">{credential.mask}</code>
            {credential.group !== null && (
              <span className="truncate text-xs leading-5 text-ink-3">{credential.group}</span>
            )}
          </p>
          <p className={`text-xs break-words ${storage === 'locked' || ended ? 'text-wait-ink' : 'text-ink-3'}`}>
            {facts.join(' ')}
          </p>
          <KeyState credential={credential} />
        </div>
        {oauth !== null && !ended && (
          <IconButton
            small
            icon={RefreshCw}
            label={t('credentials.oauth.renew')}
            onClick={() => void act(api.request('credentials.refresh', { credentialId: credential.id }))}
          />
        )}
        {canReset(credential) && (
          <IconButton small icon={RotateCcw} label={t('credentials.reset', { label })} onClick={onReset} />
        )}
        {isSwitchable && (
          <IconButton
            small
            icon={credential.disabled ? Power : PowerOff}
            label={t(credential.disabled ? 'credentials.switchOn' : 'credentials.switchOff', { label })}
            onClick={onSwitch}
          />
        )}
        <IconButton
          small
          icon={Network}
          label={t('credentials.proxy.openFor', { label })}
          aria-expanded={open === 'proxy'}
          onClick={() => setOpen(open === 'proxy' ? null : 'proxy')}
        />
        <IconButton small icon={Trash2} label={t('credentials.deleteKey', { label })} onClick={onDelete} />
      </div>
      {isElsewhere && (
        <div className="mt-1 mr-1.5 flex flex-wrap items-center gap-2 rounded-md bg-wait-wash px-2.5 py-1.5">
          <p className="min-w-0 flex-1 text-xs break-words text-wait-ink max-word:basis-full">
            {t('credentials.host.changed', { old: credential.approvedOrigin, now })}
          </p>
          <Button
            data-testid="confirm-host"
            onClick={() =>
              void act(api.request('credentials.confirmHost', { credentialId: credential.id, origin: now }))
            }
          >
            {t('credentials.host.confirm', { now })}
          </Button>
        </div>
      )}
      {ended && open !== 'sign-in' && (
        <Button className="mt-1" onClick={() => setOpen('sign-in')}>
          {t('credentials.oauth.again')}
        </Button>
      )}
      {open === 'sign-in' && (
        <SignInAgain
          onSave={(refreshToken) =>
            void act(api.request('credentials.signIn', { credentialId: credential.id, refreshToken })).then(() =>
              setOpen(null),
            )
          }
        />
      )}
      {problem !== null && (
        <p role="alert" className="mt-1 text-xs text-stop-ink">
          {problem.message}
        </p>
      )}
      {open === 'proxy' && (
        <ProxySection
          credential={credential}
          onChanged={onChanged}
          onGroup={(group) => void act(api.request('credentials.setGroup', { credentialId: credential.id, group }))}
        />
      )}
    </div>
  );
}

function SignInAgain({ onSave }: { onSave: (refreshToken: string) => void }) {
  const { t } = useTranslation();
  const [token, setToken] = useState('');
  return (
    <form
      className="mt-1.5 mr-1.5 grid gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        onSave(token);
      }}
    >
      <TextField
        autoFocus
        required
        mono
        type="password"
        label={t('credentials.oauth.refreshToken')}
        value={token}
        onChange={(event) => setToken(event.target.value)}
      />
      <Button type="submit">{t('credentials.oauth.save')}</Button>
    </form>
  );
}

function ProxySection(props: {
  credential: CredentialRecord;
  onChanged: () => void;
  onGroup: (group: string | null) => void;
}) {
  const { credential, onChanged, onGroup } = props;
  const { t } = useTranslation();
  const proxies = useCredentialsStore((state) => state.proxies);
  const [group, setGroup] = useState(credential.group ?? '');
  const of = (scope: 'credential' | 'group', owner: string) =>
    proxies.find((each) => each.scope === scope && each.owner === owner);
  return (
    <div className="mt-2 mr-1.5 mb-1 grid gap-3 rounded-md border border-line p-3">
      <section aria-label={t('credentials.proxy.title', { label: credential.label })} className="grid gap-2">
        <h3 className="text-xs font-medium">{t('credentials.proxy.title', { label: credential.label })}</h3>
        <ProxyForm
          scope="credential"
          owner={credential.id}
          known={of('credential', credential.id)}
          onDone={onChanged}
        />
      </section>
      <TextField
        label={t('credentials.proxy.group')}
        hint={t('credentials.proxy.groupHint')}
        value={group}
        onChange={(event) => setGroup(event.target.value)}
        onBlur={() => {
          const wanted = group.trim() === '' ? null : group.trim();
          if (wanted !== credential.group) onGroup(wanted);
        }}
      />
      {credential.group !== null && (
        <section aria-label={t('credentials.proxy.groupTitle', { group: credential.group })} className="grid gap-2">
          <h3 className="text-xs font-medium">{t('credentials.proxy.groupTitle', { group: credential.group })}</h3>
          <ProxyForm
            key={credential.group}
            scope="group"
            owner={credential.group}
            known={of('group', credential.group)}
            onDone={onChanged}
          />
        </section>
      )}
    </div>
  );
}

function originOf(baseUrl: string): string | null {
  return baseUrl === '' ? null : (URL.parse(baseUrl)?.origin ?? null);
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
