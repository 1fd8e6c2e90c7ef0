import { ChartColumn, KeyRound, Plug, ScrollText, Settings as SettingsIcon } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useKeyFact } from './features/credentials/use-key-fact.ts';
import { useLocalApiFact } from './features/local-api/use-local-api-fact.ts';
import type { SidebarPage } from './features/sessions/sidebar.tsx';
import { useUpdateFact } from './features/settings/use-update-fact.ts';
import { useUsageFact } from './features/usage/use-usage-fact.ts';
import type { Page, Place } from './use-place.ts';

/** Pages that are reached through another one stand under its name. */
const STANDS_UNDER: Partial<Record<Page, Page>> = { data: 'settings', diagnostics: 'settings' };

/** The pages that stand below the list, each with what is to be known of it at a glance. */
export function usePageLinks({ page, go }: Pick<Place, 'page' | 'go'>): SidebarPage[] {
  const { t } = useTranslation();
  const spent = useUsageFact();
  const keyFact = useKeyFact();
  const localApiFact = useLocalApiFact();
  const updateFact = useUpdateFact();
  const links = useMemo(
    () =>
      [
        { name: 'credentials', label: t('credentials.title'), icon: KeyRound, fact: keyFact, isNews: false },
        { name: 'usage', label: t('usage.title'), icon: ChartColumn, fact: spent, isNews: false },
        { name: 'prompts', label: t('prompts.title'), icon: ScrollText, fact: undefined, isNews: false },
        { name: 'localApi', label: t('localApi.title'), icon: Plug, fact: localApiFact, isNews: false },
        { name: 'settings', label: t('settings.title'), icon: SettingsIcon, fact: updateFact, isNews: true },
      ] as const,
    [t, keyFact, spent, localApiFact, updateFact],
  );
  const shown = STANDS_UNDER[page] ?? page;
  return links.map(({ name, label, icon, fact, isNews }) => ({
    name,
    label,
    icon,
    ...(fact === undefined ? {} : { fact, isNews }),
    current: shown === name,
    onOpen: () => go(name),
  }));
}
