import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { calledAddress } from '#contract/base-url';
import type { AppError } from '#contract/errors';
import type { ProfileRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField, TextField } from '../../ui/text-field.tsx';
import { CONNECTABLE, type Connectable, connectProfile, DEFAULT_ADDRESS, freeName } from './connect-profile.ts';
import { useCredentialsStore } from './credentials-store.ts';
import { LocalServers } from './local-servers.tsx';
import { PasteField } from './paste-field.tsx';

interface Given {
  kind: Connectable;
  name: string | null;
  baseUrl: string | null;
  secret: string;
  model: string;
}

interface ConnectFormProps {
  submit: string;
  /** The one filled button of its view, or not. */
  filled?: boolean;
  /** What is known already. Whoever knows it has asked for it, so it is not asked for again. */
  given?: Given | undefined;
  onDone: (profile: ProfileRecord) => void;
  onCancel?: () => void;
}

/** Connects an upstream: which kind, at which address, with which key. */
export function ConnectForm({ submit, filled = false, given, onDone, onCancel }: ConnectFormProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const taken = useCredentialsStore((state) => state.profiles) ?? [];
  const load = useCredentialsStore((state) => state.load);
  const [kind, setKind] = useState<Connectable>(given?.kind ?? 'openai-chat');
  const [address, setAddress] = useState<string | null>(given?.baseUrl ?? null);
  const [model, setModel] = useState(given?.model ?? '');
  const [secret, setSecret] = useState(given?.secret ?? '');
  const [problem, setProblem] = useState<AppError | null>(null);
  /** What the new provider is called; null for the name of its kind. */
  const [wish, setWish] = useState<string | null>(given?.name ?? null);
  const [made, setMade] = useState<ProfileRecord | null>(null);
  const [busy, setBusy] = useState(false);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const name = freeName(
      wish ?? t(`kind.${kind}`),
      taken.map((profile) => profile.name),
    );
    const connection = {
      kind,
      name,
      baseUrl: (address ?? DEFAULT_ADDRESS[kind]).trim(),
      model: model.trim(),
      secret: secret.trim(),
      keyLabel: t('credentials.firstKey'),
    };
    const result = await connectProfile(api, connection, made);
    setBusy(false);
    if (result.ok) {
      setSecret('');
      await load(api);
      onDone(result.data);
      return;
    }
    setMade(result.made ?? null);
    setProblem(result.error);
  };

  /** Fills the form anew: what an earlier paste left in it would go to the wrong place. */
  const fill = (next: { kind: Connectable; name: string | null; baseUrl: string; secret: string; model: string }) => {
    setKind(next.kind);
    setWish(next.name);
    setAddress(next.baseUrl);
    setSecret(next.secret);
    setModel(next.model);
    setMade(null);
    setProblem(null);
  };
  const called = calledAddress(kind, address ?? DEFAULT_ADDRESS[kind]);
  const isLocal = /^https?:\/\/(localhost|127\.|\[::1\])/i.test((address ?? DEFAULT_ADDRESS[kind]).trim());
  const keyIsOptional = kind === 'hermes' || (kind === 'openai-chat' && isLocal);

  return (
    <form onSubmit={(event) => void save(event)} className="grid gap-3" data-testid="connect-form">
      {given === undefined && (
        <>
          <PasteField
            onRecognised={(proposal, key, named) =>
              fill({
                kind: proposal.kind,
                name: proposal.provider,
                baseUrl: proposal.baseUrl ?? '',
                secret: key ?? '',
                model: named ?? '',
              })
            }
          />
          <LocalServers
            onUse={(server, name) =>
              fill({ kind: 'openai-chat', name, baseUrl: server.baseUrl, secret: '', model: server.models[0] ?? '' })
            }
          />
        </>
      )}
      <div className="grid grid-cols-[10rem_minmax(0,1fr)] gap-3 max-word:grid-cols-1">
        <SelectField
          label={t('credentials.kind')}
          value={kind}
          onChange={(event) => {
            const next = CONNECTABLE.find((each) => each === event.target.value);
            if (next !== undefined) setKind(next);
            setAddress(null);
            setWish(null);
            setMade(null);
          }}
          options={CONNECTABLE.map((each) => ({ value: each, label: t(`kind.${each}`) }))}
        />
        <TextField
          label={t('credentials.address')}
          type="url"
          mono
          value={address ?? DEFAULT_ADDRESS[kind]}
          required
          hint={called === null ? undefined : t('credentials.willCall', { url: called })}
          data-testid="connect-address"
          onChange={(event) => {
            setAddress(event.target.value);
            setWish(null);
            setMade(null);
          }}
        />
        <TextField
          label={t('credentials.model')}
          mono
          placeholder={t(`credentials.modelExample.${kind}`)}
          value={model}
          onChange={(event) => setModel(event.target.value)}
        />
        <TextField
          label={t(keyIsOptional ? 'credentials.keyOptional' : 'credentials.key')}
          data-testid="connect-key"
          type="password"
          mono
          placeholder={kind === 'anthropic' ? 'sk-ant-…' : 'sk-…'}
          value={secret}
          required={!keyIsOptional}
          onChange={(event) => setSecret(event.target.value)}
        />
      </div>
      {problem !== null && (
        <p role="alert" className="text-stop-ink">
          {problem.message}
        </p>
      )}
      <div className="flex items-center gap-2">
        <Button tall type="submit" look={filled ? 'go' : 'edge'} data-testid="connect-save">
          {busy ? t('credentials.saving') : submit}
        </Button>
        {onCancel !== undefined && (
          <Button tall look="plain" onClick={onCancel}>
            {t('action.cancel')}
          </Button>
        )}
        <p className="min-w-0 text-xs text-ink-3">{t('credentials.whereTo')}</p>
      </div>
    </form>
  );
}
