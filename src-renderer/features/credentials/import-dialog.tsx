import { Check, CircleDashed, OctagonX } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ImportedKey } from '#contract/records';
import type { RouteOutputs } from '#contract/routes';
import { useCore } from '../../ipc/use-api.ts';
import { failureSentence } from '../../locales/failure-language.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogActions } from '../../ui/dialog-actions.tsx';
import { Icon, type IconType } from '../../ui/icons.tsx';
import { listText } from '../../ui/join-text.ts';
import { TextField } from '../../ui/text-field.tsx';

const ICONS: Record<ImportedKey['outcome'], IconType> = {
  added: Check,
  updated: Check,
  there: Check,
  'needs-secret': CircleDashed,
  failed: OctagonX,
};

/** Longest file that is read: thousands of keys. The core takes no longer one. */
const MAX_BYTES = 6_000_000;

/** Takes keys from a file, and says of each what became of it. */
export function ImportDialog({ onChanged, onClose }: { onChanged: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [content, setContent] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const [asksPassphrase, setAsksPassphrase] = useState(false);
  const [passphrase, setPassphrase] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [report, setReport] = useState<RouteOutputs['credentials.import'] | null>(null);

  const read = async (file: File | undefined) => {
    setProblem(null);
    setAsksPassphrase(false);
    setContent(null);
    if (file === undefined) return;
    if (file.size > MAX_BYTES) setProblem(t('credentials.import.tooLarge'));
    else setContent(await file.text());
  };
  const submit = async () => {
    if (busy) return;
    if (content === null) {
      setProblem(t('credentials.import.choose'));
      return;
    }
    setBusy(true);
    const answer = await api.request('credentials.import', { content, ...(passphrase === '' ? {} : { passphrase }) });
    setBusy(false);
    if (answer.ok) {
      setReport(answer.data);
      setPassphrase('');
      onChanged();
      return;
    }
    if (answer.error.details?.['field'] === 'passphrase') {
      // The first time it is a question and no mistake.
      if (!asksPassphrase) {
        setAsksPassphrase(true);
        return;
      }
    }
    setProblem(answer.error.message);
  };
  if (report !== null) {
    return (
      <Dialog
        title={t('credentials.import.done', { count: report.keys.filter(({ outcome }) => outcome === 'added').length })}
        body={
          report.providersAdded.length === 0
            ? t('credentials.import.noProvider')
            : t('credentials.import.providers', { names: listText(report.providersAdded) })
        }
        onClose={onClose}
        onSubmit={onClose}
      >
        <ul data-testid="import-results" className="thin-scroll grid max-h-72 gap-1 overflow-auto">
          {report.keys.map((key, at) => (
            <li key={at} className="flex items-start gap-2">
              <Icon
                of={ICONS[key.outcome]}
                size={14}
                className={key.outcome === 'failed' ? 'mt-0.5 text-stop-ink' : 'mt-0.5 text-ink-2'}
              />
              <span className="min-w-0 break-words">
                <b className="font-medium">{key.label}</b> <span className="text-ink-3">{key.provider}</span>:{' '}
                {key.error === null
                  ? t(`credentials.import.outcome.${key.outcome}`)
                  : failureSentence(key.error.message, key.error.details?.['said'])}
              </span>
            </li>
          ))}
          {report.keys.length === 0 && <li>{t('credentials.import.noKeys')}</li>}
        </ul>
        {report.generalProxyLeftOut && <p className="text-xs text-ink-3">{t('credentials.import.proxyLeftOut')}</p>}
        <div className="flex justify-end">
          <Button tall look="solid" type="submit" autoFocus>
            {t('credentials.import.close')}
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={t('credentials.import.title')}
      body={t('credentials.import.body')}
      onClose={onClose}
      onSubmit={() => void submit()}
    >
      {/* The browser's own field speaks the browser's language, and not the one that was chosen here. */}
      <div className="flex min-w-0 items-center gap-3">
        <input
          ref={field}
          type="file"
          accept="application/json,.json"
          className="sr-only"
          tabIndex={-1}
          aria-hidden="true"
          data-testid="import-file"
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            setChosen(file?.name ?? null);
            void read(file);
          }}
        />
        <Button onClick={() => field.current?.click()}>{t('data.chooseFile')}</Button>
        <span className="min-w-0 truncate text-ink-2">{chosen ?? t('credentials.import.noFile')}</span>
      </div>
      {asksPassphrase && (
        <TextField
          autoFocus
          label={t('credentials.import.passphrase')}
          hint={t('credentials.import.passphraseHint')}
          type="password"
          autoComplete="off"
          required
          data-testid="import-passphrase"
          value={passphrase}
          onChange={(event) => setPassphrase(event.target.value)}
        />
      )}
      <DialogActions
        submit={t(busy ? 'credentials.import.busy' : 'credentials.import.yes')}
        submitTestId="import-submit"
        problem={problem}
        onClose={onClose}
      />
    </Dialog>
  );
}
