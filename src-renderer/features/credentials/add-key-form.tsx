import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
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
  const [problem, setProblem] = useState<AppError | null>(null);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const answer = await api.request('credentials.create', { profileId, label: label.trim(), secret: secret.trim() });
    if (answer.ok) onDone();
    else setProblem(answer.error);
  };
  return (
    <form onSubmit={(event) => void save(event)} className="grid gap-2 border-t border-line p-3">
      <div className="grid grid-cols-[10rem_minmax(0,1fr)] gap-2 max-word:grid-cols-1">
        <TextField label={t('credentials.label')} required value={label} onChange={(e) => setLabel(e.target.value)} />
        <TextField
          autoFocus
          label={t('credentials.key')}
          type="password"
          mono
          required
          placeholder="sk-…"
          value={secret}
          problem={problem?.message}
          onChange={(event) => setSecret(event.target.value)}
        />
      </div>
      <div className="flex gap-2">
        <Button type="submit">{t('credentials.saveKey')}</Button>
        <Button look="plain" onClick={onCancel}>
          {t('action.cancel')}
        </Button>
      </div>
    </form>
  );
}
