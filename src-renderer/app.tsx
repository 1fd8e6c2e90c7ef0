import { ChartColumn, KeyRound, Plug, ScrollText, Settings as SettingsIcon } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LinkOutcome } from '#contract/links';
import type { ProfileRecord, PromptRecord, SessionRecord } from '#contract/records';
import { runCommand, useAvailableCommands, useCommands } from './commands/command-store.ts';
import { useKeyCaps, useShortcuts } from './commands/use-shortcuts.ts';
import { ConversationPanel } from './conversation-panel.tsx';
import { deleteByHand, dropSessions } from './drop-sessions.ts';
import { type ChatHandle, ChatPage } from './features/chat/chat-page.tsx';
import { useChatStore } from './features/chat/chat-store.ts';
import { draftOf, keepText, useDraftStore } from './features/chat/draft-store.ts';
import { EmptyChat } from './features/chat/empty-chat.tsx';
import { useWatchCurrent } from './features/chat/use-watch-current.ts';
import { useCredentialsStore } from './features/credentials/credentials-store.ts';
import { KeyDoor } from './features/credentials/key-door.tsx';
import { LocalDoor } from './features/credentials/local-door.tsx';
import { MendKey } from './features/credentials/mend-key.tsx';
import { PassphraseDialog } from './features/credentials/passphrase-dialog.tsx';
import { useKeyFact } from './features/credentials/use-key-fact.ts';
import { LinkDialog } from './features/links/link-dialog.tsx';
import { useLinks } from './features/links/use-links.ts';
import { useLocalApiFact } from './features/local-api/use-local-api-fact.ts';
import { FirstRun } from './features/onboarding/first-run.tsx';
import { variablesOf } from './features/prompts/fill-prompt.ts';
import { usePromptsStore } from './features/prompts/prompts-store.ts';
import { QueuePanel } from './features/queue/queue-panel.tsx';
import { useSearchStore } from './features/search/search-store.ts';
import { ConversationSettingsButton } from './features/sessions/conversation-settings.tsx';
import { groupSessions } from './features/sessions/group-sessions.ts';
import { hasOwnSettings } from './features/sessions/has-own-settings.ts';
import { type AskedOfSession, SessionDialogs } from './features/sessions/session-dialogs.tsx';
import { useSessionsStore } from './features/sessions/sessions-store.ts';
import { Sidebar } from './features/sessions/sidebar.tsx';
import { tagsOf } from './features/sessions/tags.ts';
import { useSessionActions } from './features/sessions/use-session-actions.ts';
import { useSettingsStore } from './features/settings/settings-store.ts';
import { textSizeAfter } from './features/settings/text-size.ts';
import { useAppearance, useLanguage } from './features/settings/use-appearance.ts';
import { useUpdateFact } from './features/settings/use-update-fact.ts';
import { useUsageFact } from './features/usage/use-usage-fact.ts';
import { GoneNote } from './gone-note.tsx';
import { useCore } from './ipc/use-api.ts';
import { secretsWords } from './locales/secrets-words.ts';
import { moveFocus } from './move-focus.ts';
import { PartBoundary } from './part-boundary.tsx';
import { showHit } from './show-hit.ts';
import { StateBanners } from './state-banners.tsx';
import { TokenDoor } from './token-door.tsx';
import { Button } from './ui/button.tsx';
import { late } from './ui/late.tsx';
import { FrameActions } from './ui/page-header.tsx';
import { useIsBelow } from './ui/window-width.ts';
import { useAwayNews } from './use-away-news.ts';
import { useBegunElsewhere } from './use-begun-elsewhere.ts';
import { useCoreEvents } from './use-core-events.ts';
import { useNamedSession } from './use-named-session.ts';
import { useRunStarts } from './use-run-starts.ts';

type Page = 'chat' | 'search' | 'credentials' | 'usage' | 'prompts' | 'localApi' | 'settings' | 'data' | 'diagnostics';

