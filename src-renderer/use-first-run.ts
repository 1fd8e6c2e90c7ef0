import { type RefObject, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProfileRecord } from '#contract/records';
import type { ChatHandle } from './features/chat/chat-page.tsx';
import { useChatStore } from './features/chat/chat-store.ts';
import { draftOf, useDraftStore } from './features/chat/draft-store.ts';
import { useCredentialsStore } from './features/credentials/credentials-store.ts';
import { useSessionsStore } from './features/sessions/sessions-store.ts';
import { useSettingsStore } from './features/settings/settings-store.ts';
import { useCore } from './ipc/use-api.ts';

export interface FirstRun {
  /** The doors stand where the conversation will be: nobody but the demo can answer yet. */
  isFirst: boolean;
  startDemo: () => void;
  /** Whoever was connected first answers from now on; what was typed meanwhile goes out. */
  startWith: (profile: ProfileRecord) => void;
}

/** Owns whether a newcomer stands at the doors, and what happens when they go through one. */
export function useFirstRun(isChatOpen: boolean, chat: RefObject<ChatHandle | null>): FirstRun {
  const { t } = useTranslation();
  const { api } = useCore();
  const { settings, change } = useSettingsStore();
  const profiles = useCredentialsStore((state) => state.profiles);
  const listed = useSessionsStore((state) => state.sessions);
  const currentId = useChatStore((state) => state.currentId);
  const isNew = useChatStore((state) => state.isNew);
  const [doorsClosed, setDoorsClosed] = useState(false);
  const onlyDemo = profiles?.every((profile) => profile.kind === 'demo') === true;
  const mayStart = isNew && !doorsClosed && listed?.length === 0;
  // Whoever stands at the doors stays there while a key is tried, which makes a profile and takes it back when it is refused.
  const [atDoors, setAtDoors] = useState(false);
  const shouldStand = isChatOpen && mayStart && (atDoors || onlyDemo);
  if (shouldStand !== atDoors) setAtDoors(shouldStand);

  const answerWith = (profile: ProfileRecord) => {
    useChatStore.getState().choose(currentId, { profile: profile.name });
    if (settings.defaultProfile !== profile.name) void change(api, { defaultProfile: profile.name });
  };
  const goIn = (whenEmpty: () => void) => {
    setDoorsClosed(true);
    if (draftOf(useDraftStore.getState().texts, currentId).trim() === '') whenEmpty();
    else chat.current?.submit();
    // The door that was pressed is gone; whoever came in goes on writing.
    chat.current?.focus();
  };
  return {
    isFirst: mayStart && (atDoors || onlyDemo),
    startDemo: () => {
      const demo = profiles?.find((profile) => profile.kind === 'demo');
      if (demo !== undefined) answerWith(demo);
      goIn(() => chat.current?.offer(t('firstRun.sample')));
    },
    startWith: (profile) => {
      answerWith(profile);
      goIn(() => undefined);
    },
  };
}
