import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { freeName } from './connect-profile.ts';
import { useCredentialsStore } from './credentials-store.ts';

interface MendKeyProps {
  /** Whose key failed. */
  profile: string;
  /** A key was added: what waited for it can go out. */
  onMended: () => void;
  onManage: () => void;
}

/** A key for an upstream that refused the one before, entered where the answer is missing. */
export function MendKey({ profile: name, onMended, onManage }: MendKeyProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const profile = useCredentialsStore((state) => state.profiles?.find((each) => each.name === name));
  const [secret, setSecret] = useState('');
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  if (profile === undefined || profile.kind === 'demo') return null;

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || secret.trim() === '') return;
    setBusy(true);
    const { credentials } = useCredentialsStore.getState();
    const labels = (credentials ?? []).filter((each) => each.profileId === profile.id).map((each) => each.label);
    const answer = await api.request('credentials.create', {
      profileId: profile.id,
      label: freeName(t('credentials.firstKey'), labels),
      secret: secret.trim(),
    });
    setBusy(false);
    if (!answer.ok) {
      setProblem(answer.error.message);
      return;
    }
    setSecret('');
    await useCredentialsStore.getState().load(api);
    onMended();
  };

  return (
    <form onSubmit={(event) => void save(event)} data-testid="mend-key" className="grid w-full gap-1.5">
      <div className="flex flex-wrap items-start gap-1.5">
        <div className="min-w-48 flex-1">
          <TextField
            hideLabel
            mono
            type="password"
            label={t('mendKey.label', { profile: name })}
            placeholder={t('mendKey.label', { profile: name })}
            data-testid="mend-key-field"
            value={secret}
            problem={problem}
            onChange={(event) => {
              setSecret(event.target.value);
              setProblem(undefined);
            }}
          />
        </div>
        <Button tall type="submit" look="solid" data-testid="mend-key-save">
          {t(busy ? 'mendKey.busy' : 'mendKey.send')}
        </Button>
      </div>
      <p className="flex flex-wrap gap-x-3 text-xs text-balance text-ink-2">
        <span className="flex-1 basis-48">{t('mendKey.hint')}</span>
        <button type="button" className="answer-link touch flex-none hover:text-ink" onClick={onManage}>
          {t('mendKey.manage')}
        </button>
      </p>
    </form>
  );
}
