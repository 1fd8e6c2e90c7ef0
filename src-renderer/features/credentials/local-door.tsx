import { useTranslation } from 'react-i18next';
import type { ProfileRecord } from '#contract/records';
import { Button } from '../../ui/button.tsx';
import { useLocalServers } from './use-local-servers.ts';

/** Models that run on this computer already: what was found, and one click to use it. */
export function LocalDoor({ onDone }: { onDone: (profile: ProfileRecord) => void }) {
  const { t } = useTranslation();
  const { servers, problem, look, use } = useLocalServers(onDone);
  return (
    <div className="grid gap-1.5" role="status" data-testid="local-door">
      {servers === null && <p className="text-ink-3">{t('credentials.local.looking')}</p>}
      {servers?.length === 0 && (
        <p className="flex flex-wrap items-center gap-x-2 text-ink-3">
          {t('firstRun.localNone')}
          <Button look="plain" className="-my-1" data-testid="look-again" onClick={look}>
            {t('firstRun.lookAgain')}
          </Button>
        </p>
      )}
      {servers?.map((server) => {
        const name = t(`credentials.local.service.${server.service}`);
        const { host } = new URL(server.baseUrl);
        return (
          <div key={server.baseUrl} className="group/server flex flex-wrap items-center gap-x-3 gap-y-1.5">
            <p className="num min-w-0 flex-1 text-ink-3">
              {t('firstRun.localAt', { host, models: t('credentials.local.models', { count: server.models.length }) })}
              {server.models.length > 0 && `: ${server.models.slice(0, 3).join(', ')}`}
              {server.models.length > 3 && '…'}
            </p>
            {/* One alone stands in the middle of its door, as the buttons of the others do. */}
            <Button
              tall
              className="word:group-only/server:-my-1.5 word:group-only/server:-translate-y-[0.6875rem]"
              data-testid="use-local"
              onClick={() => void use(server, name)}
            >
              {t('credentials.local.use', { name })}
            </Button>
          </div>
        );
      })}
      {problem !== null && (
        <p role="alert" className="text-stop-ink">
          {problem.message}
        </p>
      )}
    </div>
  );
}
