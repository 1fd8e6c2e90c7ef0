import type { AppError } from '#contract/errors';
import { changedParameters, hasParameters } from '#contract/model-parameters';
import type { ProfileRecord, SessionRecord } from '#contract/records';
import { chatSink, useChatStore } from './features/chat/chat-store.ts';
import type { Choice } from './features/chat/kept-choice.ts';
import { ModelButton } from './features/chat/models/model-button.tsx';
import { type ConversationChoice, ConversationSettings } from './features/sessions/conversation-settings.tsx';
import { useSessionsStore } from './features/sessions/sessions-store.ts';
import type { SessionActions, SessionChange } from './features/sessions/use-session-actions.ts';
import { SessionSpend } from './features/usage/session-spend.tsx';
import { useCore } from './ipc/use-api.ts';

interface ConversationPanelProps {
  sessionId: string;
  isNew: boolean;
  record: SessionRecord | undefined;
  profiles: ProfileRecord[];
  defaultProfile: string;
  canChooseFolder: boolean;
  actions: SessionActions;
  onOpen: (sessionId: string) => void;
  onClose: () => void;
}

/** A new conversation is not stored yet: what is chosen for it goes out with its first message. */
function valueOfNew(choice: Choice): ConversationChoice {
  const { profile = null, model = null, workspace = null, instructions = null, parameters = {} } = choice;
  return { profile, model, workspace, instructions, parameters };
}

function changedChoice(choice: Choice, change: SessionChange): Choice {
  const { parameters: wished, ...rest } = change;
  const merged = Object.entries({ ...choice, ...rest }).filter(([, value]) => typeof value === 'string');
  const parameters = changedParameters(choice.parameters ?? {}, wished ?? {});
  return { ...Object.fromEntries(merged), ...(hasParameters(parameters) ? { parameters } : {}) };
}

/** The settings of the open conversation, wherever they are kept at the moment. */
export function ConversationPanel(props: ConversationPanelProps) {
  const { sessionId, isNew, record, actions, onOpen, ...rest } = props;
  const choice = useChatStore((state) => state.choices[sessionId]);
  const originId = record?.forkedFromSessionId ?? null;
  const origin = useSessionsStore((state) => state.sessions?.find((session) => session.id === originId) ?? null);
  const choose = useChatStore((state) => state.choose);
  const { api } = useCore();

  /** At once, so that a message that is sent in the next moment has it. */
  const changeNew = async (wish: SessionChange): Promise<AppError | null> => {
    const now = () => useChatStore.getState().choices[sessionId] ?? {};
    const before = now().workspace ?? null;
    choose(sessionId, changedChoice(now(), wish));
    if (wish.workspace == null) return null;
    // A folder that cannot be worked in is told here, and not with the first message only.
    const answer = await api.request('app.check_folder', { path: wish.workspace });
    if (answer.ok) return null;
    if (now().workspace === wish.workspace) choose(sessionId, changedChoice(now(), { workspace: before }));
    return answer.error;
  };
  const change = async (wish: SessionChange): Promise<AppError | null> => {
    if (isNew) return changeNew(wish);
    const error = await actions.update(sessionId, wish);
    if (error !== null) return error;
    const { sessions, archived } = useSessionsStore.getState();
    const stored = [...(sessions ?? []), ...(archived ?? [])].find((session) => session.id === sessionId);
    if (stored !== undefined) chatSink.setSession(stored);
    // What was chosen for the next message only would win over what now holds for all.
    if (wish.profile !== undefined || wish.model !== undefined) choose(sessionId, {});
    return null;
  };

  if (!isNew && record === undefined) return null;
  return (
    <ConversationSettings
      // Another conversation begins with fields of its own; what is unsaved in these is stored where it belongs.
      key={sessionId}
      {...rest}
      value={isNew || record === undefined ? valueOfNew(choice ?? {}) : record}
      isNew={isNew}
      origin={origin}
      onOpen={onOpen}
      onChange={change}
      modelField={(slot) => <ModelButton key={slot.profile.id} {...slot} />}
    >
      {!isNew && <SessionSpend sessionId={sessionId} />}
    </ConversationSettings>
  );
}
