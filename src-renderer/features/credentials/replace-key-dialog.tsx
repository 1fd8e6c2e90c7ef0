import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CredentialRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogActions } from '../../ui/dialog-actions.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { hostOf } from './origin-of.ts';

interface ReplaceKeyDialogProps {
  credential: CredentialRecord;
  /** Where the key will be sent: its provider's address, as it is shown here. */
  origin: string;
  onReplaced: (credential: CredentialRecord) => void;
  onClose: () => void;
}

/** Asks for another secret for the same key. It leaves this dialog only towards the core and is kept nowhere. */
export function ReplaceKeyDialog({ credential, origin, onReplaced, onClose }: ReplaceKeyDialogProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [secret, setSecret] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const isSuspected = credential.rests.some(({ kind }) => kind === 'suspicious_activity');
  const submit = async () => {
    if (busy) return;
    setBusy(true);
    const answer = await api.request('credentials.replaceSecret', { credentialId: credential.id, secret, origin });
    setBusy(false);
    if (answer.ok) onReplaced(answer.data);
    else setProblem(answer.error.message);
  };
  return (
    <Dialog
      title={t('credentials.replace.title', { label: credential.label })}
      body={t('credentials.replace.body', { host: hostOf(origin) })}
      onClose={onClose}
      onSubmit={() => void submit()}
    >
      <TextField
        autoFocus
        required
        mono
        type="password"
        autoComplete="off"
        label={t('credentials.replace.secret')}
        data-testid="replace-secret"
        value={secret}
        onChange={(event) => {
          setSecret(event.target.value);
          setProblem(null);
        }}
      />
      <ul className="grid list-disc gap-1 pl-4 text-xs text-ink-2">
        <li>{t('credentials.replace.stays')}</li>
        <li>{t('credentials.replace.ends')}</li>
        {isSuspected && <li>{t('credentials.replace.suspected')}</li>}
        {credential.state === 'disabled' && <li>{t('credentials.replace.off')}</li>}
      </ul>
      <DialogActions
        submit={t(busy ? 'credentials.replace.busy' : 'credentials.replace.yes')}
        submitTestId="replace-submit"
        problem={problem}
        onClose={onClose}
      />
    </Dialog>
  );
}
