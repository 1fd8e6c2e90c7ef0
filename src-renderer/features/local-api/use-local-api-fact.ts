import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore } from '../../ipc/use-api.ts';
import { activeClients, useLocalApiStore } from './local-api-store.ts';

/** Nobody looks here first: it is asked for once the rest stands. */
const AFTER_START_MS = 1500;
/** The server follows its switch; several changes are one question. */
const PAUSE_MS = 200;

/** Keeps what is known of the server up to date, and says it for the sidebar; undefined until it is known. */
export function useLocalApiFact(): string | undefined {
  const { t } = useTranslation();
  const { api } = useCore();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const soon = (waitMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => void useLocalApiStore.getState().load(api), waitMs);
    };
    const off = api.onEvent((event) => {
      if (event.event === 'settings.changed') soon(PAUSE_MS);
    });
    soon(AFTER_START_MS);
    return () => {
      clearTimeout(timer);
      off();
    };
  }, [api]);
  const state = useLocalApiStore((store) => store.state);
  if (state === null) return undefined;
  if (state.state !== 'on') return t(`localApi.fact.${state.state}`);
  const count = activeClients(state).length;
  return count === 0 ? t('localApi.fact.on') : t('localApi.fact.programs', { count });
}