// What is not there with the first drawing comes on its first use.
const CredentialsPage = late(async () => (await import('./features/credentials/credentials-page.tsx')).CredentialsPage);
const UsagePage = late(async () => (await import('./features/usage/usage-page.tsx')).UsagePage);
const LocalApiPage = late(async () => (await import('./features/local-api/local-api-page.tsx')).LocalApiPage);
const SettingsPage = late(async () => (await import('./features/settings/settings-page.tsx')).SettingsPage);
const SearchPage = late(async () => (await import('./features/search/search-page.tsx')).SearchPage, {
  takesKeys: true,
});
const PromptsPage = late(async () => (await import('./features/prompts/prompts-page.tsx')).PromptsPage);
const FillDialog = late(async () => (await import('./features/prompts/fill-dialog.tsx')).FillDialog);
const Palette = late(async () => (await import('./features/palette/palette.tsx')).Palette, { takesKeys: true });
const ShortcutSheet = late(async () => (await import('./features/palette/shortcut-sheet.tsx')).ShortcutSheet);
const DataPage = late(async () => (await import('./features/data/data-page.tsx')).DataPage);
const DiagnosticsPage = late(async () => (await import('./features/data/diagnostics-page.tsx')).DiagnosticsPage);
const RescuePage = late(async () => (await import('./features/data/rescue-page.tsx')).RescuePage);

const NO_SESSIONS: SessionRecord[] = [];
const NO_PROMPTS: readonly PromptRecord[] = [];

