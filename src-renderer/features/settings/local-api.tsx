import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClientKeyRecord, LocalApiState } from '#contract/programs';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { formatDay } from '../../ui/format.ts';
import { Switch } from '../../ui/switch.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useCopy } from '../../ui/use-copy.ts';
import { NumberSetting } from './number-setting.tsx';
import { Group, Row } from './settings-group.tsx';
import { useSettingsStore } from './settings-store.ts';

/** The ports that the contract's schema allows. */
const PORT_RANGE = { min: 1024, max: 65_535 };

/** A key that was just made. It is shown here once; nobody can read it again. */
function NewKey({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { state, copy } = useCopy();
  return (
    <div role="status" className="grid gap-2 px-4 py-3">
      <p>{t('settings.localApi.keyOnce')}</p>
      <code data-testid="new-client-key" className="text-xs wrap-anywhere text-ink-2 select-all">
        {secret}
      </code>
      <div className="flex gap-2">
        <Button onClick={() => copy(secret)}>{state === 'copied' ? t('action.copied') : t('action.copy')}</Button>
        <Button look="plain" onClick={onClose}>
          {t('settings.localApi.keyKept')}
        </Button>
      </div>
    </div>
  );
}

function ClientRow({ client, onRevoke }: { client: ClientKeyRecord; onRevoke: () => void }) {
  const { t } = useTranslation();
  const used =
    client.lastUsedAtMs === null
      ? t('settings.localApi.neverUsed')
      : t('settings.localApi.lastUsed', { at: formatDay(client.lastUsedAtMs) });
  return (
    <li className="flex items-center gap-3 px-4 py-2">
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{client.name}</p>
        <p className="text-xs wrap-anywhere text-ink-3">
          <code>{client.mask}</code> · {used}
        </p>
      </div>
      <Button look="danger" onClick={onRevoke} aria-label={t('settings.localApi.revokeOf', { name: client.name })}>
        {t('settings.localApi.revoke')}
      </Button>
    </li>
  );
}

/** Who else on this computer may ask: the switch, the address, and a key for each program. */
export function LocalApi() {
  const { t } = useTranslation();
  const { api } = useCore();
  const { settings, change } = useSettingsStore();
  const [state, setState] = useState<LocalApiState | null>(null);
  const [name, setName] = useState('');
  const [secret, setSecret] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<ClientKeyRecord | null>(null);

  // The server follows the settings: its state is asked for anew whenever they change, or a key was made.
  const [asked, setAsked] = useState(0);
  const { localApiEnabled, localApiPort } = settings;
  const occasion = `${localApiEnabled} ${localApiPort} ${asked}`;
  useEffect(() => {
    let current = true;
    void api.request('localApi.state', {}).then((answer) => {
      if (!current) return;
      if (answer.ok) setState(answer.data);
      else setProblem(answer.error.message);
    });
    return () => {
      current = false;
    };
  }, [api, occasion]);

  if (state === null) return null;
  const clients = state.clients.filter((client) => client.revokedAtMs === null);
  const create = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '') return;
    const answer = await api.request('localApi.createClient', { name });
    setProblem(answer.ok ? null : answer.error.message);
    if (!answer.ok) return;
    setSecret(answer.data.key);
    setName('');
    setAsked((times) => times + 1);
  };
  const revoke = async (client: ClientKeyRecord) => {
    const answer = await api.request('localApi.revokeClient', { clientId: client.id });
    setProblem(answer.ok ? null : answer.error.message);
    if (answer.ok) setState(answer.data);
  };

  return (
    <Group title={t('settings.localApi.title')}>
      {state.isSwitchable && (
        <Row title={t('settings.localApi.enabled')} hint={t('settings.localApi.enabledHint')}>
          <Switch
            label={t('settings.localApi.enabled')}
            checked={localApiEnabled}
            onChange={(enabled) =>
              void change(api, { localApiEnabled: enabled }).then(() => setAsked((times) => times + 1))
            }
          />
        </Row>
      )}
      {state.isSwitchable && (
        <NumberSetting
          title={t('settings.localApi.port')}
          hint={t('settings.localApi.portHint')}
          name="localApiPort"
          range={PORT_RANGE}
        />
      )}
      <Row title={t('settings.localApi.address')} hint={t('settings.localApi.addressHint')}>
        <code data-testid="local-api-address" className="text-xs wrap-anywhere text-ink-2 select-all">
          {state.url === null ? t('settings.localApi.off') : `${state.url}/api`}
        </code>
      </Row>
      {state.message !== null && (
        <p role="alert" className="px-4 py-2.5 text-stop-ink">
          {state.message}
        </p>
      )}
      {clients.length > 0 && (
        <ul aria-label={t('settings.localApi.clients')} className="divide-y divide-line">
          {clients.map((client) => (
            <ClientRow key={client.id} client={client} onRevoke={() => setRevoking(client)} />
          ))}
        </ul>
      )}
      {secret !== null && <NewKey secret={secret} onClose={() => setSecret(null)} />}
      <form className="flex items-end gap-2 px-4 py-3" onSubmit={(event) => void create(event)}>
        <div className="min-w-0 flex-1">
          <TextField
            label={t('settings.localApi.newClient')}
            value={name}
            maxLength={200}
            problem={problem ?? undefined}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <Button tall type="submit" disabled={name.trim() === ''}>
          {t('settings.localApi.makeKey')}
        </Button>
      </form>
      {revoking !== null && (
        <ConfirmDialog
          title={t('settings.localApi.revokeTitle', { name: revoking.name })}
          body={t('settings.localApi.revokeBody')}
          confirm={t('settings.localApi.revoke')}
          cancel={t('action.cancel')}
          onConfirm={() => void revoke(revoking)}
          onClose={() => setRevoking(null)}
        />
      )}
    </Group>
  );
}
