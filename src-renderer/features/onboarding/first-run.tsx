import { Cpu, FolderInput, KeyRound, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button.tsx';
import { Icon, type IconType } from '../../ui/icons.tsx';

interface FirstRunProps {
  onDemo: () => void;
  /** Conversations of another program are brought along. */
  onImport: () => void;
  /** What stands behind the second door: a field for a key. */
  keyDoor: ReactNode;
  /** What was found on this computer. */
  localDoor: ReactNode;
}

/** Doors above a composer that already works. */
export function FirstRun({ onDemo, onImport, keyDoor, localDoor }: FirstRunProps) {
  const { t } = useTranslation();
  return (
    <section
      aria-labelledby="first-run-title"
      data-testid="first-run"
      className="thin-scroll flex min-h-0 flex-1 flex-col justify-end-safe overflow-auto pt-6 pb-8"
    >
      <div className="column">
        <h2 id="first-run-title" className="text-xl tracking-[-.01em]">
          {t('firstRun.title')}
        </h2>
        <p className="mt-1 mb-5 max-w-xl text-md text-ink-2">{t('firstRun.lede')}</p>
        <ul aria-label={t('firstRun.doors')} className="divide-y divide-line rounded-lg border border-line bg-raised">
          <Door
            icon={Play}
            title={t('firstRun.demo')}
            hint={t('firstRun.demoHint')}
            aside={
              <Button tall look="go" data-testid="start-demo" onClick={onDemo}>
                {t('firstRun.startDemo')}
              </Button>
            }
          />
          <Door icon={KeyRound} title={t('firstRun.key')} hint={t('firstRun.keyHint')}>
            {keyDoor}
          </Door>
          <Door icon={Cpu} title={t('firstRun.local')} tight>
            {localDoor}
          </Door>
          <Door
            icon={FolderInput}
            title={t('firstRun.import')}
            hint={t('firstRun.importHint')}
            aside={
              <Button tall data-testid="start-import" onClick={onImport}>
                {t('firstRun.startImport')}
              </Button>
            }
          />
        </ul>
      </div>
    </section>
  );
}

interface DoorProps {
  icon: IconType;
  title: string;
  hint?: string;
  aside?: ReactNode;
  /** What stands below takes the place of the sentence. */
  tight?: boolean;
  children?: ReactNode;
}

function Door({ icon, title, hint, aside, tight = false, children }: DoorProps) {
  return (
    <li className="grid grid-cols-[1.25rem_minmax(0,1fr)_auto] items-start gap-x-3 py-3 pr-3 pl-4 max-word:grid-cols-[1.25rem_minmax(0,1fr)]">
      <Icon of={icon} size={18} className="mt-px text-ink-2" />
      <div>
        <h3>{title}</h3>
        {hint !== undefined && <p className="mt-0.5 text-ink-3">{hint}</p>}
      </div>
      {aside !== undefined && (
        <div className="self-center max-word:col-start-2 max-word:mt-2 max-word:justify-self-start">{aside}</div>
      )}
      {children !== undefined && <div className={`col-[2/-1] ${tight ? 'mt-0.5' : 'mt-2'}`}>{children}</div>}
    </li>
  );
}
