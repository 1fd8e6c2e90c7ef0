import type { RefObject } from 'react';
import type { SessionRecord } from '#contract/records';
import type { Settings } from '#contract/settings';
import { useCommands } from './commands/command-store.ts';
import { useShortcuts } from './commands/use-shortcuts.ts';
import type { ChatHandle } from './features/chat/chat-page.tsx';
import { useChatStore } from './features/chat/chat-store.ts';
import { besideInList } from './features/sessions/group-sessions.ts';
import type { AskedOfSession } from './features/sessions/session-dialogs.tsx';
import type { SessionActions } from './features/sessions/use-session-actions.ts';
import { useSettingsStore } from './features/settings/settings-store.ts';
import { textSizeAfter } from './features/settings/text-size.ts';
import { useCore } from './ipc/use-api.ts';
import { moveFocus } from './move-focus.ts';
import type { Place } from './use-place.ts';

interface FrameCommandsParts {
  place: Place;
  chat: RefObject<ChatHandle | null>;
  sessions: SessionRecord[];
  currentId: string;
  /** The stored conversation that is open and looked at; undefined where there is none. */
  here: SessionRecord | undefined;
  actions: SessionActions;
  ask: (asked: AskedOfSession) => void;
  newChat: () => void;
  openSession: (sessionId: string) => void;
  openSearch: () => void;
  showPalette: () => void;
  showShortcuts: () => void;
  /** Absent where a conversation has no settings to show. */
  togglePanel: (() => void) | undefined;
}

/** What the frame can do by name, and by which keys. What cannot be done now is left out, so that nothing offers it. */
export function useFrameCommands(parts: FrameCommandsParts): void {
  const { place, chat, sessions, currentId, here, actions, ask, openSession, togglePanel } = parts;
  const { api, bridge } = useCore();
  const { settings, change } = useSettingsStore();
  const isChat = place.page === 'chat';
  const running = useChatStore((state) => (state.views[currentId]?.run ?? null) !== null);
  const waiting = useChatStore((state) => state.views[currentId]?.queue.length ?? 0);
  const paused = useChatStore((state) => (state.views[currentId]?.queuePaused ?? null) !== null);
  const show = (page: Place['page']) => () => place.go(page);
  const set = (values: () => Partial<Settings>) => () => void change(api, values());
  const step = (by: 1 | -1) => () => {
    const next = besideInList(sessions, currentId, by, new Date());
    if (next !== null) openSession(next);
  };
  const queueCall = (route: 'chat.queue_pause' | 'chat.queue_resume' | 'chat.queue_clear') => () =>
    void api.request(route, { session_id: currentId }).then((answer) => {
      if (!answer.ok) chat.current?.report(answer.error);
    });
  useShortcuts(settings.shortcuts);
  useCommands({
    newChat: parts.newChat,
    showSearch: parts.openSearch,
    showChat: show('chat'),
    showCredentials: show('credentials'),
    showUsage: show('usage'),
    showPrompts: show('prompts'),
    showLocalApi: show('localApi'),
    showSettings: show('settings'),
    showPalette: parts.showPalette,
    showShortcuts: parts.showShortcuts,
    nextPart: () => moveFocus(1),
    previousPart: () => moveFocus(-1),
    themeSystem: set(() => ({ theme: 'system' })),
    themeLight: set(() => ({ theme: 'light' })),
    themeDark: set(() => ({ theme: 'dark' })),
    textLarger: set(() => ({ textSize: textSizeAfter(settings.textSize, 1) })),
    textSmaller: set(() => ({ textSize: textSizeAfter(settings.textSize, -1) })),
    textReset: set(() => ({ textSize: 100 })),
    ...(sessions.length === 0 ? {} : { nextSession: step(1), previousSession: step(-1) }),
    ...(togglePanel === undefined ? {} : { conversationSettings: togglePanel }),
    ...(isChat && running ? { stopAnswer: () => void bridge.stop(currentId) } : {}),
    ...(here === undefined
      ? {}
      : {
          findHere: () => chat.current?.find(),
          renameSession: () => ask({ what: 'name', session: here }),
          tagSession: () => ask({ what: 'tags', session: here }),
          pinSession: () => void actions.pin(here.id, !here.pinned),
          archiveSession: () => void actions.archive(here.id, here.archivedAtMs === null),
          exportMarkdown: () => void actions.save(here, 'markdown'),
          exportJson: () => void actions.save(here, 'json'),
          deleteSession: () => ask({ what: 'deletion', session: here }),
          ...(here.state === 'idle' && here.messageCount > 0 ? { forkSession: () => void actions.fork(here) } : {}),
          ...(waiting > 0 && paused ? { resumeQueue: queueCall('chat.queue_resume') } : {}),
          ...(waiting > 0 && !paused ? { pauseQueue: queueCall('chat.queue_pause') } : {}),
          ...(waiting > 0 ? { clearQueue: queueCall('chat.queue_clear') } : {}),
        }),
  });
}
