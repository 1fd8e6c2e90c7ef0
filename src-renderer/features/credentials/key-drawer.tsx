import { ShieldCheck } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError, Result } from '#contract/errors';
import type { CredentialRecord, EffectiveProxy, ProfileRecord } from '#contract/records';
import type { CostSum } from '#contract/usage-report';
import { useCore } from '../../ipc/use-api.ts';
import { failureSentence } from '../../locales/failure-language.ts';
import { Button } from '../../ui/button.tsx';
import { Drawer, DrawerSection } from '../../ui/drawer.tsx';
import { formatMoment, formatTime } from '../../ui/format.ts';
import { formatCount } from '../../ui/format-money.ts';
import { Icon } from '../../ui/icons.tsx';
import { isComposing } from '../../ui/is-composing.ts';
import { pairText } from '../../ui/join-text.ts';
import { TextField } from '../../ui/text-field.tsx';
import { useLastPast } from '../../ui/use-now.ts';
import { useSavedText } from '../../ui/use-saved-text.ts';
import { useCredentialsStore } from './credentials-store.ts';
import { describeKey, type KeyAction, restEnds } from './describe-key.ts';
import { KeyCredit } from './key-credit.tsx';
import { KeyTag } from './key-tag.tsx';
import { Countdown, errorClass, KeyWhy, lockedWords } from './key-why.tsx';
import { hostOf, originOf } from './origin-of.ts';
import { ProxyForm } from './proxy-form.tsx';
import { ReplaceKeyDialog } from './replace-key-dialog.tsx';
import { spendText } from './spend-text.ts';
import { Stepper } from './stepper.tsx';

interface KeyDrawerProps {
  credential: CredentialRecord;
  profile: ProfileRecord;
  way: EffectiveProxy | undefined;
  spend: CostSum | null | undefined;
  /** Names of groups that there are. */
  groups: readonly string[];
  onAct: (action: KeyAction | 'disable' | 'delete') => void;
  onRenew: () => void;
  /** Says something to whoever listens instead of looking. */
  onSaid: (text: string) => void;
  onChanged: () => void;
  onClose: () => void;
}

