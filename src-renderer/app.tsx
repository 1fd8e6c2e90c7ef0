import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LinkOutcome } from '#contract/links';
import type { PromptRecord, SessionRecord } from '#contract/records';
import { runCommand, useAvailableCommands } from './commands/command-store.ts';
import { useKeyCaps } from './commands/use-shortcuts.ts';
import { ConversationPanel } from './conversation-panel.tsx';
import { deleteHere, dropSessions } from './drop-sessions.ts';
import { type ChatHandle, ChatPage } from './features/chat/chat-page.tsx';
import { useChatStore } from './features/chat/chat-store.ts';
import { keepText } from './features/chat/draft-store.ts';
import { EmptyChat } from './features/chat/empty-chat.tsx';
import { useWatchCurrent } from './features/chat/use-watch-current.ts';
import { useCredentialsStore } from './features/credentials/credentials-store.ts';
import { KeyDoor } from './features/credentials/key-door.tsx';
import { LocalDoor } from './features/credentials/local-door.tsx';
import { MendKey } from './features/credentials/mend-key.tsx';
import { PassphraseDialog } from './features/credentials/passphrase-dialog.tsx';
import { LinkDialog } from './features/links/link-dialog.tsx';
import { useLinks } from './features/links/use-links.ts';
import { FirstRun } from './features/onboarding/first-run.tsx';
import { variablesOf } from './features/prompts/fill-prompt.ts';
import { usePromptsStore } from './features/prompts/prompts-store.ts';
import { QueuePanel } from './features/queue/queue-panel.tsx';
import { useSearchStore } from './features/search/search-store.ts';
import { ConversationSettingsButton } from './features/sessions/conversation-settings.tsx';
import { hasOwnSettings } from './features/sessions/has-own-settings.ts';
import { type AskedOfSession, SessionDialogs } from './features/sessions/session-dialogs.tsx';
import { useSessionsStore } from './features/sessions/sessions-store.ts';
import { Sidebar } from './features/sessions/sidebar.tsx';
import { tagsOf } from './features/sessions/tags.ts';
import { useSessionActions } from './features/sessions/use-session-actions.ts';
import { useSettingsStore } from './features/settings/settings-store.ts';
import { useAppearance, useLanguage } from './features/settings/use-appearance.ts';
import { GoneNote } from './gone-note.tsx';
import { useCore } from './ipc/use-api.ts';
import { secretsWords } from './locales/secrets-words.ts';
import { OpenPage, preloadSearch } from './open-page.tsx';
import { PartBoundary } from './part-boundary.tsx';
import { showHit } from './show-hit.ts';
import { StateBanners } from './state-banners.tsx';
import { TokenDoor } from './token-door.tsx';
import { Button } from './ui/button.tsx';
import { late } from './ui/late.tsx';
import { FrameActions } from './ui/page-header.tsx';
import { useNoStrayDrops } from './ui/use-file-drop.ts';
import { useIsBelow } from './ui/window-width.ts';
import { useAwayNews } from './use-away-news.ts';
import { useBegunElsewhere } from './use-begun-elsewhere.ts';
import { useCoreEvents } from './use-core-events.ts';
import { useFirstRun } from './use-first-run.ts';
import { useFrameCommands } from './use-frame-commands.ts';
import { useNamedSession } from './use-named-session.ts';
import { usePageLinks } from './use-page-links.ts';
import { type Page, usePlace } from './use-place.ts';
import { useRunStarts } from './use-run-starts.ts';
import { useUnread } from './use-unread.ts';

// What is not there with the first drawing comes on its first use.
const FillDialog = late(async () => (await import('./features/prompts/fill-dialog.tsx')).FillDialog);
const Palette = late(async () => (await import('./features/palette/palette.tsx')).Palette, { takesKeys: true });
const ShortcutSheet = late(async () => (await import('./features/palette/shortcut-sheet.tsx')).ShortcutSheet);
const RescuePage = late(async () => (await import('./features/data/rescue-page.tsx')).RescuePage);

const NO_SESSIONS: SessionRecord[] = [];
const NO_PROMPTS: readonly PromptRecord[] = [];

