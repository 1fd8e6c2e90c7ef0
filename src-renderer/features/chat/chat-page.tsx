import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { UserAction } from '#contract/errors';
import type { QueuedMessage, QueuePauseReason } from '#contract/events';
import type { ProfileRecord } from '#contract/records';
import type { RunView } from '#contract/run-view';
import { remedyPlace } from '../../errors/error-words.ts';
import { useCore } from '../../ipc/use-api.ts';
import { PageHeader } from '../../ui/page-header.tsx';
import { useChatStore } from './chat-store.ts';
import { Composer, type ComposerHandle } from './composer.tsx';
import { Conversation } from './conversation.tsx';
import { HeaderState } from './header-state.tsx';
import { ProfilePicker } from './profile-picker.tsx';

export interface ChatHandle extends ComposerHandle {
  showMessage: (messageId: string) => void;
}

export interface QueueSlot {
  sessionId: string;
  items: QueuedMessage[];
  paused: QueuePauseReason | null;
  running: boolean;
  /** Who answers here now; a waiting message names its model only where it differs. */
  model: string | null;
}

interface ChatPageProps {
  sessionId: string;
  title: string;
  profiles: ProfileRecord[];
  defaultProfile: string;
  /** What stands in place of the conversation until something was said. */
  welcome: ReactNode;
  /** The view already has its one filled button. */
  quietSend: boolean;
  /** The line below the composer while nothing has been said. */
  newStrip: ReactNode;
  queue: (slot: QueueSlot) => ReactNode;
  onOpenCredentials: () => void;
  ref: Ref<ChatHandle>;
}

const NO_QUEUE: QueuedMessage[] = [];

/** The model of the live run, or of the last one. */
function currentModel(view: RunView | undefined): string | null {
  if (view === undefined) return null;
  const lastRunId = view.settled.at(-1)?.run_id ?? '';
  return view.run?.model ?? view.runs[lastRunId]?.model ?? null;
}

/** One conversation: what was said, what waits, and where the next message is written. */
export function ChatPage(props: ChatPageProps) {
  const { sessionId, title, profiles, defaultProfile, welcome, quietSend, newStrip, queue, onOpenCredentials, ref } =
    props;
  const { t } = useTranslation();
  const { bridge } = useCore();
  const isNew = useChatStore((state) => state.isNew);
  const running = useChatStore((state) => (state.views[sessionId]?.run ?? null) !== null);
  const items = useChatStore((state) => state.views[sessionId]?.queue ?? NO_QUEUE);
  const model = useChatStore((state) => currentModel(state.views[sessionId]));
  const paused = useChatStore((state) => state.views[sessionId]?.queuePaused ?? null);
  const composer = useRef<ComposerHandle>(null);
  const picker = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (isNew) return;
    void bridge.watch(sessionId);
    return () => {
      // An answer in the making is followed further, so that coming back shows it at once.
      if ((useChatStore.getState().views[sessionId]?.run ?? null) === null) bridge.unwatch(sessionId);
    };
  }, [bridge, sessionId, isNew]);

  useImperativeHandle(ref, () => ({
    focus: () => composer.current?.focus(),
    submit: () => composer.current?.submit(),
    send: (text) => composer.current?.send(text),
    offer: (text) => composer.current?.offer(text),
    showMessage: (messageId) => {
      document.querySelector(`[data-message-id="${CSS.escape(messageId)}"]`)?.scrollIntoView({ block: 'center' });
    },
  }));

  const mend = (remedy: UserAction, text: string) => {
    const place = remedyPlace(remedy);
    if (place === 'credentials') onOpenCredentials();
    else if (place === 'resend') composer.current?.send(text);
    else if (place === 'edit') composer.current?.offer(text);
    else if (place === 'model') picker.current?.click();
    else window.location.reload();
  };

  return (
    <>
      <PageHeader title={title}>
        <HeaderState sessionId={sessionId} />
      </PageHeader>
      <div className="flex min-h-0 flex-1 flex-col">
        {isNew ? (
          welcome
        ) : (
          <Conversation
            key={sessionId}
            sessionId={sessionId}
            title={title}
            onSend={(text) => composer.current?.send(text)}
            onRemedy={mend}
          />
        )}
        <div className="flex-none pb-2">
          <div className="column relative">
            {queue({ sessionId, items, paused, running, model })}
            <Composer
              key={sessionId}
              ref={composer}
              sessionId={sessionId}
              quiet={quietSend || (paused !== null && items.length > 0)}
              placeholder={t(running ? 'composer.placeholderRunning' : 'composer.placeholder')}
              picker={
                <ProfilePicker
                  sessionId={sessionId}
                  profiles={profiles}
                  defaultProfile={defaultProfile}
                  buttonRef={picker}
                />
              }
              strip={
                isNew ? (
                  newStrip
                ) : (
                  <p className="truncate max-wide:hidden">{t(running ? 'composer.keysRunning' : 'composer.keys')}</p>
                )
              }
            />
          </div>
        </div>
      </div>
    </>
  );
}
