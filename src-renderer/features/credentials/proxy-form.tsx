import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readProxyUrl } from '#contract/proxy-url';
import type { ProxyRecord, ProxyScope } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { TextField } from '../../ui/text-field.tsx';

interface ProxyFormProps {
  scope: ProxyScope;
  owner: string;
  known: ProxyRecord | undefined;
  onDone: () => void;
  onCancel?: () => void;
  /** One field below the other, where there is little room. */
  stacked?: boolean;
}

type Mode = 'inherit' | 'proxy' | 'direct';

/** The way of requests: as set above, through a proxy, or directly. A password is written here and never shown again. */
export function ProxyForm({ scope, owner, known, onDone, onCancel, stacked = false }: ProxyFormProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [mode, setMode] = useState<Mode>(known?.mode ?? 'inherit');
  const [url, setUrl] = useState(known?.url ?? '');
  const [username, setUsername] = useState(known?.username ?? '');
  const [password, setPassword] = useState('');
  const [moved, setMoved] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  /** What stands in the address goes to its own fields, before anybody sees or stores it there (BUG-D14). */
  const takeApart = () => {
    const reading = readProxyUrl(url);
    if (!reading.ok || (reading.username === null && reading.password === null)) return;
    setUrl(reading.url);
    if (reading.username !== null) setUsername(reading.username);
    if (reading.password !== null) setPassword(reading.password);
    setMoved(true);
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const answer =
      mode === 'inherit'
        ? await api.request('proxies.delete', { scope, owner })
        : await api.request('proxies.set', {
            scope,
            owner,
            mode,
            ...(mode === 'proxy' ? { url, username: username === '' ? null : username } : {}),
            ...(mode === 'proxy' && password !== '' ? { password } : {}),
          });
    if (!answer.ok) {
      setProblem(answer.error.message);
      return;
    }
    setPassword('');
    setProblem(null);
    onDone();
  };
  const modes = (scope === 'global' ? (['inherit', 'proxy'] as const) : (['inherit', 'proxy', 'direct'] as const)).map(
    (value) => ({
      value,
      label:
        scope === 'global' && value === 'inherit' ? t('credentials.proxy.none') : t(`credentials.proxy.modes.${value}`),
    }),
  );
  return (
    <form onSubmit={(event) => void save(event)} className="grid gap-2" data-testid={`proxy-form-${scope}`}>
      <div>
        <Segmented label={t('credentials.proxy.mode')} value={mode} options={modes} onChange={setMode} />
      </div>
      {mode === 'proxy' && (
        <div
          className={classNames('grid gap-2', !stacked && 'grid-cols-[minmax(0,1fr)_10rem_10rem] max-word:grid-cols-1')}
        >
          <TextField
            label={t('credentials.proxy.url')}
            mono
            required
            placeholder="socks5://127.0.0.1:1080"
            value={url}
            problem={problem ?? undefined}
            hint={moved ? t('credentials.proxy.moved') : undefined}
            onBlur={takeApart}
            onChange={(event) => setUrl(event.target.value)}
          />
          <TextField
            label={t('credentials.proxy.username')}
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
          <TextField
            label={t('credentials.proxy.password')}
            type="password"
            autoComplete="new-password"
            value={password}
            hint={
              known?.passwordLocked === true
                ? t('credentials.proxy.passwordLocked')
                : known?.hasPassword === true
                  ? t('credentials.proxy.passwordKept')
                  : undefined
            }
            onChange={(event) => setPassword(event.target.value)}
          />
        </div>
      )}
      {mode !== 'proxy' && problem !== null && (
        <p role="alert" className="text-stop-ink">
          {problem}
        </p>
      )}
      <div className="flex gap-2 empty:hidden">
        {(mode === 'proxy' || mode !== (known?.mode ?? 'inherit')) && (
          <Button type="submit">{t('credentials.proxy.save')}</Button>
        )}
        {onCancel !== undefined && (
          <Button look="plain" onClick={onCancel}>
            {t('action.cancel')}
          </Button>
        )}
      </div>
    </form>
  );
}
