import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { TextField } from '../../ui/text-field.tsx';

interface AddKeyFormProps {
  profileId: string;
  suggestedLabel: string;
  onDone: () => void;
  onCancel: () => void;
}

/** One more key for a profile. The secret leaves this form only towards the core and is never shown again. */
export function AddKeyForm({ profileId, suggestedLabel, onDone, onCancel }: AddKeyFormProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [label, setLabel] = useState(suggestedLabel);
  const [secret, setSecret] = useState('');
  const [auth, setAuth] = useState<'key' | 'signIn'>('key');
  const [tokenUrl, setTokenUrl] = useState('');
  const [clientId, setClientId] = useState('');
  const [clientSecret, setClientSecret] = useState('');
  const [scope, setScope] = useState('');
  const [problem, setProblem] = useState<AppError | null>(null);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const answer =
      auth === 'key'
        ? await api.request('credentials.create', { profileId, label: label.trim(), secret: secret.trim() })
        : await api.request('credentials.createOAuth', {
            profileId,
            label: label.trim(),
            tokenUrl: tokenUrl.trim(),
            clientId: clientId.trim(),
            refreshToken: secret.trim(),
            ...(clientSecret === '' ? {} : { clientSecret }),
            ...(scope.trim() === '' ? {} : { scope: scope.trim() }),
          });
    if (answer.ok) onDone();
    else setProblem(answer.error);
  };
  return (
    <form onSubmit={(event) => void save(event)} className="grid gap-2 p-3">
      <div>
        <Segmented
          label={t('credentials.oauth.kind')}
          value={auth}
          options={[
            { value: 'key', label: t('credentials.oauth.key') },
            { value: 'signIn', label: t('credentials.oauth.signIn') },
          ]}
          onChange={setAuth}
        />
      </div>
      <div className="grid grid-cols-[10rem_minmax(0,1fr)] gap-2 max-word:grid-cols-1">
        <TextField label={t('credentials.label')} required value={label} onChange={(e) => setLabel(e.target.value)} />
        <TextField
          autoFocus
          label={t(auth === 'key' ? 'credentials.key' : 'credentials.oauth.refreshToken')}
          type="password"
          mono
          required
          placeholder={auth === 'key' ? 'sk-…' : ''}
          value={secret}
          problem={problem?.message}
          onChange={(event) => setSecret(event.target.value)}
        />
      </div>
      {auth === 'signIn' && (
        <div className="grid grid-cols-2 gap-2 max-word:grid-cols-1">
          <TextField
            label={t('credentials.oauth.tokenUrl')}
            type="url"
            mono
            required
            placeholder="https://login.example.com/token"
            value={tokenUrl}
            onChange={(event) => setTokenUrl(event.target.value)}
          />
          <TextField
            label={t('credentials.oauth.clientId')}
            mono
            required
            value={clientId}
            onChange={(event) => setClientId(event.target.value)}
          />
          <TextField
            label={t('credentials.oauth.clientSecret')}
            type="password"
            mono
            value={clientSecret}
            onChange={(event) => setClientSecret(event.target.value)}
          />
          <TextField
            label={t('credentials.oauth.scope')}
            mono
            value={scope}
            onChange={(event) => setScope(event.target.value)}
          />
        </div>
      )}
      <div className="flex gap-2">
        <Button type="submit">{t(auth === 'key' ? 'credentials.saveKey' : 'credentials.oauth.save')}</Button>
        <Button look="plain" onClick={onCancel}>
          {t('action.cancel')}
        </Button>
      </div>
    </form>
  );
}