/** Everything about one key, and what of it can be changed. */
export function KeyDrawer(props: KeyDrawerProps) {
  const { credential, profile, way, spend, groups, onAct, onRenew, onSaid, onChanged, onClose } = props;
  const { t } = useTranslation();
  const { api } = useCore();
  const pastMs = useLastPast(restEnds(credential));
  const [problem, setProblem] = useState<AppError | null>(null);
  const [editsProxy, setEditsProxy] = useState(false);
  const [replaces, setReplaces] = useState(false);
  const origin = originOf(profile.baseUrl);
  const description = describeKey(credential, origin, pastMs);
  const { look, rest, action } = description;
  const { id, label, oauth, lastError } = credential;

  const take = (answer: Result<CredentialRecord>): AppError | null => {
    setProblem(answer.ok ? null : answer.error);
    if (answer.ok) {
      useCredentialsStore.getState().put(answer.data);
      onChanged();
    }
    return answer.ok ? null : answer.error;
  };
  const update = async (changes: Omit<Parameters<typeof api.request<'credentials.update'>>[1], 'credentialId'>) => {
    const answer = await api.request('credentials.update', { credentialId: id, ...changes });
    if (!answer.ok) return answer.error.message;
    take(answer);
    return null;
  };
  const isFine = look === 'ready' || look === 'inUse' || look === 'full';

  return (
    <Drawer title={label} closeLabel={t('credentials.drawer.close')} onClose={onClose}>
      <div className="px-5 pb-4">
        <div className="mb-2 flex items-center gap-2">
          <KeyTag look={look} />
          {rest !== null && <Countdown untilMs={rest.untilMs} />}
        </div>
        <div className={isFine || look === 'disabled' ? '' : 'rounded-lg bg-wait-wash px-3 py-2.5'}>
          <p className="break-words text-ink-2">
            <KeyWhy credential={credential} description={description} />
          </p>
          {rest !== null && rest.reason !== '' && (
            <p className="mt-1 break-words text-ink-2">{failureSentence(rest.reason, rest.said)}</p>
          )}
          {rest !== null && (
            <p className="mt-1 text-xs text-ink-2">
              {t(rest.source === 'provider' ? 'credentials.drawer.byProvider' : 'credentials.drawer.byPolicy')}
            </p>
          )}
          {rest?.kind === 'suspicious_activity' && (
            <p className="mt-1 text-xs text-ink-2">{t('credentials.drawer.abuse')}</p>
          )}
          {look === 'elsewhere' && origin !== null && (
            <p className="mt-1 break-words text-ink-2">
              {t('credentials.host.changed', { old: credential.approvedOrigin, now: origin })}
            </p>
          )}
          <div className="mt-2 flex flex-wrap gap-2">
            {action !== null && action !== 'signIn' && (
              <Button data-testid={action === 'confirmHost' ? 'confirm-host' : undefined} onClick={() => onAct(action)}>
                {action === 'confirmHost'
                  ? t('credentials.host.confirm', { now: origin ?? '' })
                  : t(`credentials.do.${action}`)}
              </Button>
            )}
            {!credential.disabled && (
              <Button look="plain" onClick={() => onAct('disable')}>
                {t('credentials.do.disable')}
              </Button>
            )}
            {credential.disabled && (
              <Button look="danger" onClick={() => onAct('delete')}>
                {t('credentials.do.delete')}
              </Button>
            )}
          </div>
        </div>
        {problem !== null && (
          <p role="alert" className="mt-2 break-words text-stop-ink">
            {problem.message}
          </p>
        )}
      </div>
      {oauth !== null && (
        <DrawerSection title={t('credentials.oauth.signIn')}>
          <Rows>
            <Row name={t('credentials.oauth.tokenUrl')}>{hostOf(oauth.tokenUrl)}</Row>
            <Row name={t('credentials.oauth.clientId')}>{oauth.clientId}</Row>
            <Row name={t('credentials.oauth.renewed')}>
              {oauth.refreshedAtMs === null ? '–' : formatMoment(oauth.refreshedAtMs)}
            </Row>
          </Rows>
          {oauth.state === 'sign_in' ? (
            <SignInAgain
              onSave={async (refreshToken) =>
                take(await api.request('credentials.signIn', { credentialId: id, refreshToken }))
              }
            />
          ) : (
            <div>
              <Button onClick={onRenew}>{t('credentials.oauth.renew')}</Button>
            </div>
          )}
        </DrawerSection>
      )}
      <DrawerSection title={t('credentials.key')}>
        <SavedField
          key={`label ${id}`}
          label={t('credentials.label')}
          stored={label}
          save={(text) => update({ label: text })}
        />
        <Rows>
          <Row name={t('credentials.drawer.provider')}>{profile.name}</Row>
          <Row name={t('credentials.key')}>
            <code>{credential.mask}</code>
            {oauth === null && origin !== null && (
              <Button
                look="plain"
                className="ml-1 h-6 text-xs"
                aria-haspopup="dialog"
                data-testid="replace-key"
                onClick={() => setReplaces(true)}
              >
                {t('credentials.replace.open')}
              </Button>
            )}
          </Row>
          <Row name={t('credentials.drawer.approvedFor')}>
            <Icon of={ShieldCheck} size={14} className="mr-1 inline align-[-2px]" />
            {hostOf(credential.approvedOrigin)}
          </Row>
          <Row name={t('credentials.drawer.kept')}>
            {credential.storage === 'locked'
              ? (lockedWords(credential) ?? t('credentials.storage.locked'))
              : t(`credentials.storage.${credential.storage}`)}
          </Row>
          <Row name={t('credentials.drawer.atOnce')}>
            <Stepper
              className="-my-1 -ml-1.5 align-middle"
              less={t('credentials.drawer.fewer')}
              more={t('credentials.drawer.moreAtOnce')}
              value={credential.maxInFlight === 0 ? '∞' : String(credential.maxInFlight)}
              canLess={credential.maxInFlight > 0}
              onStep={(by) => void update({ maxInFlight: Math.max(0, credential.maxInFlight + by) })}
            />
            <span className="ml-1 text-xs text-ink-3">
              {t(credential.maxInFlight === 0 ? 'credentials.drawer.noLimit' : 'credentials.drawer.requests')}
            </span>
          </Row>
        </Rows>
        <SavedField
          key={`models ${id}`}
          label={t('credentials.drawer.models')}
          hint={t('credentials.drawer.modelsHint')}
          stored={(credential.models ?? []).join(', ')}
          mono
          save={(text) => {
            const models = [...new Set(text.split(/[\s,，、]+/).filter(Boolean))];
            return update({ models: models.length === 0 ? null : models });
          }}
        />
        <SavedField
          key={`group ${id}`}
          label={t('credentials.proxy.group')}
          hint={t('credentials.proxy.groupHint')}
          stored={credential.group ?? ''}
          options={groups}
          save={(text) => update({ group: text.trim() === '' ? null : text.trim() })}
        />
        <Rows>
          <Row name={t('credentials.drawer.proxy')}>
            {/* Below a long address the button begins where the address does. */}
            <span className="mr-3 wrap-anywhere">
              {way === undefined || way.source === 'none'
                ? t('credentials.proxy.none')
                : t(`credentials.proxy.source.${way.source}`, { url: way.url ?? '' })}
            </span>
            <Button
              look="plain"
              className="-mx-2 h-6 text-xs"
              aria-expanded={editsProxy}
              aria-label={t('credentials.proxy.changeOf', { label })}
              onClick={() => setEditsProxy(!editsProxy)}
            >
              {t('credentials.proxy.change')}
            </Button>
          </Row>
        </Rows>
        {editsProxy && (
          <OwnProxy
            credentialId={id}
            onDone={() => {
              setEditsProxy(false);
              onChanged();
            }}
          />
        )}
      </DrawerSection>
      <DrawerSection title={t('credentials.drawer.happened')}>
        <Rows>
          <Row name={t('credentials.card.successes')}>{formatCount(credential.successes)}</Row>
          <Row name={t('credentials.card.failures')}>{formatCount(credential.failures)}</Row>
          <Row name={t('credentials.drawer.transient')}>{formatCount(credential.transientFailures)}</Row>
          <Row name={t('credentials.drawer.refusals')}>{formatCount(credential.failureCount)}</Row>
          <Row name={t('credentials.drawer.lastUsed')}>
            {credential.lastUsedAtMs === null ? '–' : formatMoment(credential.lastUsedAtMs)}
          </Row>
          <Row name={t('credentials.drawer.lastError')}>
            {lastError === null
              ? '–'
              : pairText(
                  formatMoment(lastError.atMs),
                  `${t(`credentials.class.${errorClass(lastError.class)}`)}${lastError.status === null ? '' : ` (${lastError.status})`}`,
                )}
          </Row>
        </Rows>
        {lastError !== null && (
          <p className="text-xs break-words text-ink-2">{failureSentence(lastError.message, lastError.said)}</p>
        )}
        {credential.rests.length > 1 && (
          <ul className="grid gap-1 text-xs text-ink-2">
            {credential.rests.map((each) => (
              <li key={`${each.model ?? ''} ${each.kind}`}>
                {t('credentials.why.until', { time: formatTime(each.untilMs) })}{' '}
                {t('credentials.why.because', { reason: t(`credentials.rest.${each.kind}`) })}{' '}
                {each.model !== null && t('credentials.why.forModel', { model: each.model })}
              </li>
            ))}
          </ul>
        )}
      </DrawerSection>
      <DrawerSection title={t('credentials.card.thisMonth')}>
        <Rows>
          <Row name={t('credentials.drawer.spend')}>
            <span className="num">{spendText(spend)}</span>
          </Row>
        </Rows>
        {(spend?.unpricedCalls ?? 0) > 0 && (
          <p className="text-xs text-ink-3">{t('usage.unpriced', { count: spend?.unpricedCalls ?? 0 })}</p>
        )}
      </DrawerSection>
      <KeyCredit key={id} credentialId={id} onSaid={onSaid} />
      {replaces && origin !== null && (
        <ReplaceKeyDialog
          credential={credential}
          origin={origin}
          onReplaced={(record) => {
            setReplaces(false);
            take({ ok: true, data: record });
            onSaid(t('credentials.replace.done', { label: record.label }));
          }}
          onClose={() => setReplaces(false)}
        />
      )}
    </Drawer>
  );
}

