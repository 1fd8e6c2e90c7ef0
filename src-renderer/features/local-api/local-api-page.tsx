import { BookOpen } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { ProfileRecord } from '#contract/records';
import type { Settings } from '#contract/settings';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { AliasesPanel } from './aliases-panel.tsx';
import { CallsPanel } from './calls-panel.tsx';
import { ConnectPanel } from './connect-panel.tsx';
import { EndpointsPanel } from './endpoints-panel.tsx';
import { LoadingRows } from './loading-rows.tsx';
import { useLocalApiStore } from './local-api-store.ts';
import { ProgramsPanel } from './programs-panel.tsx';
import { ServerPanel } from './server-panel.tsx';
import { TryPanel } from './try-panel.tsx';

/** When a program asked last and what it spent changes with its calls; nobody reads that faster. */
const STATE_PAUSE_MS = 3000;

interface LocalApiPageProps {
  settings: Settings;
  profiles: readonly ProfileRecord[];
  /** Returns the core's refusal. */
  onChange: (values: Partial<Settings>) => Promise<AppError | null>;
}

/** Other programs on this computer: whether they are let in, with which keys, how they connect, what they ask. */
export function LocalApiPage({ settings, profiles, onChange }: LocalApiPageProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const state = useLocalApiStore((store) => store.state);
  const problem = useLocalApiStore((store) => store.problem);
  useEffect(() => {
    const load = () => void useLocalApiStore.getState().load(api);
    load();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const off = api.onEvent((event) => {
      if (event.event !== 'localApi.called' || timer !== undefined) return;
      timer = setTimeout(() => {
        timer = undefined;
        load();
      }, STATE_PAUSE_MS);
    });
    return () => {
      clearTimeout(timer);
      off();
    };
  }, [api]);
  const url = state?.url ?? null;

  return (
    <>
      <PageHeader title={t('localApi.title')}>
        {url !== null && (
          <a
            href={`${url}/reference`}
            target="_blank"
            rel="noreferrer"
            title={t('localApi.referenceHint')}
            className="touch inline-flex h-7 items-center gap-1.5 rounded-md px-2 font-medium text-ink-2 hover:bg-hover hover:text-ink"
          >
            <Icon of={BookOpen} size={14} />
            {t('localApi.reference')}
          </a>
        )}
      </PageHeader>
      <div className="page" data-testid="local-api-page">
        <div className="mx-auto grid max-w-[72rem] grid-cols-1 gap-5" aria-busy={state === null && problem === null}>
          {problem !== null && (
            <div role="alert" className="grid justify-items-start gap-2 text-stop-ink">
              <p>{problem.message}</p>
              <Button onClick={() => void useLocalApiStore.getState().load(api)}>{t('action.tryAgain')}</Button>
            </div>
          )}
          {state === null && problem === null && <LoadingRows />}
          {state !== null && (
            <>
              <ServerPanel state={state} settings={settings} onChange={onChange} />
              <div className="grid grid-cols-2 items-start gap-5 max-full:grid-cols-1">
                <div className="grid min-w-0 gap-5">
                  <ProgramsPanel state={state} />
                  <TryPanel profiles={profiles} isOn={url !== null} />
                </div>
                <ConnectPanel url={url ?? `http://127.0.0.1:${settings.localApiPort}`} profiles={profiles} />
              </div>
              <CallsPanel isOn={url !== null} />
              <div className="grid grid-cols-2 items-start gap-5 max-full:grid-cols-1">
                <EndpointsPanel settings={settings} profiles={profiles} onChange={onChange} />
                <AliasesPanel aliases={settings.modelAliases} profiles={profiles} onChange={onChange} />
              </div>
            </>
          )}
        </div>
      </div>
    </>
  );
}
