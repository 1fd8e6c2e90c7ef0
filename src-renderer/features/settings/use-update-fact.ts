import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SluiceApi } from '#contract/routes';
import type { UpdateState } from '#contract/updates';
import { useKeptFresh } from '../../ipc/use-kept-fresh.ts';

/** A download tells how far it is many times a second; the sidebar does not. */
const PAUSE_MS = 300;

/** A new version that waits for a person, in a few words for the sidebar; undefined where none does. */
export function useUpdateFact(): string | undefined {
  const { t } = useTranslation();
  const [state, setState] = useState<UpdateState | null>(null);
  const [load] = useState(() => (api: SluiceApi) => {
    void api.request('updates.state', {}).then((answer) => {
      if (answer.ok) setState(answer.data);
    });
  });
  useKeptFresh(load, 'updates.changed', PAUSE_MS);
  if (state?.way !== 'self' || state.found === null) return undefined;
  const { version } = state.found;
  if (state.phase === 'available') return t('updates.fact.available', { version });
  return state.phase === 'ready' ? t('updates.fact.ready', { version }) : undefined;
}