/** The frame: which page is open, and how the features meet. They do not know of each other. */
export function App() {
  const { t, i18n } = useTranslation();
  const { api, bridge } = useCore();
  const connection = useCoreEvents(api, bridge);
  const narrow = useIsBelow('wide');
  const place = usePlace();
  const { page, listOpen, setListOpen, go } = place;
  const [panelOpen, setPanelOpen] = useState(false);
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [shortcutsOpen, setShortcutsOpen] = useState(false);
  const [askedOf, setAskedOf] = useState<AskedOfSession | null>(null);
  /** A prompt that asks for something before it is inserted. */
  const [asking, setAsking] = useState<PromptRecord | null>(null);
  // Asked once when the window opens; after that, where a key is needed.
  const [unlockLater, setUnlockLater] = useState(false);
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
      void preloadSearch();
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
  const { isFirst: firstRun, startDemo, startWith } = useFirstRun(page === 'chat', chat);

  const ownChoice = useChatStore((state) => state.choices[currentId]);
  const chosen = ownChoice?.profile ?? settings.defaultProfile;
  const answerer =
    profiles?.find((profile) => profile.name === chosen)?.kind === 'demo' ? t('chat.demoAnswerer') : chosen;

  const openSession = useCallback(
    (sessionId: string) => {
      useChatStore.getState().show(sessionId);
      go('chat');
    },
    [go],
  );
  const openHit = useCallback(
    (hit: { sessionId: string; messageId: string | null }, words: string) => {
      openSession(hit.sessionId);
      if (hit.messageId !== null) void showHit(api, hit.sessionId, hit.messageId, words, () => chat.current);
    },
    [api, openSession],
  );
  const newChat = useCallback(() => {
    useChatStore.getState().startNew();
    go('chat');
    chat.current?.focus();
  }, [go]);
  const onLink = useCallback(
    (outcome: LinkOutcome) => {
      if (outcome.done === 'session') openSession(outcome.sessionId);
      else if (outcome.done === 'connect') go('credentials');
      else if (outcome.done === 'new') {
        newChat();
        keepText(useChatStore.getState().currentId, outcome.text);
      }
    },
    [openSession, newChat, go],
  );
  const links = useLinks(onLink);
  const openPage = (next: Page) => () => go(next);
  const forget = useCallback((sessionId: string) => dropSessions(bridge, [sessionId]), [bridge]);
  const deleteByHand = useCallback(
    (sessionId: string, send: () => Promise<boolean>) => deleteHere(api, sessionId, send),
    [api],
  );
  const { actions, problem: refused } = useSessionActions({
    onOpened: openSession,
    onDeleted: forget,
    deleteByHand,
  });
  const listFailure = refused ?? listProblem;
  useAwayNews(page === 'chat' ? title : page === 'search' ? t('search.open') : t(`${page}.title`), openSession);
  useNamedSession(openSession, newChat, place.goToImport, place.goToSettings);
  useWatchCurrent(bridge);
  useBegunElsewhere();
  useNoStrayDrops();
  useUnread(page === 'chat' && !isNew ? currentId : null);
  const secretsChanged = () => {
    void useSettingsStore.getState().load(api);
    void useCredentialsStore.getState().load(api);
  };
  const tags = useMemo(() => tagsOf(sessions, i18n.language), [sessions, i18n.language]);
  const openSearch = (query?: string) => {
    if (query !== undefined) useSearchStore.getState().change({ query });
    go('search');
  };
  const putIntoDraft = useCallback(
    (text: string) => {
      go('chat');
      // Once what it was chosen in is gone and, from another page, the composer is there.
      requestAnimationFrame(() => (chat.current === null ? keepText(currentId, text) : chat.current.add(text)));
    },
    [currentId, go],
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
  const togglePanel = () => setPanelOpen((open) => !open);
  useFrameCommands({
    place,
    chat,
    sessions,
    currentId,
    here,
    actions,
    ask: setAskedOf,
    newChat,
    openSession,
    openSearch: () => openSearch(),
    showPalette: () => setPaletteOpen(true),
    showShortcuts: () => setShortcutsOpen(true),
    togglePanel: page === 'chat' && !firstRun ? togglePanel : undefined,
  });
  const pageLinks = usePageLinks(place);
  const available = useAvailableCommands();
  const closePalette = useCallback(() => setPaletteOpen(false), []);

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
        pages={pageLinks}
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
            <OpenPage
              page={page}
              place={place}
              tags={tags}
              onHit={openHit}
              onPrompt={insertPrompt}
              onShortcuts={() => setShortcutsOpen(true)}
              onSecretsChanged={secretsChanged}
            />
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
                        onToggle={togglePanel}
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
                    settled={known && profiles !== null}
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
