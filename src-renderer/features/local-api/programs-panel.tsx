import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClientKeyRecord, LocalApiState } from '#contract/programs';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useCopy } from '../../ui/use-copy.ts';
import { ClientRow } from './client-row.tsx';
import { activeClients, useLocalApiStore } from './local-api-store.ts';

/** A key that was just made. It is shown here once; nobody can read it again. */
function NewKey({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { state, copy } = useCopy();
  return (
    <div role="status" className="grid gap-2 px-4 py-3">
      <p>{t('localApi.keyOnce')}</p>
      <code data-testid="new-client-key" className="text-xs wrap-anywhere text-ink-2 select-all">
        {secret}
      </code>
      <div className="flex gap-2">
        <Button onClick={() => copy(secret)}>
          {state === 'copied' ? t('action.copied') : state === 'refused' ? t('action.refused') : t('action.copy')}
        </Button>
        <Button look="plain" onClick={onClose}>
          {t('localApi.keyKept')}
        </Button>
      </div>
    </div>
  );
}

/** The programs that may ask: a key for each, what it may spend, and its end. */
export function ProgramsPanel({ state }: { state: LocalApiState }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const { createClient, setCap, revoke } = useLocalApiStore();
  const [name, setName] = useState('');
  const [secret, setSecret] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<ClientKeyRecord | null>(null);
  const clients = activeClients(state);

  const create = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '') return setProblem(t('localApi.nameFirst'));
    const answer = await createClient(api, name);
    if ('code' in answer) return setProblem(answer.message);
    setProblem(null);
    setSecret(answer.key);
    setName('');
  };
  const end = async (client: ClientKeyRecord) => setProblem((await revoke(api, client.id))?.message ?? null);

  return (
    <section aria-labelledby="programs" className="min-w-0">
      <h2 id="programs" className="mb-2">
        {t('localApi.clients')}
      </h2>
      <div className="divide-y divide-line rounded-lg border border-line bg-raised">
        {clients.length === 0 ? (
          <p className="px-4 py-3 text-ink-2">{t('localApi.noClients')}</p>
        ) : (
          <ul aria-label={t('localApi.clients')} className="divide-y divide-line">
            {clients.map((client) => (
              <ClientRow
                key={client.id}
                client={client}
                onCap={async (cap) => (await setCap(api, client.id, cap))?.message ?? null}
                onRevoke={() => setRevoking(client)}
              />
            ))}
          </ul>
        )}
        {secret !== null && <NewKey secret={secret} onClose={() => setSecret(null)} />}
        <form className="flex items-start gap-2 px-4 py-3" onSubmit={(event) => void create(event)}>
          <div className="min-w-0 flex-1">
            <TextField
              label={t('localApi.newClient')}
              value={name}
              maxLength={200}
              problem={problem ?? undefined}
              onChange={(event) => {
                setName(event.target.value);
                setProblem(null);
              }}
            />
          </div>
          <Button tall type="submit" className="mt-5.5">
            {t('localApi.makeKey')}
          </Button>
        </form>
      </div>
      <p className="mt-2 text-xs text-ink-3">{t('localApi.clientsNote')}</p>
      {revoking !== null && (
        <ConfirmDialog
          title={t('localApi.revokeTitle', { name: revoking.name })}
          body={t('localApi.revokeBody')}
          confirm={t('localApi.revoke')}
          cancel={t('action.cancel')}
          onConfirm={() => void end(revoking)}
          onClose={() => setRevoking(null)}
        />
      )}
    </section>
  );
}
