import { Lock, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppInfo } from '#contract/records';
import { secretsWords } from '../../locales/secrets-words.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { PassphraseDialog, type PassphraseTask } from './passphrase-dialog.tsx';

/** Where keys are kept, and what can be done about it. */
export function SecretsNote({ secrets, onChanged }: { secrets: AppInfo['secrets']; onChanged: () => void }) {
  const { t } = useTranslation();
  const [task, setTask] = useState<PassphraseTask | null>(null);
  const isLocked = secrets.state === 'locked';
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <p
        className={`flex min-w-0 flex-1 basis-72 items-start gap-2 max-word:basis-full ${isLocked ? 'text-ink' : 'text-ink-2'}`}
        data-testid="secrets-note"
      >
        <Icon of={isLocked ? Lock : ShieldCheck} className="mt-0.5 flex-none" />
        {secretsWords(secrets)}
      </p>
      {isLocked && (
        <Button look="solid" data-testid="unlock-keys" onClick={() => setTask('unlock')}>
          {t('credentials.secrets.unlock')}
        </Button>
      )}
      {secrets.state === 'none' && (
        <Button data-testid="set-passphrase" onClick={() => setTask('setUp')}>
          {t('credentials.secrets.setUp')}
        </Button>
      )}
      {secrets.state === 'ready' && secrets.hasPassphrase && (
        <Button look="plain" className="-mx-2 max-word:ml-4" onClick={() => setTask('change')}>
          {t('credentials.secrets.change')}
        </Button>
      )}
      {task !== null && (
        <PassphraseDialog
          task={task}
          onClose={() => setTask(null)}
          onDone={() => {
            setTask(null);
            onChanged();
          }}
        />
      )}
    </div>
  );
}
