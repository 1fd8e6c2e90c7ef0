import { Paperclip } from 'lucide-react';
import {
  Fragment,
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { useShallow } from 'zustand/react/shallow';
import type { ErrorCode, UserAction } from '#contract/errors';
import type { QueuedMessage, QueuePauseReason } from '#contract/events';
import { newId } from '#contract/ids';
import type { ProfileRecord } from '#contract/records';
import { type RunView, viewMessages } from '#contract/run-view';
import { fixedKeyText } from '../../commands/use-shortcuts.ts';
import { remedyPlace } from '../../errors/error-words.ts';
import { useCore } from '../../ipc/use-api.ts';
import { DropVeil } from '../../ui/drop-veil.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { useFileDrop } from '../../ui/use-file-drop.ts';
import { useFocusKept } from '../../ui/use-focus-kept.ts';
import { useAttachmentStore } from './attachment-store.ts';
import { useChatStore } from './chat-store.ts';
import { Composer, type ComposerHandle } from './composer.tsx';
import { ContextMeter } from './context-meter.tsx';
import { Conversation, type ConversationHandle } from './conversation.tsx';
import { keepText } from './draft-store.ts';
import { useFindStore } from './find/find-store.ts';
import { FitNote } from './fit-note.tsx';
import { opensTurn } from './group-turns.ts';
import { HeaderState } from './header-state.tsx';
import type { FileBlock } from './message-input.ts';
import { ProfilePicker } from './profile-picker.tsx';
import type { SlashPrompt } from './slash-commands.ts';
import type { MendKey } from './turn-actions.ts';

export interface ChatHandle extends ComposerHandle {
  /** Brings a message into view; `words` are marked wherever they stand. */
  showMessage: (messageId: string, words?: string) => void;
  /** Looks for words in the open conversation. */
  find: () => void;
}

export interface QueueSlot {
  sessionId: string;
  items: QueuedMessage[];
  paused: QueuePauseReason | null;
  running: boolean;
  /** Who answers here now; a waiting message names its model only where it differs. */
  model: string | null;
  /** Who answers in this conversation; null for the default. */
  profile: string | null;
  /** The newest run, once it has ended; `code` where it failed. */
  ended: { runId: string; succeeded: boolean; code: ErrorCode | null } | null;
  /** The waiting message that is being edited. */
  editingId: string | null;
  onEditing: (queueId: string | null) => void;
  /** Text and files that would be lost go to the composer. */
  onKeep: (text: string, files: readonly FileBlock[]) => void;
}

interface ChatPageProps {
  sessionId: string;
  title: string;
  profiles: ProfileRecord[];
  defaultProfile: string;
  /** Whether `profiles` and `defaultProfile` are the person's own, and not what everything starts with. */
  settled: boolean;
  /** What stands in place of the conversation until something was said. */
  welcome: ReactNode;
  /** The view already has its one filled button. */
  quietSend: boolean;
  /** The line below the composer while nothing has been said. */
  newStrip: ReactNode;
  queue: (slot: QueueSlot) => ReactNode;
  /** A field for another key, where an answer failed for want of one. */
  mendKey: MendKey;
  /** The library, offered after a slash. */
  prompts: readonly SlashPrompt[];
  onPrompt: (promptId: string) => void;
  onOpenCredentials: () => void;
  onOpenUsage: () => void;
  /** Shows the settings of the open conversation. */
  onOpenSettings: () => void;
  ref: Ref<ChatHandle>;
}

const NO_QUEUE: QueuedMessage[] = [];

/** The model of the live run, or of the last one. */
function currentModel(view: RunView | undefined): string | null {
  if (view === undefined) return null;
  const lastRunId = view.settled.at(-1)?.run_id ?? '';
  return view.run?.model ?? view.runs[lastRunId]?.model ?? null;
}

function newestEnd(view: RunView | undefined): QueueSlot['ended'] {
  if (view?.run !== null) return null;
  const record = view.runs[view.settled.at(-1)?.run_id ?? ''];
  if (record === undefined) return null;
  return { runId: record.id, succeeded: record.status === 'success', code: record.errorInfo?.code ?? null };
}

/** One conversation: what was said, what waits, and where the next message is written. */
export function ChatPage(props: ChatPageProps) {
  const {
    sessionId,
    title,
    profiles,
    defaultProfile,
    settled,
    welcome,
    quietSend,
    newStrip,
    queue,
    mendKey,
    prompts,
    onPrompt,
    onOpenCredentials,
    onOpenUsage,
    onOpenSettings,
    ref,
  } = props;
  const { t } = useTranslation();
  const { api } = useCore();
  const isNew = useChatStore((state) => state.isNew);
  const rewriting = useChatStore((state) => state.editingMessageId !== null);
  const running = useChatStore((state) => (state.views[sessionId]?.run ?? null) !== null);
  const items = useChatStore((state) => state.views[sessionId]?.queue ?? NO_QUEUE);
  const model = useChatStore((state) => currentModel(state.views[sessionId]));
  const paused = useChatStore((state) => state.views[sessionId]?.queuePaused ?? null);
  const profile = useChatStore((state) => state.sessions[sessionId]?.profile ?? null);
  const liveProfile = useChatStore((state) => state.views[sessionId]?.run?.profile);
  const ended = useChatStore(useShallow((state) => newestEnd(state.views[sessionId])));
  const [editing, setEditing] = useState<{ sessionId: string; queueId: string } | null>(null);
  const chosen = useChatStore((state) => state.choices[sessionId]?.profile);
  const answerer = chosen ?? profile ?? defaultProfile;
  const answererKind = profiles.find((each) => each.name === answerer)?.kind;
  const liveKind = profiles.find((each) => each.name === liveProfile)?.kind;
  // One that turns out not to take it queues the message instead, and says so.
  const canSteer = liveKind === 'hermes' || liveKind === 'demo';
  const dragging = useFileDrop((files) => composer.current?.attach(files));
  const composer = useRef<ComposerHandle>(null);
  const picker = useRef<HTMLButtonElement>(null);
  const conversation = useRef<ConversationHandle>(null);

  const whole = useRef<HTMLDivElement>(null);
  useFocusKept(whole, (gone, wasPressed) => {
    // A message that was scrolled out of sight is drawn no more: whoever reads goes on reading, everybody else goes on writing.
    const isReading = !wasPressed && gone.closest('[data-turn]') !== null;
    const list = isReading ? whole.current?.querySelector<HTMLElement>('[data-print="conversation"]') : null;
    if (list == null) composer.current?.focus();
    else list.focus({ preventScroll: true });
  });

  // Whoever ends an edit goes on writing.
  const wasEditing = useRef(false);
  useEffect(() => {
    const isEditing = editing !== null || rewriting;
    if (wasEditing.current && !isEditing) composer.current?.focus();
    wasEditing.current = isEditing;
  }, [editing, rewriting]);

  /** Asks for another answer to a message; one that has no run is sent again. */
  const again = async (runId: string | null, text: string) => {
    if (runId === null) {
      composer.current?.send(text);
      return;
    }
    const answer = await api.request('chat.regenerate', { session_id: sessionId, run_id: runId, queue_id: newId() });
    if (!answer.ok) composer.current?.report(answer.error);
  };

  const find = useCallback(() => {
    const { currentId, isNew } = useChatStore.getState();
    if (isNew) return;
    useFindStore.getState().open(currentId);
    const field = document.querySelector<HTMLInputElement>('[data-testid="find-input"]');
    field?.focus();
    field?.select();
  }, []);

  useImperativeHandle(ref, () => ({
    focus: () => composer.current?.focus(),
    submit: () => composer.current?.submit(),
    send: (text) => composer.current?.send(text),
    offer: (text) => composer.current?.offer(text),
    add: (text) => composer.current?.add(text),
    attach: (files) => composer.current?.attach(files),
    report: (error) => composer.current?.report(error),
    hint: (key) => composer.current?.hint(key),
    showMessage: (messageId, words) => conversation.current?.showMessage(messageId, words),
    find,
  }));

  /** Opens the message that was sent last where it stands. */
  const editSent = (): boolean => {
    const view = useChatStore.getState().views[sessionId];
    const rows = view === undefined ? [] : viewMessages(view);
    const sent = rows.findLast((row, index) => opensTurn(row, rows[index - 1]));
    if (sent !== undefined) useChatStore.getState().editMessage(sent.id);
    return sent !== undefined;
  };

  const mend = (remedy: UserAction, { runId, text }: { runId: string | null; text: string }) => {
    const place = remedyPlace(remedy);
    if (place === 'credentials') onOpenCredentials();
    else if (place === 'usage') onOpenUsage();
    else if (place === 'resend') void again(runId, text);
    // In its own place: what is typed in the composer stays as it is.
    else if (place === 'edit') editSent();
    else if (place === 'model') picker.current?.click();
    else window.location.reload();
  };

  /** ↑: the last message that waits, else the last one that was sent. */
  const editLast = (): boolean => {
    const waiting = items.at(-1);
    if (waiting !== undefined) {
      setEditing({ sessionId, queueId: waiting.id });
      return true;
    }
    return editSent();
  };

  return (
    <>
      <PageHeader title={title}>
        <HeaderState sessionId={sessionId} />
      </PageHeader>
      <div ref={whole} className="relative flex min-h-0 flex-1 flex-col">
        {dragging && <DropVeil icon={Paperclip} text={t('attach.drop')} />}
        {isNew ? (
          welcome
        ) : (
          <Conversation
            key={sessionId}
            ref={conversation}
            onFindClosed={() => composer.current?.focus()}
            sessionId={sessionId}
            title={title}
            profiles={profiles}
            answerer={answererKind === 'demo' ? t('chat.demoAnswerer') : answerer}
            mendKey={mendKey}
            onQuote={(text) => composer.current?.add(text)}
            onSend={(text) => composer.current?.send(text)}
            onRemedy={mend}
            onFailure={(error) => composer.current?.report(error)}
          />
        )}
        <div className="flex-none pb-2">
          <div className="column relative">
            <Fragment key={`queue of ${sessionId}`}>
              {queue({
                sessionId,
                items,
                paused,
                running,
                model,
                profile,
                ended,
                editingId: editing?.sessionId === sessionId ? editing.queueId : null,
                onEditing: (queueId) => setEditing(queueId === null ? null : { sessionId, queueId }),
                onKeep: (text, files) => {
                  if (text !== '') keepText(sessionId, text);
                  useAttachmentStore.getState().putBack(sessionId, files);
                },
              })}
            </Fragment>
            <Composer
              key={sessionId}
              ref={composer}
              sessionId={sessionId}
              quiet={quietSend || rewriting || (paused !== null && items.length > 0)}
              canSteer={canSteer}
              prompts={prompts}
              onPrompt={onPrompt}
              onStarted={() => conversation.current?.showEnd()}
              onEditLast={editLast}
              placeholder={t(running ? 'composer.placeholderRunning' : 'composer.placeholder')}
              picker={
                <>
                  <ProfilePicker
                    sessionId={sessionId}
                    profiles={profiles}
                    defaultProfile={settled ? defaultProfile : null}
                    buttonRef={picker}
                    onChosen={() => composer.current?.focus()}
                    onFailure={(error) => composer.current?.report(error)}
                  />
                  <FitNote
                    sessionId={sessionId}
                    profiles={profiles}
                    defaultProfile={defaultProfile}
                    onOtherModel={() => picker.current?.click()}
                    onSettings={onOpenSettings}
                  />
                </>
              }
              strip={
                isNew ? (
                  newStrip
                ) : (
                  <>
                    <ContextMeter
                      sessionId={sessionId}
                      isAgent={answererKind === 'hermes'}
                      onFailure={(error) => composer.current?.report(error)}
                      onNothing={() => composer.current?.hint('compaction.nothing')}
                    />
                    {/* Whole or not at all: half a hint is none. */}
                    <div className="@container min-w-0 flex-1 max-wide:hidden">
                      <p className="hidden truncate text-right @xs:block">
                        {t(running ? 'composer.keysRunning' : 'composer.keys', {
                          send: fixedKeyText('send'),
                          newLine: fixedKeyText('newLine'),
                          interrupt: fixedKeyText('interrupt'),
                          stop: fixedKeyText('stop'),
                        })}
                      </p>
                    </div>
                  </>
                )
              }
            />
          </div>
        </div>
      </div>
    </>
  );
}
