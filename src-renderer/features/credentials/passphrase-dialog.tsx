import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogActions } from '../../ui/dialog-actions.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** What is asked: to open the keys, to begin with a passphrase, to change it, or to begin again without the old one. */
export type PassphraseTask = 'unlock' | 'setUp' | 'change' | 'startOver';

interface PassphraseDialogProps {
  task: PassphraseTask;
  onDone: () => void;
  onClose: () => void;
}

/** Asks for a passphrase. It leaves this dialog only towards the core and is kept nowhere. */
export function PassphraseDialog({ task: asked, onDone, onClose }: PassphraseDialogProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [task, setTask] = useState(asked);
  const [current, setCurrent] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const isNew = task !== 'unlock';

  const submit = async () => {
    if (busy) return;
    if (isNew && passphrase !== again) {
      setProblem(t('credentials.setUp.differs'));
      return;
    }
    setBusy(true);
    const answer = await (task === 'unlock'
      ? api.request('secrets.unlock', { passphrase })
      : task === 'setUp'
        ? api.request('secrets.setUp', { passphrase })
        : task === 'change'
          ? api.request('secrets.changePassphrase', { current, next: passphrase })
          : api.request('secrets.startOver', { passphrase }));
    setBusy(false);
    if (answer.ok) onDone();
    else setProblem(answer.error.message);
  };
  const words = {
    unlock: [t('credentials.unlock.title'), t('credentials.unlock.body'), t('credentials.unlock.yes')],
    setUp: [t('credentials.setUp.title'), t('credentials.setUp.body'), t('credentials.setUp.yes')],
    change: [t('credentials.change.title'), t('credentials.change.body'), t('credentials.change.yes')],
    startOver: [t('credentials.startOver.title'), t('credentials.startOver.body'), t('credentials.startOver.yes')],
  } as const;
  const [title, body, yes] = words[task];

  return (
    <Dialog title={title} body={body} onClose={onClose} onSubmit={() => void submit()}>
      {task === 'change' && (
        <TextField
          label={t('credentials.change.current')}
          type="password"
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
      )}
      <TextField
        autoFocus={task !== 'change'}
        label={isNew ? t('credentials.setUp.passphrase') : t('credentials.unlock.passphrase')}
        type="password"
        autoComplete={isNew ? 'new-password' : 'current-password'}
        required
        data-testid="passphrase"
        value={passphrase}
        problem={isNew ? undefined : (problem ?? undefined)}
        onChange={(event) => setPassphrase(event.target.value)}
      />
      {isNew && (
        <TextField
          label={t('credentials.setUp.again')}
          type="password"
          autoComplete="new-password"
          required
          data-testid="passphrase-again"
          value={again}
          problem={problem ?? undefined}
          onChange={(event) => setAgain(event.target.value)}
        />
      )}
      {task === 'unlock' && <p className="text-xs text-ink-3">{t('credentials.unlock.laterHint')}</p>}
      <DialogActions
        submit={busy ? t('credentials.unlock.busy') : yes}
        submitTestId="passphrase-submit"
        {...(task === 'unlock' ? { cancel: t('credentials.unlock.later') } : {})}
        onClose={onClose}
      >
        {task === 'unlock' && problem !== null && (
          <Button
            tall
            look="plain"
            onClick={() => {
              setTask('startOver');
              setPassphrase('');
              setProblem(null);
            }}
          >
            {t('credentials.unlock.forgotten')}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}
