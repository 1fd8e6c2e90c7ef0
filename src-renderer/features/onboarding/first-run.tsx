import { KeyRound, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button.tsx';
import { Icon, type IconType } from '../../ui/icons.tsx';

interface FirstRunProps {
  onDemo: () => void;
  /** The form behind the second door. */
  connectForm: ReactNode;
  connecting: boolean;
  onConnecting: () => void;
}

/** Two doors above a composer that already works. */
export function FirstRun({ onDemo, connectForm, connecting, onConnecting }: FirstRunProps) {
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
          <Door icon={Play} title={t('firstRun.demo')} hint={t('firstRun.demoHint')}>
            <Button tall look={connecting ? 'edge' : 'go'} data-testid="start-demo" onClick={onDemo}>
              {t('firstRun.startDemo')}
            </Button>
          </Door>
          <Door
            icon={KeyRound}
            title={t('firstRun.key')}
            hint={t('firstRun.keyHint')}
            below={connecting ? connectForm : undefined}
          >
            {!connecting && (
              <Button tall data-testid="paste-key" onClick={onConnecting}>
                {t('firstRun.pasteKey')}
              </Button>
            )}
          </Door>
        </ul>
      </div>
    </section>
  );
}

interface DoorProps {
  icon: IconType;
  title: string;
  hint: string;
  below?: ReactNode;
  children: ReactNode;
}

function Door({ icon, title, hint, below, children }: DoorProps) {
  return (
    <li className="grid grid-cols-[1.25rem_minmax(0,1fr)_auto] items-start gap-x-3 py-3 pr-3 pl-4">
      <Icon of={icon} size={18} className="mt-px text-ink-2" />
      <div>
        <h3>{title}</h3>
        <p className="mt-0.5 text-ink-3">{hint}</p>
      </div>
      <div className="self-center">{children}</div>
      {below !== undefined && <div className="col-span-2 col-start-2 mt-3">{below}</div>}
    </li>
  );
}
