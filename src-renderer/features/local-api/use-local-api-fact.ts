import { useTranslation } from 'react-i18next';
import type { SluiceApi } from '#contract/routes';
import { useKeptFresh } from '../../ipc/use-kept-fresh.ts';
import { activeClients, useLocalApiStore } from './local-api-store.ts';

/** The server follows its switch; several changes are one question. */
const PAUSE_MS = 200;

const load = (api: SluiceApi) => void useLocalApiStore.getState().load(api);

/** Keeps what is known of the server up to date, and says it for the sidebar; undefined until it is known. */
export function useLocalApiFact(): string | undefined {
  const { t } = useTranslation();
  useKeptFresh(load, 'settings.changed', PAUSE_MS);
  const state = useLocalApiStore((store) => store.state);
  if (state === null) return undefined;
  if (state.state !== 'on') return t(`localApi.fact.${state.state}`);
  const count = activeClients(state).length;
  return count === 0 ? t('localApi.fact.on') : t('localApi.fact.programs', { count });
}
