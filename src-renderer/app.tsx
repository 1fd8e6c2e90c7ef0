import { ChartColumn, HardDrive, KeyRound, Settings as SettingsIcon, WifiOff } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LinkOutcome } from '#contract/links';
import type { SessionRecord } from '#contract/records';
import { ConversationPanel } from './conversation-panel.tsx';
import { dropSessions } from './drop-sessions.ts';
import { ErrorNote } from './errors/error-note.tsx';
import { type ChatHandle, ChatPage } from './features/chat/chat-page.tsx';
import { useChatStore } from './features/chat/chat-store.ts';
import { draftOf, keepText, useDraftStore } from './features/chat/draft-store.ts';
import { EmptyChat } from './features/chat/empty-chat.tsx';
import { useWatchCurrent } from './features/chat/use-watch-current.ts';
import { ConnectForm } from './features/credentials/connect-form.tsx';
import { CredentialsPage } from './features/credentials/credentials-page.tsx';
import { useCredentialsStore } from './features/credentials/credentials-store.ts';
import { PassphraseDialog } from './features/credentials/passphrase-dialog.tsx';
import { LinkDialog } from './features/links/link-dialog.tsx';
import { useLinks } from './features/links/use-links.ts';
import { FirstRun } from './features/onboarding/first-run.tsx';
import { QueuePanel } from './features/queue/queue-panel.tsx';
import { ConversationSettingsButton } from './features/sessions/conversation-settings.tsx';
import { useSessionsStore } from './features/sessions/sessions-store.ts';
import { Sidebar } from './features/sessions/sidebar.tsx';
import { useSessionActions } from './features/sessions/use-session-actions.ts';
import { SettingsPage } from './features/settings/settings-page.tsx';
import { useSettingsStore } from './features/settings/settings-store.ts';
import { useTheme } from './features/settings/use-theme.ts';
import { UsagePage } from './features/usage/usage-page.tsx';
import { useUsageFact } from './features/usage/use-usage-fact.ts';
import { useCore } from './ipc/use-api.ts';
import { Banner } from './ui/banner.tsx';
import { Button } from './ui/button.tsx';
import { ConfirmDialog } from './ui/confirm-dialog.tsx';
import { FrameActions } from './ui/page-header.tsx';
import { useMedia } from './ui/use-media.ts';
import { useAwayNews } from './use-away-news.ts';
import { useCoreEvents } from './use-core-events.ts';
import { useNamedSession } from './use-named-session.ts';
import { useRunStarts } from './use-run-starts.ts';

type Page = 'chat' | 'credentials' | 'usage' | 'settings';

const NO_SESSIONS: SessionRecord[] = [];

