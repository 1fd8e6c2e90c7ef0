import { assertNever } from '#contract/assert-never';
import type { PromptRecord } from '#contract/records';
import { useCredentialsStore } from './features/credentials/credentials-store.ts';
import { useSessionsStore } from './features/sessions/sessions-store.ts';
import { useSettingsStore } from './features/settings/settings-store.ts';
import { useCore } from './ipc/use-api.ts';
import { late } from './ui/late.tsx';
import type { Page, Place } from './use-place.ts';

// What is not there with the first drawing comes on its first use.
const CredentialsPage = late(async () => (await import('./features/credentials/credentials-page.tsx')).CredentialsPage);
const UsagePage = late(async () => (await import('./features/usage/usage-page.tsx')).UsagePage);
const LocalApiPage = late(async () => (await import('./features/local-api/local-api-page.tsx')).LocalApiPage);
const SettingsPage = late(async () => (await import('./features/settings/settings-page.tsx')).SettingsPage);
const SearchPage = late(async () => (await import('./features/search/search-page.tsx')).SearchPage, {
  takesKeys: true,
});
const PromptsPage = late(async () => (await import('./features/prompts/prompts-page.tsx')).PromptsPage);
const DataPage = late(async () => (await import('./features/data/data-page.tsx')).DataPage);
const DiagnosticsPage = late(async () => (await import('./features/data/diagnostics-page.tsx')).DiagnosticsPage);

/** Has the search come before it is asked for. Never rejects. */
export const preloadSearch = SearchPage.preload;

interface OpenPageProps {
  page: Exclude<Page, 'chat'>;
  place: Place;
  /** The words of all conversations. */
  tags: readonly string[];
  onHit: (hit: { sessionId: string; messageId: string | null }, words: string) => void;
  onPrompt: (prompt: PromptRecord) => void;
  onShortcuts: () => void;
  onSecretsChanged: () => void;
}

/** Every page but the conversation, and what it gets of the others. */
export function OpenPage({ page, place, tags, onHit, onPrompt, onShortcuts, onSecretsChanged }: OpenPageProps) {
  const { api } = useCore();
  const { settings, info, change } = useSettingsStore();
  const profiles = useCredentialsStore((state) => state.profiles) ?? [];
  const sessions = useSessionsStore((state) => state.sessions) ?? [];
  const opener = (next: Page) => () => place.go(next);
  switch (page) {
    case 'credentials':
      return (
        <CredentialsPage
          info={info}
          defaultProfile={settings.defaultProfile}
          onMakeDefault={(defaultProfile) => void change(api, { defaultProfile })}
          mode={settings.credentialMode}
          onMode={(credentialMode) => void change(api, { credentialMode })}
          onSecretsChanged={onSecretsChanged}
        />
      );
    case 'usage':
      return <UsagePage onOpenCredentials={opener('credentials')} onOpenPrices={() => place.goToSettings('prices')} />;
    case 'prompts':
      return <PromptsPage onUse={onPrompt} />;
    case 'search':
      return (
        <SearchPage
          tags={tags}
          isArchived={(sessionId) => !sessions.some((session) => session.id === sessionId)}
          onOpen={onHit}
          onClose={opener('chat')}
        />
      );
    case 'localApi':
      return <LocalApiPage settings={settings} profiles={profiles} onChange={(values) => change(api, values)} />;
    case 'data':
      return <DataPage onBack={opener('settings')} handedIn={place.handedIn} onTaken={place.taken} />;
    case 'diagnostics':
      return (
        <DiagnosticsPage
          info={info}
          logDetail={settings.logDetail}
          onLogDetail={(logDetail) => void change(api, { logDetail })}
          onBack={opener('settings')}
        />
      );
    case 'settings':
      return (
        <SettingsPage
          place={place.settingsPlace}
          profiles={profiles}
          onShowShortcuts={onShortcuts}
          onOpenData={opener('data')}
          onOpenDiagnostics={opener('diagnostics')}
          onOpenLocalApi={opener('localApi')}
        />
      );
    default:
      return assertNever(page);
  }
}
