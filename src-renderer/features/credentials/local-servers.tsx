import { Search } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LocalServer } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';

/** Looks for Ollama and LM Studio on this computer, when it is asked to. */
export function LocalServers({ onUse }: { onUse: (server: LocalServer, name: string) => void }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [state, setState] = useState<'idle' | 'looking' | LocalServer[]>('idle');
  const look = async () => {
    setState('looking');
    const answer = await api.request('upstreams.discover', {});
    setState(answer.ok ? answer.data.servers : []);
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button icon={Search} data-testid="find-local" onClick={() => void look()}>
        {state === 'looking' ? t('credentials.local.looking') : t('credentials.local.look')}
      </Button>
      <div role="status" className="contents">
        {Array.isArray(state) && state.length === 0 && (
          <p className="text-xs text-ink-2">{t('credentials.local.none')}</p>
        )}
        {Array.isArray(state) &&
          state.map((server) => {
            const name = t(`credentials.local.service.${server.service}`);
            return (
              <span key={server.baseUrl} className="inline-flex items-center gap-2">
                <Button onClick={() => onUse(server, name)}>{t('credentials.local.use', { name })}</Button>
                <span className="text-xs text-ink-3">
                  {t('credentials.local.models', { count: server.models.length })}
                </span>
              </span>
            );
          })}
      </div>
    </div>
  );
}