/** The frame: which page is open, and how the features meet. They do not know of each other. */
export function App() {
  const { t } = useTranslation();
  const { api, bridge } = useCore();
  const connection = useCoreEvents(api, bridge);
  const narrow = useMedia('(max-width: 839.98px)');
  const [page, setPage] = useState<Page>('chat');
  const [listOpen, setListOpen] = useState(false);
  const [connecting, setConnecting] = useState(false);
  const [doorsClosed, setDoorsClosed] = useState(false);
  const [doomed, setDoomed] = useState<SessionRecord | null>(null);
  const [panelOpen, setPanelOpen] = useState(false);
  // Asked once when the window opens; after that, where a key is needed.
  const [unlockLater, setUnlockLater] = useState(false);
  const chat = useRef<ChatHandle>(null);

  const { settings, info, storage, change } = useSettingsStore();
  useTheme(settings.theme);
  const profiles = useCredentialsStore((state) => state.profiles);
  const keyCount = useCredentialsStore((state) => state.credentials?.length);
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
  const firstRun = isNew && !doorsClosed && listed?.length === 0 && onlyDemo;

  const chosen = useChatStore((state) => state.choices[currentId]?.profile) ?? settings.defaultProfile;
  const answerer =
    profiles?.find((profile) => profile.name === chosen)?.kind === 'demo' ? t('chat.demoAnswerer') : chosen;

  const openSession = useCallback((sessionId: string) => {
    useChatStore.getState().show(sessionId);
    setPage('chat');
    setListOpen(false);
  }, []);
  const openHit = useCallback(
    (sessionId: string, messageId: string | null) => {
      openSession(sessionId);
      // The page of the message has to be drawn first.
      if (messageId !== null) setTimeout(() => chat.current?.showMessage(messageId), 150);
    },
    [openSession],
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
    setListOpen(false);
  };
  const forget = useCallback((sessionId: string) => dropSessions(bridge, [sessionId]), [bridge]);
  const { actions, problem: refused } = useSessionActions({ onOpened: openSession, onDeleted: forget });
  const listFailure = refused ?? listProblem;
  useAwayNews(page === 'chat' ? title : t(`${page}.title`), openSession);
  useNamedSession(openSession, newChat);
  useWatchCurrent(bridge);
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

  const spent = useUsageFact();
  const pages = useMemo(
    () => [
      {
        name: 'credentials',
        label: t('credentials.title'),
        icon: KeyRound,
        fact:
          keyCount === undefined
            ? undefined
            : keyCount === 0
              ? t('credentials.none')
              : t('credentials.count', { count: keyCount }),
      },
      { name: 'usage', label: t('usage.title'), icon: ChartColumn, fact: spent },
      { name: 'settings', label: t('settings.title'), icon: SettingsIcon, fact: undefined },
    ],
    [t, keyCount, spent],
  );

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
        onDelete={setDoomed}
        onNewChat={newChat}
        onOpenHit={openHit}
        problem={
          listFailure === null ? null : (
            <p role="alert" className="p-2 text-stop-ink">
              {listFailure.message}
            </p>
          )
        }
        pages={pages.map(({ name, label, icon, fact }) => ({
          name,
          label,
          icon,
          ...(fact === undefined ? {} : { fact }),
          current: page === name,
          onOpen: openPage(name === 'settings' || name === 'usage' ? name : 'credentials'),
        }))}
      />
      <main
        id="main"
        tabIndex={-1}
        className="relative flex min-h-0 min-w-0 flex-col border-l border-line bg-canvas outline-none"
      >
        {links.problem !== null && (
          <Banner look="stop" icon={KeyRound} fact={t('links.failed', { reason: links.problem })} consequence="">
            <Button onClick={links.forget}>{t('links.close')}</Button>
          </Banner>
        )}
        {storage.state === 'read-only' ? (
          <Banner
            look="stop"
            icon={HardDrive}
            fact={t('banner.readOnly')}
            consequence={storage.message ?? t('banner.readOnlyNext')}
          >
            <Button onClick={() => void useSettingsStore.getState().load(api)}>{t('action.tryAgain')}</Button>
          </Banner>
        ) : connection === 'down' ? (
          <Banner look="wait" icon={WifiOff} fact={t('banner.down')} consequence={t('banner.downNext')} />
        ) : (
          info?.notice != null && (
            <Banner look="stop" icon={HardDrive} fact={t('banner.notice')} consequence={info.notice} />
          )
        )}
        {connection === 'refused' ? (
          <div className="m-auto max-w-md p-6">
            <ErrorNote
              code="unauthorized"
              retry={{ kind: 'no' }}
              message={t('banner.refused')}
              onRemedy={() => window.location.reload()}
            />
          </div>
        ) : page === 'credentials' ? (
          <CredentialsPage
            info={info}
            defaultProfile={settings.defaultProfile}
            onMakeDefault={makeDefault}
            onSecretsChanged={secretsChanged}
          />
        ) : page === 'usage' ? (
          <UsagePage onOpenCredentials={openPage('credentials')} onOpenPrices={openPage('settings')} />
        ) : page === 'settings' ? (
          <SettingsPage profiles={profiles ?? []} />
        ) : (
          <div className="relative flex min-h-0 flex-1">
            <div className="flex min-w-0 flex-1 flex-col">
              <FrameActions
                value={
                  !firstRun && (
                    <ConversationSettingsButton open={panelOpen} onToggle={() => setPanelOpen((open) => !open)} />
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
                  queue={(slot) => <QueuePanel {...slot} />}
                  newStrip={<p>{info === null ? t('app.local') : `${t('app.local')} ${info.secrets.message}`}</p>}
                  welcome={
                    firstRun ? (
                      <FirstRun
                        onDemo={startDemo}
                        connecting={connecting}
                        onConnecting={() => setConnecting(true)}
                        connectForm={
                          <ConnectForm
                            filled
                            submit={t('firstRun.useKey')}
                            onCancel={() => setConnecting(false)}
                            onDone={(profile) => {
                              makeDefault(profile.name);
                              useChatStore.getState().choose(currentId, { profile: profile.name });
                              chat.current?.focus();
                            }}
                          />
                        }
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
      {doomed !== null && (
        <ConfirmDialog
          title={t('sessions.confirm.title', { title: doomed.title })}
          body={t('sessions.confirm.body')}
          confirm={t('sessions.confirm.yes')}
          cancel={t('sessions.confirm.no')}
          onConfirm={() => void actions.remove(doomed)}
          onClose={() => setDoomed(null)}
        />
      )}
    </div>
  );
}
