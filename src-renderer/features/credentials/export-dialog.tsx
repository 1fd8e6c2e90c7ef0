import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../ipc/use-api.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogActions } from '../../ui/dialog-actions.tsx';
import { listText } from '../../ui/join-text.ts';
import { saveFile } from '../../ui/save-file.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** Hands all keys to the person as a file: without their secrets, or with them under a passphrase. */
export function ExportDialog({ onDone, onClose }: { onDone: (told: string) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [what, setWhat] = useState<'without' | 'with'>('without');
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    if (busy) return;
    if (what === 'with' && passphrase !== again) {
      setProblem(t('credentials.setUp.differs'));
      return;
    }
    setBusy(true);
    const answer = await api.request('credentials.export', what === 'with' ? { passphrase } : {});
    setBusy(false);
    if (!answer.ok) {
      setProblem(answer.error.message);
      return;
    }
    const { fileName, content, keys, withoutSecret } = answer.data;
    saveFile(fileName, content, 'application/json');
    const told = t('credentials.export.done', { count: keys });
    onDone(
      withoutSecret.length === 0
        ? told
        : `${told} ${t('credentials.export.locked', { labels: listText(withoutSecret) })}`,
    );
  };
  return (
    <Dialog
      title={t('credentials.export.title')}
      body={t('credentials.export.body')}
      onClose={onClose}
      onSubmit={() => void submit()}
    >
      <div>
        <Segmented
          label={t('credentials.export.what')}
          value={what}
          options={[
            { value: 'without', label: t('credentials.export.without') },
            { value: 'with', label: t('credentials.export.with') },
          ]}
          onChange={(next) => {
            setWhat(next);
            setProblem(null);
          }}
        />
        <p className="mt-1.5 text-xs text-ink-3">
          {t(what === 'with' ? 'credentials.export.withHint' : 'credentials.export.withoutHint')}
        </p>
      </div>
      {what === 'with' && (
        <>
          <TextField
            label={t('credentials.export.passphrase')}
            type="password"
            autoComplete="new-password"
            required
            data-testid="export-passphrase"
            value={passphrase}
            onChange={(event) => setPassphrase(event.target.value)}
          />
          <TextField
            label={t('credentials.setUp.again')}
            type="password"
            autoComplete="new-password"
            required
            data-testid="export-again"
            value={again}
            onChange={(event) => setAgain(event.target.value)}
          />
        </>
      )}
      <DialogActions
        submit={t(busy ? 'credentials.export.busy' : 'credentials.export.yes')}
        submitTestId="export-submit"
        problem={problem}
        onClose={onClose}
      />
    </Dialog>
  );
}
