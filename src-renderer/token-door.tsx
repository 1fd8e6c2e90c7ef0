import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readToken } from './ipc/transports/read-token.ts';
import { Button } from './ui/button.tsx';
import { Icon, SluiceIcon } from './ui/icons.tsx';
import { TextField } from './ui/text-field.tsx';

/** Stands in place of everything where a page has no token, or one that holds no more. The link brings it in. */
export function TokenDoor() {
  const { t } = useTranslation();
  const [pasted, setPasted] = useState('');
  const [hasFailed, setHasFailed] = useState(false);
  const open = (event: FormEvent) => {
    event.preventDefault();
    const token = readToken(pasted);
    setHasFailed(token === null);
    if (token === null) return;
    // The page takes it out of its address as it does with the host's own link.
    window.location.hash = `token=${encodeURIComponent(token)}`;
    window.location.reload();
  };
  return (
    <main data-testid="token-door" className="grid h-full place-items-center overflow-auto bg-canvas p-6 max-word:p-4">
      <form onSubmit={open} className="grid w-full max-w-[26rem] gap-3 pb-[10vh]">
        <Icon of={SluiceIcon} size={28} className="-ml-1 text-accent" />
        <h1 className="text-xl tracking-[-.01em]">{t('door.title')}</h1>
        <p className="text-ink-2">{t('banner.refused')}</p>
        <div className="mt-1 flex items-start gap-2">
          <div className="min-w-0 flex-1">
            <TextField
              autoFocus
              hideLabel
              mono
              type="password"
              label={t('door.field')}
              placeholder={t('door.field')}
              problem={hasFailed ? t('door.none') : undefined}
              data-testid="door-token"
              value={pasted}
              onChange={(event) => {
                setPasted(event.target.value);
                setHasFailed(false);
              }}
            />
          </div>
          <Button tall look="solid" type="submit">
            {t('door.open')}
          </Button>
        </div>
        <p className="text-xs text-ink-3">{t('door.why')}</p>
      </form>
    </main>
  );
}