function Rows({ children }: { children: ReactNode }) {
  return <dl className="grid gap-1.5">{children}</dl>;
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[7rem_minmax(0,1fr)] items-baseline gap-2">
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

interface SavedFieldProps {
  label: string;
  hint?: string;
  stored: string;
  mono?: boolean;
  options?: readonly string[];
  save: (text: string) => Promise<string | null>;
}

/** A field that stores itself when it is left or Enter is pressed; what was refused stays in it. */
function SavedField({ label, hint, stored, mono = false, options, save }: SavedFieldProps) {
  const field = useSavedText(stored, save, null);
  const list = options === undefined ? undefined : `options-${label.replaceAll(/\W/g, '-')}`;
  return (
    <div>
      <TextField
        label={label}
        hint={hint}
        mono={mono}
        value={field.text}
        problem={field.problem}
        list={list}
        onChange={(event) => field.onChange(event.target.value)}
        onBlur={field.flush}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !isComposing(event.nativeEvent)) field.flush();
        }}
      />
      {list !== undefined && (
        <datalist id={list}>
          {options?.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </div>
  );
}

function OwnProxy({ credentialId, onDone }: { credentialId: string; onDone: () => void }) {
  const known = useCredentialsStore((state) =>
    state.proxies.find(({ scope, owner }) => scope === 'credential' && owner === credentialId),
  );
  return <ProxyForm scope="credential" owner={credentialId} known={known} onDone={onDone} onCancel={onDone} stacked />;
}

function SignInAgain({ onSave }: { onSave: (refreshToken: string) => Promise<AppError | null> }) {
  const { t } = useTranslation();
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string | undefined>(undefined);
  return (
    <form
      className="grid gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void onSave(token).then((error) => {
          setProblem(error?.message);
          if (error === null) setToken('');
        });
      }}
    >
      <TextField
        required
        mono
        type="password"
        data-testid="sign-in-again"
        label={t('credentials.oauth.refreshToken')}
        value={token}
        problem={problem}
        onChange={(event) => setToken(event.target.value)}
      />
      <div>
        <Button look="solid" type="submit">
          {t('credentials.oauth.save')}
        </Button>
      </div>
    </form>
  );
}