/** The frame: which page is open, and how the features meet. They do not know of each other. */
export function App() {
  const { t, i18n } = useTranslation();
  const { api, bridge } = useCore();
  const connection = useCoreEvents(api, bridge);
  const narrow = useIsBelow('wide');
  const [page, setPage] = useState<Page>('chat');
  const [listOpen, setListOpen] = useState(false);
  const [doorsClosed, setDoorsClosed] = useState(false);
  const [panelOpen, setPanelOpen] = useState(false);
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [shortcutsOpen, setShortcutsOpen] = useState(false);
  const [askedOf, setAskedOf] = useState<AskedOfSession | null>(null);
  /** A prompt that asks for something before it is inserted. */
  const [asking, setAsking] = useState<PromptRecord | null>(null);
  // Asked once when the window opens; after that, where a key is needed.
  const [unlockLater, setUnlockLater] = useState(false);
  /** A file that the host handed in and nobody has looked at. */
  const [handedIn, setHandedIn] = useState<string | null>(null);
  /** A section of the settings that was asked for. */
  const [settingsPlace, setSettingsPlace] = useState<{ section: string } | null>(null);
  const chat = useRef<ChatHandle>(null);

  const { settings, known, info, hasTrouble, change } = useSettingsStore();
  useAppearance(settings);
  useLanguage(settings.language, known);
  const prompts = usePromptsStore((state) => state.prompts);
  useEffect(() => void usePromptsStore.getState().load(api), [api]);
  useEffect(() => {
    // What is asked for by keys is at hand before it is asked for.
    const waiting = requestIdleCallback(() => {
      void Palette.preload();
      void SearchPage.preload();
    });
    return () => cancelIdleCallback(waiting);
  }, []);
  const profiles = useCredentialsStore((state) => state.profiles);
  const listed = useSessionsStore((state) => state.sessions);
  const archived = useSessionsStore((state) => state.archived);
  const hasArchive = useSessionsStore((state) => state.hasArchive);
  const listProblem = useSessionsStore((state) => state.problem);
  const currentId = useChatStore((state) => state.currentId);
  const isNew = useChatStore((state) => state.isNew);
  const opened = useChatStore((state) => state.sessions[currentId]);
  const startedAtMs = useRunStarts();

  const sessions = listed ?? NO_SESSIONS;
  const isOpen = (session: SessionRecord) => session.id === currentId;
  const record = sessions.find(isOpen) ?? archived?.find(isOpen) ?? opened;
  const title = isNew || record === undefined || record.title === '' ? t('sessions.new') : record.title;
  const onlyDemo = profiles?.every((profile) => profile.kind === 'demo') === true;
  const mayStart = isNew && !doorsClosed && listed?.length === 0;
  // Whoever stands at the doors stays there while a key is tried, which makes a profile and takes it back when it is refused.
  const [atDoors, setAtDoors] = useState(false);
  const shouldStand = page === 'chat' && mayStart && (atDoors || onlyDemo);
  if (shouldStand !== atDoors) setAtDoors(shouldStand);
  const firstRun = mayStart && (atDoors || onlyDemo);

  const ownChoice = useChatStore((state) => state.choices[currentId]);
  const chosen = ownChoice?.profile ?? settings.defaultProfile;
  const answerer =
    profiles?.find((profile) => profile.name === chosen)?.kind === 'demo' ? t('chat.demoAnswerer') : chosen;

  const openSession = useCallback((sessionId: string) => {
    useChatStore.getState().show(sessionId);
    setPage('chat');
    setListOpen(false);
  }, []);
  const openHit = useCallback(
    (hit: { sessionId: string; messageId: string | null }, words: string) => {
      openSession(hit.sessionId);
      if (hit.messageId !== null) void showHit(api, hit.sessionId, hit.messageId, words, () => chat.current);
    },
    [api, openSession],
  );
  const newChat = useCallback(() => {
    useChatStore.getState().startNew();
    setPage('chat');
    setListOpen(false);
    chat.current?.focus();
  }, []);
  const onLink = useCallback(
    (outcome: LinkOutcome) => {
      if (outcome.done === 'session') openSession(outcome.sessionId);
      else if (outcome.done === 'connect') setPage('credentials');
      else if (outcome.done === 'new') {
        newChat();
        keepText(useChatStore.getState().currentId, outcome.text);
      }
    },
    [openSession, newChat],
  );
  const links = useLinks(onLink);
  const openPage = (next: Page) => () => {
    setPage(next);
    setSettingsPlace(null);
    setListOpen(false);
  };
  const openSettings = useCallback((section: string) => {
    setSettingsPlace({ section });
    setPage('settings');
    setListOpen(false);
  }, []);
  const forget = useCallback((sessionId: string) => dropSessions(bridge, [sessionId]), [bridge]);
  const { actions, problem: refused } = useSessionActions({ onOpened: openSession, onDeleted: forget, deleteByHand });
  const listFailure = refused ?? listProblem;
  useAwayNews(page === 'chat' ? title : page === 'search' ? t('search.open') : t(`${page}.title`), openSession);
  const showImport = useCallback((importId: string) => {
    setHandedIn(importId);
    setPage('data');
    setListOpen(false);
  }, []);
  useNamedSession(openSession, newChat, showImport, openSettings);
  useWatchCurrent(bridge);
  useBegunElsewhere();
  const secretsChanged = () => {
    void useSettingsStore.getState().load(api);
    void useCredentialsStore.getState().load(api);
  };
  const makeDefault = (name: string) => void change(api, { defaultProfile: name });

  const startDemo = () => {
    const demo = profiles?.find((profile) => profile.kind === 'demo');
    if (demo !== undefined) {
      useChatStore.getState().choose(currentId, { profile: demo.name });
      if (settings.defaultProfile !== demo.name) makeDefault(demo.name);
    }
    setDoorsClosed(true);
    if (draftOf(useDraftStore.getState().texts, currentId).trim() === '') chat.current?.offer(t('firstRun.sample'));
    else chat.current?.submit();
  };

  /** Whoever was connected first answers from now on; what was typed meanwhile goes out. */
  const startWith = (profile: ProfileRecord) => {
    setDoorsClosed(true);
    makeDefault(profile.name);
    useChatStore.getState().choose(currentId, { profile: profile.name });
    if (draftOf(useDraftStore.getState().texts, currentId).trim() === '') chat.current?.focus();
    else chat.current?.submit();
  };
  const tags = useMemo(() => tagsOf(sessions, i18n.language), [sessions, i18n.language]);
  const openSearch = (query?: string) => {
    if (query !== undefined) useSearchStore.getState().change({ query });
    setPage('search');
    setListOpen(false);
  };
  const putIntoDraft = useCallback(
    (text: string) => {
      setPage('chat');
      setListOpen(false);
      // Once what it was chosen in is gone and, from another page, the composer is there.
      requestAnimationFrame(() => (chat.current === null ? keepText(currentId, text) : chat.current.add(text)));
    },
    [currentId],
  );
  const insertPrompt = useCallback(
    (prompt: PromptRecord) => {
      if (variablesOf(prompt.body).length === 0) putIntoDraft(prompt.body);
      else setAsking(prompt);
    },
    [putIntoDraft],
  );

  const capsOf = useKeyCaps(settings.shortcuts);
  const here = page === 'chat' && !isNew ? record : undefined;
  const running = useChatStore((state) => (state.views[currentId]?.run ?? null) !== null);
  const waiting = useChatStore((state) => state.views[currentId]?.queue.length ?? 0);
  const paused = useChatStore((state) => (state.views[currentId]?.queuePaused ?? null) !== null);
  const inOrder = () => groupSessions(sessions, new Date()).flatMap((group) => group.sessions);
  const step = (by: 1 | -1) => {
    const order = inOrder();
    const at = order.findIndex((session) => session.id === currentId);
    const next = order[at < 0 ? 0 : at + by];
    if (next !== undefined) openSession(next.id);
  };
  const queueCall = (route: 'chat.queue_pause' | 'chat.queue_resume' | 'chat.queue_clear') =>
    void api.request(route, { session_id: currentId }).then((answer) => {
      if (!answer.ok) chat.current?.report(answer.error);
    });
  const textStep = (by: 1 | -1) => () => void change(api, { textSize: textSizeAfter(settings.textSize, by) });
  const theme = (next: typeof settings.theme) => () => void change(api, { theme: next });
  useShortcuts(settings.shortcuts);
  useCommands({
    newChat,
    showSearch: () => openSearch(),
    showChat: openPage('chat'),
    showCredentials: openPage('credentials'),
    showUsage: openPage('usage'),
    showPrompts: openPage('prompts'),
    showLocalApi: openPage('localApi'),
    showSettings: openPage('settings'),
    showPalette: () => setPaletteOpen(true),
    showShortcuts: () => setShortcutsOpen(true),
    nextPart: () => moveFocus(1),
    previousPart: () => moveFocus(-1),
    themeSystem: theme('system'),
    themeLight: theme('light'),
    themeDark: theme('dark'),
    textLarger: textStep(1),
    textSmaller: textStep(-1),
    textReset: () => void change(api, { textSize: 100 }),
    ...(sessions.length === 0 ? {} : { nextSession: () => step(1), previousSession: () => step(-1) }),
    ...(page === 'chat' && !firstRun ? { conversationSettings: () => setPanelOpen((open) => !open) } : {}),
    ...(page === 'chat' && running ? { stopAnswer: () => void bridge.stop(currentId) } : {}),
    ...(here === undefined
      ? {}
      : {
          findHere: () => chat.current?.find(),
          renameSession: () => setAskedOf({ what: 'name', session: here }),
          tagSession: () => setAskedOf({ what: 'tags', session: here }),
          pinSession: () => void actions.pin(here.id, !here.pinned),
          archiveSession: () => void actions.archive(here.id, here.archivedAtMs === null),
          exportMarkdown: () => void actions.save(here, 'markdown'),
          exportJson: () => void actions.save(here, 'json'),
          deleteSession: () => setAskedOf({ what: 'deletion', session: here }),
          ...(here.state === 'idle' && here.messageCount > 0 ? { forkSession: () => void actions.fork(here) } : {}),
          ...(waiting > 0 && paused ? { resumeQueue: () => queueCall('chat.queue_resume') } : {}),
          ...(waiting > 0 && !paused ? { pauseQueue: () => queueCall('chat.queue_pause') } : {}),
          ...(waiting > 0 ? { clearQueue: () => queueCall('chat.queue_clear') } : {}),
        }),
  });
  const available = useAvailableCommands();
  const closePalette = useCallback(() => setPaletteOpen(false), []);

  const spent = useUsageFact();
  const keyFact = useKeyFact();
  const localApiFact = useLocalApiFact();
  const updateFact = useUpdateFact();
  const pages = useMemo(
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

  if (hasTrouble) return <RescuePage />;
  if (connection === 'refused') return <TokenDoor />;
  return (
    <div className="grid h-full grid-cols-[var(--sidebar)_minmax(0,1fr)] max-wide:grid-cols-[var(--rail)_minmax(0,1fr)]">
      <a
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-40 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2"
      >
        {t('app.skip')}
      </a>
      <Sidebar
        narrow={narrow}
        open={listOpen}
        onOpenChange={setListOpen}
        sessions={sessions}
        currentId={page === 'chat' && !isNew ? currentId : null}
        startedAtMs={startedAtMs}
        archived={archived}
        hasArchive={hasArchive}
        onArchiveOpen={() => void useSessionsStore.getState().loadArchive(api)}
        actions={actions}
        onOpen={openSession}
        onDelete={(session) => setAskedOf({ what: 'deletion', session })}
        onNewChat={newChat}
        onTags={(session) => setAskedOf({ what: 'tags', session })}
        onSearch={() => openSearch()}
        searching={page === 'search'}
        hints={{ search: capsOf('showSearch').join(' '), newChat: capsOf('newChat').join(' ') }}
        listed={listed !== null || listProblem !== null}
        problem={
          listFailure === null ? null : (
            <div role="alert" className="grid justify-items-start gap-2 p-2 text-stop-ink">
              <p>{listFailure.message}</p>
              {listProblem !== null && (
                <Button onClick={() => void useSessionsStore.getState().load(api)}>{t('action.tryAgain')}</Button>
              )}
            </div>
          )
        }
        pages={pages.map(({ name, label, icon, fact, isNews }) => ({
          name,
          label,
          icon,
          ...(fact === undefined ? {} : { fact, isNews }),
          current: page === name || ((page === 'data' || page === 'diagnostics') && name === 'settings'),
          onOpen: openPage(name),
        }))}
      />
      <main
        id="main"
        tabIndex={-1}
        data-connection={connection}
        className="relative flex min-h-0 min-w-0 flex-col border-l border-line bg-canvas outline-none"
      >
        <StateBanners
          linkProblem={links.problem}
          onLinkClose={links.forget}
          connection={connection}
          onDiagnostics={openPage('diagnostics')}
        />
        {page !== 'chat' ? (
          <PartBoundary name={page} resetKey={page}>
            {page === 'credentials' ? (
              <CredentialsPage
                info={info}
                defaultProfile={settings.defaultProfile}
                onMakeDefault={makeDefault}
                mode={settings.credentialMode}
                onMode={(credentialMode) => void change(api, { credentialMode })}
                onSecretsChanged={secretsChanged}
              />
            ) : page === 'usage' ? (
              <UsagePage onOpenCredentials={openPage('credentials')} onOpenPrices={() => openSettings('prices')} />
            ) : page === 'prompts' ? (
              <PromptsPage onUse={insertPrompt} />
            ) : page === 'search' ? (
              <SearchPage
                tags={tags}
                isArchived={(sessionId) => !sessions.some((session) => session.id === sessionId)}
                onOpen={openHit}
              />
            ) : page === 'localApi' ? (
              <LocalApiPage settings={settings} profiles={profiles ?? []} onChange={(values) => change(api, values)} />
            ) : page === 'data' ? (
              <DataPage onBack={openPage('settings')} handedIn={handedIn} onTaken={() => setHandedIn(null)} />
            ) : page === 'diagnostics' ? (
              <DiagnosticsPage
                info={info}
                logDetail={settings.logDetail}
                onLogDetail={(logDetail) => void change(api, { logDetail })}
                onBack={openPage('settings')}
              />
            ) : (
              <SettingsPage
                place={settingsPlace}
                profiles={profiles ?? []}
                onShowShortcuts={() => setShortcutsOpen(true)}
                onOpenData={openPage('data')}
                onOpenDiagnostics={openPage('diagnostics')}
                onOpenLocalApi={openPage('localApi')}
              />
            )}
          </PartBoundary>
        ) : (
          <div className="relative flex min-h-0 flex-1">
            <div className="flex min-w-0 flex-1 flex-col">
              <GoneNote />
              <PartBoundary name="chat" resetKey={currentId}>
                <FrameActions
                  value={
                    !firstRun && (
                      <ConversationSettingsButton
                        open={panelOpen}
                        ownSettings={hasOwnSettings(isNew ? ownChoice : record)}
                        onToggle={() => setPanelOpen((open) => !open)}
                      />
                    )
                  }
                >
                  <ChatPage
                    ref={chat}
                    sessionId={currentId}
                    title={title}
                    profiles={profiles ?? []}
                    defaultProfile={settings.defaultProfile}
                    quietSend={firstRun}
                    onOpenCredentials={openPage('credentials')}
                    onOpenUsage={openPage('usage')}
                    onOpenSettings={() => setPanelOpen(true)}
                    queue={(slot) => <QueuePanel {...slot} />}
                    mendKey={(slot) => <MendKey {...slot} onManage={openPage('credentials')} />}
                    prompts={prompts ?? NO_PROMPTS}
                    onPrompt={(promptId) => {
                      const prompt = prompts?.find((each) => each.id === promptId);
                      if (prompt !== undefined) insertPrompt(prompt);
                    }}
                    newStrip={
                      <p className="py-1">
                        {info === null
                          ? t('app.local')
                          : t('app.localKeys', { local: t('app.local'), keys: secretsWords(info.secrets) })}
                      </p>
                    }
                    welcome={
                      firstRun ? (
                        <FirstRun
                          onDemo={startDemo}
                          onImport={openPage('data')}
                          keyDoor={<KeyDoor onDone={startWith} />}
                          localDoor={<LocalDoor onDone={startWith} />}
                        />
                      ) : listed === null || profiles === null ? (
                        // Which of the two greetings is right is not known yet; neither may flash.
                        <div className="flex-1" />
                      ) : (
                        <EmptyChat answerer={answerer} />
                      )
                    }
                  />
                </FrameActions>
              </PartBoundary>
            </div>
            {panelOpen && (
              <ConversationPanel
                sessionId={currentId}
                isNew={isNew}
                record={record}
                profiles={profiles ?? []}
                defaultProfile={settings.defaultProfile}
                canChooseFolder={info?.abilities.chooseFolder === true}
                actions={actions}
                onOpen={openSession}
                onClose={() => setPanelOpen(false)}
              />
            )}
          </div>
        )}
      </main>
      {links.link !== null && (
        <LinkDialog
          key={links.link.id}
          link={links.link}
          onAnswer={(accept) => links.link !== null && void links.answer(links.link.id, accept)}
        />
      )}
      {info?.secrets.state === 'locked' && !unlockLater && (
        <PassphraseDialog task="unlock" onDone={secretsChanged} onClose={() => setUnlockLater(true)} />
      )}
      {paletteOpen && (
        <Palette
          commands={available}
          capsOf={capsOf}
          sessions={sessions}
          prompts={prompts ?? NO_PROMPTS}
          onCommand={runCommand}
          onSession={openSession}
          onPrompt={insertPrompt}
          onSearch={openSearch}
          onClose={closePalette}
        />
      )}
      {shortcutsOpen && (
        <ShortcutSheet
          chosen={settings.shortcuts}
          onChange={(shortcuts) => void change(api, { shortcuts })}
          onClose={() => setShortcutsOpen(false)}
        />
      )}
      {asking !== null && <FillDialog prompt={asking} onDone={putIntoDraft} onClose={() => setAsking(null)} />}
      <SessionDialogs asked={askedOf} tags={tags} actions={actions} onClose={() => setAskedOf(null)} />
    </div>
  );
}
